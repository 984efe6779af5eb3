"""The command ``add``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from maintain import add
from tests.maintain.review.project import FILES, contents, make_project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def run(root: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    add.add_arguments(parser)
    return add.run(parser.parse_args(words), root)


@pytest.mark.parametrize(
    ("words", "file", "added"),
    [
        (["--intent", "heat", "does it boil"], "heat.yml", "    - does it boil\n"),
        (["--intent", "out_of_scope", "does it boil"], "out_of_scope.yml", "    - does it boil\n"),
        (["--intent", "out_of_scope", "--near-miss", "does it boil"], "near_misses.yml", "    - does it boil\n"),
        (
            ["--intent", "time", "--also", "heat", "done and hot"],
            "two_questions.yml",
            "done and hot\n    metadata:\n      also: time\n",
        ),
        (
            ["--intent", "time", "--sentence", "An hour", "sixty"],
            "sentences.yml",
            'sixty\n    metadata:\n      sentence: "An hour"\n',
        ),
    ],
)
def test_add_puts_a_phrasing_where_it_belongs(
    root: Path, words: list[str], file: str, added: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, *words) == 0
    assert added in contents(root)[file]
    shown = capsys.readouterr()
    assert "1 phrasing(s) added." in shown.out
    assert f"+++ b/data/nlu/{file}" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--intent", "heat", "how hot is the water!"], "LBL07"),
        (["--intent", "heat", "--yes", "does it get hotter at noon"], "LBL08"),
        (["--intent", "cold", "--yes", "does it boil"], "LBL04"),
        (["--intent", "heat", "--also", "greet", "--yes", "does it boil"], "LBL05"),
        (["--intent", "heat", "--also", "heat", "--yes", "does it boil"], "LBL05"),
        (["--intent", "heat", "--yes", ""], "LBL01"),
        (["--intent", "heat", "--yes", "a" * 501], "LBL02"),
        (["--intent", "heat", "how long does it take now"], "LBL10"),
        (["--intent", "heat", "does it get hotter, at noons"], "LBL09"),
        (["--intent", "heat", "my name is Hannah and I boil"], "LBL11"),
    ],
)
def test_add_says_what_speaks_against_it(
    root: Path, words: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, *words) == 1
    assert code in capsys.readouterr().err
    assert contents(root) == FILES


def test_add_takes_a_conflict_when_told_to(root: Path) -> None:
    assert run(root, "--intent", "heat", "--yes", "how long does it take now") == 0


def test_add_dry_run_writes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "--intent", "heat", "--dry-run", "does it boil") == 0
    assert "would be added" in capsys.readouterr().out
    assert contents(root) == FILES


@pytest.mark.parametrize(("text", "code", "added"), [("does it boil", 0, 1), ("how hot is the water", 1, 0)])
def test_add_speaks_json(root: Path, text: str, code: int, added: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(root, "--intent", "heat", "--json", text) == code
    said = json.loads(capsys.readouterr().out)
    assert (said["added"], said["stopped"], said["items"][0]["file"]) == (added, bool(code), "heat.yml")
    assert bool(said["items"][0]["findings"]) == bool(code)
