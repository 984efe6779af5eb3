"""What an edit of a document touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from maintain import check
from maintain.manifest import sentences
from maintain.models import Models
from maintain.settings import ROOT
from maintain.touched import edits, faults, is_alike, phrasings, questions, touched
from tests.maintain.small_project import add_model, small_project

GONE = "In summer that is about twice a week, in winter once in ten days."
PHRASING = """version: "3.1"
nlu:
- intent: watering
  examples:
  - text: |
      how often
    metadata:
      sentence: "In summer"
"""


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project with a current model, a phrasing, a labelled question and a rule that lean on one sentence."""
    made = small_project(tmp_path)
    (tmp_path / "data/nlu/sentences.yml").write_text(PHRASING)
    (tmp_path / "tests/passages").mkdir()
    (tmp_path / "tests/passages/questions.csv").write_text(
        "question,section,opening,also\nhow many times?,watering,Most plants,In summer that\n"
    )
    rules = tmp_path / "data/triage/emergency.toml"
    rules.write_text(
        rules.read_text().replace("Made up", "The article: in summer about twice a week, winter once ten days. Made up")
    )
    made.promote(add_model(made, "one"))
    return made


def edit(root: Path, old: str, new: str) -> None:
    (document,) = (root / "data/documents").glob("*.md")
    assert old in document.read_text()
    document.write_text(document.read_text().replace(old, new))


def test_touched_says_nothing_of_an_unchanged_document(models: Models) -> None:
    assert check.document_edits(models.root, models) == ([], [])


def test_touched_names_phrasing_question_and_rule(models: Models) -> None:
    edit(models.root, "about twice a week", "about thrice a week")
    edited, leaning = check.document_edits(models.root, models)
    assert edited == [
        f"window-sill-plants#watering, gone: {GONE}",
        f"window-sill-plants#watering, new: {GONE.replace('twice', 'thrice')}",
    ]
    assert [line.partition(": ")[0] for line in leaning] == [
        "data/nlu/sentences.yml, line 6",
        "tests/passages/questions.csv, line 2",
        "data/triage, rule 'poisoned'",
    ]


def test_touched_shows_a_new_section_as_new(models: Models) -> None:
    (document,) = (models.root / "data/documents").glob("*.md")
    document.write_text(document.read_text() + "\n## Which soil? {#soil}\n\nAny soil will do.\n")
    assert check.document_edits(models.root, models) == (["window-sill-plants#soil, new: Any soil will do."], [])


def test_touched_finds_openings_that_name_no_sentence(models: Models) -> None:
    assert faults(models.root, sentences(models.root)) == []
    edit(models.root, "In summer", "During summer")
    first, second = faults(models.root, sentences(models.root))
    assert first.startswith("[CHK13] data/nlu/sentences.yml, line 6: 0 sentences begin with 'In summer'")
    assert second.startswith("[CHK13] tests/passages/questions.csv, line 2: 0 sentences begin with 'In summer that'")


def test_touched_without_a_model_says_nothing(tmp_path: Path) -> None:
    assert check.document_edits(tmp_path, Models(tmp_path / "models", tmp_path)) == ([], [])


@pytest.mark.parametrize(("source", "alike"), [(f"The article: {GONE}", True), ("NHS: call 999 in winter", False)])
def test_touched_rules_are_alike_by_their_words(source: str, alike: bool) -> None:
    assert is_alike(source, GONE) is alike


def test_touched_edits_of_a_document_that_is_gone() -> None:
    assert edits({"a": [["one", "Gone."]]}, {}) == ["a#one, gone: Gone."]


def test_touched_lines_are_where_the_phrasings_stand() -> None:
    """On this project's own files: the line holds the text."""
    for each in phrasings(ROOT / "data" / "nlu"):
        name, _, line = each.place.partition(", line ")
        assert (ROOT / name).read_text(encoding="utf-8").splitlines()[int(line) - 1].strip() == each.about
    assert len(list(questions(ROOT / "tests/passages/questions.csv"))) >= 150


def test_touched_finds_something_for_each_sentence_that_a_phrasing_names() -> None:
    now = sentences(ROOT)
    named = {each.opening for each in phrasings(ROOT / "data" / "nlu")}
    (document,) = now
    for opening in sorted(named):
        rest = {document: [each for each in now[document] if not each[1].startswith(opening)]}
        assert touched(ROOT, now, rest)
