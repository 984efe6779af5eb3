"""The command ``export``: nothing is lost, and nothing personal leaves."""

from __future__ import annotations

import argparse
import csv
import io
import json
from pathlib import Path

import pytest
import yaml

from faq.errors import PhrasingError
from faq.phrasings import read_phrasings
from maintain import export
from maintain.exchange import read_data, read_file
from maintain.review.decisions import IGNORED, LABELLED, Decision, Decisions, review_database
from maintain.settings import ROOT, Settings
from tests.maintain.review.project import CONVERSATIONS, THUMBS, make_database, make_project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


def run(root: Path, *words: str) -> int:
    parser = argparse.ArgumentParser()
    export.add_arguments(parser)
    return export.run(parser.parse_args(words), root)


@pytest.mark.parametrize("format", ["csv", "yaml"])
@pytest.mark.parametrize("real", [False, True])
def test_export_holds_every_phrasing_with_its_metadata(tmp_path: Path, root: Path, format: str, real: bool) -> None:
    root = ROOT if real else root
    path = tmp_path / f"out.{format}"
    assert run(root, "--format", format, "--output", str(path)) == 0
    given = {(each.phrase.text, each.phrase.intents, each.phrase.sentence) for each in read_file(path, format)}
    assert given == {(each.text, each.intents, each.sentence) for each in read_data(root / "data" / "nlu")}
    assert len(given) == len(read_phrasings(root / "data" / "nlu"))


def test_export_yaml_is_what_rasa_reads(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(root, "--format", "yaml")
    data = yaml.safe_load(capsys.readouterr().out)
    assert data["version"] == "3.1"
    assert {block["intent"] for block in data["nlu"]} == {"heat", "time", "out_of_scope", "greet"}
    assert all(isinstance(block["examples"], (str, list)) for block in data["nlu"])


def test_export_csv_has_the_file_and_the_second_intent(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(root, "--intent", "time")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {
        "text": "how hot and how long",
        "intent": "heat",
        "also": "time",
        "sentence": "",
        "file": "two_questions.yml",
    } in rows
    assert all("time" in (row["intent"], row["also"]) for row in rows)
    assert len(rows) == 4


def test_export_speaks_json(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(root, "--json", "--intent", "greet")
    assert json.loads(capsys.readouterr().out) == [
        {"text": "hello", "intents": ["greet"], "sentence": "", "file": "small_talk.yml"}
    ]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_export_reviewed_messages_are_masked(
    root: Path, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    database = make_database(tmp_path / "talk.db", CONVERSATIONS, THUMBS)
    monkeypatch.setenv("FAQ_DATABASE", str(database))
    decisions = Decisions(review_database(Settings.from_environment({"FAQ_DATABASE": str(database)})))
    decisions.keep(Decision("d1", LABELLED, ("heat", "time"), "two_questions.yml", "0" * 64), [("c4", "m1")])
    decisions.keep(Decision("d2", IGNORED), [("c1", "m2"), ("gone", "m1")])
    assert run(root, "--reviewed", *(["--json"] if form == "json" else [])) == 0
    out = capsys.readouterr().out
    rows = json.loads(out) if form == "json" else list(csv.DictReader(io.StringIO(out)))
    assert "Hannah" not in out
    assert [(row["text"], row["outcome"], row["intents"], row["helpful"]) for row in rows] == [
        ("I am [name], my hand is scalded, call [phone]", "labelled", "heat+time", ""),
        ("how hot is the water", "ignored", "", "yes"),
    ]


@pytest.mark.parametrize("text", ['=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\t=1"])
def test_export_of_what_readers_wrote_is_no_formula(text: str) -> None:
    row = dict.fromkeys(export.REVIEWED, "") | {"text": text}
    (written,) = csv.DictReader(io.StringIO(export._rows_as_text([row], as_json=False)))
    assert written["text"] == f"'{text}"
    assert json.loads(export._rows_as_text([row], as_json=True)) == [row]


def test_export_says_what_it_cannot_write(root: Path, tmp_path: Path) -> None:
    with pytest.raises(PhrasingError, match="EXP01"):
        run(root, "--output", str(tmp_path / "no" / "such" / "folder.csv"))
