"""The command ``import``: everything or nothing, and errors that name the line."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path

import pytest

from faq.errors import PhrasingError
from maintain import export
from tests.maintain.review.project import FILES, contents, make_project

command = import_module("maintain.import_")

CSV = 'text,intent,also,sentence\ndoes it boil,heat,,\n"done, and hot?",time,heat,\nsixty minutes,time,,An hour\n'
YAML = """version: "3.1"
nlu:
- intent: heat
  examples: |
    - does it boil
    - how steamy is it
- intent: heat
  examples:
  - text: |
      steamy until when
    metadata:
      also: time
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


def run(root: Path, path: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return int(command.run(parser.parse_args([str(path), *words]), root))


def file(tmp_path: Path, name: str, content: str) -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_import_csv(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, file(tmp_path, "new.csv", CSV)) == 0
    now = contents(root)
    assert now["heat.yml"] == FILES["heat.yml"] + "    - does it boil\n"
    assert "      done, and hot?\n    metadata:\n      also: time\n" in now["two_questions.yml"]
    assert '      sixty minutes\n    metadata:\n      sentence: "An hour"\n' in now["sentences.yml"]
    assert "3 phrasing(s) added." in capsys.readouterr().out


def test_import_yaml(root: Path, tmp_path: Path) -> None:
    assert run(root, file(tmp_path, "new.yml", YAML)) == 0
    assert contents(root)["heat.yml"].endswith("    - does it boil\n    - how steamy is it\n")
    assert "steamy until when" in contents(root)["two_questions.yml"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("how hot is the water,heat", "line 3: 'how hot is the water': [LBL07]"),
        ("DOES IT BOIL,heat", "line 3: 'DOES IT BOIL': [LBL07] It stands at"),
        ("does it get hotter at noon,heat", "line 3: 'does it get hotter at noon': [LBL08]"),
        ("really cold?,cold", "line 3: 'really cold?': [LBL04]"),
        ("how long does it take now,heat", "line 3: 'how long does it take now': [LBL10]"),
    ],
)
def test_import_adds_nothing_where_one_row_is_wrong(
    root: Path, tmp_path: Path, row: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file(tmp_path, "new.csv", f"text,intent\ndoes it boil,heat\n{row}\n")
    assert run(root, path) == 1
    assert f"{path}, {message}" in capsys.readouterr().err
    assert contents(root) == FILES


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "words,intent\nx,heat\n", "IMP03.*line 1.*text"),
        ("a.csv", "", "IMP03.*line 1"),
        ("a.csv", "text,intent\nok then,heat\na,b,heat\n", "IMP04.*line 3"),
        ("a.csv", "text,intent\nonly text\n", "IMP04.*line 2"),
        ("a.csv", "text,intent,file\nx,heat,../../domain.yml\n", "IMP05.*line 2"),
        ("a.yml", "nlu:\n- intent: heat\n  examples: [\n", "PHR01"),
        ("a.yml", "nlu:\n- examples: x\n", "PHR02"),
    ],
)
def test_import_says_where_a_file_is_wrong(root: Path, tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(PhrasingError, match=message):
        run(root, file(tmp_path, name, content))
    assert contents(root) == FILES


def test_import_says_what_it_cannot_read(root: Path, tmp_path: Path) -> None:
    with pytest.raises(PhrasingError, match="IMP01"):
        run(root, tmp_path / "none.csv")
    (tmp_path / "latin.csv").write_bytes("text,intent\nhei\xdf,heat\n".encode("latin-1"))
    with pytest.raises(PhrasingError, match="IMP02"):
        run(root, tmp_path / "latin.csv")


@pytest.mark.parametrize("format", ["csv", "yaml"])
def test_import_of_an_export_adds_nothing(
    root: Path, tmp_path: Path, format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"all.{format}"
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    export.run(parser.parse_args(["--format", format, "--output", str(path)]), root)
    assert run(root, path) == 1
    assert run(root, path, "--skip-known") == 0
    assert "0 phrasing(s) added. 10 stood there already." in capsys.readouterr().out
    assert contents(root) == FILES


def test_import_dry_run_and_json(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, file(tmp_path, "new.csv", CSV), "--dry-run", "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["added"], said["dry_run"], len(said["items"])) == (0, True, 3)
    assert contents(root) == FILES


def test_import_takes_intents_as_the_labelled_messages_write_them(root: Path, tmp_path: Path) -> None:
    assert run(root, file(tmp_path, "new.csv", "text,intent\nhot till when,time+heat\n")) == 0
    assert "hot till when" in contents(root)["two_questions.yml"]
