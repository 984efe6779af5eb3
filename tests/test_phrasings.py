"""The training examples: enough of them, all different, and none that measures."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from faq.documents import load_documents
from faq.intents import SMALL_TALK
from faq.phrasings import Phrasing, read_phrasings, same_words
from faq.reply import OUT_OF_SCOPE

ROOT = Path(__file__).resolve().parents[1]
TOPICS = [section.intent for document in load_documents(ROOT / "data" / "documents") for section in document.sections]
LEAST = {**dict.fromkeys(TOPICS, 150), **dict.fromkeys(SMALL_TALK, 30), OUT_OF_SCOPE: 300}
SAME_BEGINNING = 0.03
"""Share of an intent's phrasings that may begin with the same three words; three always may. More are a template."""


@pytest.fixture(scope="module")
def phrasings() -> tuple[Phrasing, ...]:
    return read_phrasings(ROOT / "data" / "nlu")


def of(phrasings: tuple[Phrasing, ...], intent: str) -> list[Phrasing]:
    """Those that ask only this."""
    return [phrasing for phrasing in phrasings if phrasing.intents == (intent,)]


@pytest.mark.parametrize(("intent", "least"), LEAST.items())
def test_phrasings_are_enough(phrasings: tuple[Phrasing, ...], intent: str, least: int) -> None:
    assert len(of(phrasings, intent)) >= least


def test_phrasings_near_misses_are_at_least_half_of_what_is_refused(phrasings: tuple[Phrasing, ...]) -> None:
    refused = of(phrasings, OUT_OF_SCOPE)
    near = [phrasing for phrasing in refused if phrasing.file == "near_misses.yml"]
    assert 2 * len(near) >= len(refused)


def test_phrasings_do_not_repeat(phrasings: tuple[Phrasing, ...]) -> None:
    places: dict[str, list[str]] = {}
    for phrasing in phrasings:
        places.setdefault(same_words(phrasing.text), []).append(phrasing.place)
    assert {text: where for text, where in places.items() if len(where) > 1} == {}


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "evaluation").glob("*.csv")), ids=lambda path: path.name)
def test_phrasings_hold_no_message_that_measures(phrasings: tuple[Phrasing, ...], path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        kept_apart = {same_words(row["text"]) for row in csv.DictReader(file)}
    assert len(kept_apart) > 100
    assert [phrasing for phrasing in phrasings if same_words(phrasing.text) in kept_apart] == []


@pytest.mark.parametrize("intent", LEAST)
def test_phrasings_are_no_template(phrasings: tuple[Phrasing, ...], intent: str) -> None:
    words = [same_words(phrasing.text).split() for phrasing in phrasings if intent in phrasing.intents]
    beginnings = Counter(" ".join(each[:3]) for each in words if len(each) >= 3)
    assert {begin: count for begin, count in beginnings.items() if count > max(3, SAME_BEGINNING * len(words))} == {}


def test_phrasings_in_a_topics_file_are_of_that_topic(phrasings: tuple[Phrasing, ...]) -> None:
    wrong = [p.place for p in phrasings if p.file.removesuffix(".yml") in LEAST and p.intents[0] + ".yml" != p.file]
    assert wrong == []
    assert {f"{intent}.yml" for intent in TOPICS} <= {phrasing.file for phrasing in phrasings}
