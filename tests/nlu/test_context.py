"""medspaCy is left out only where no cue would have said anything."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from nlu.context import TELLING, Context
from nlu.facts import KINDS, FactFinder

ROOT = Path(__file__).parents[2]
FACTS = ROOT / "data" / "facts"


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(FACTS / "context.toml")


@pytest.mark.parametrize("name", ["look_alikes", "red_flags"])
def test_context_says_what_medspacy_says(context: Context, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    finder = FactFinder(FACTS, lambda: date(2024, 5, 15))
    with (ROOT / "tests" / "safety" / f"{name}.csv").open(encoding="utf-8") as file:
        words = [[word.norm for word in finder._spelling.words(row["text"])] for row in csv.DictReader(file)]
    facts = [[(match.start, match.end, KINDS[file]) for file, match in finder._matches(each)] for each in words]
    found = [context.categories(*each) for each in zip(words, facts, strict=True)]
    monkeypatch.setattr(context._telling, "may_reach", lambda *_: True)
    asked = [context.categories(*each) for each in zip(words, facts, strict=True)]
    assert [[each & TELLING for each in of_text] for of_text in found] == [
        [each & TELLING for each in of_text] for of_text in asked
    ]


@pytest.mark.parametrize(
    ("text", "place", "may"),
    [
        ("i have no weakness", (3, 4, "symptom"), True),
        ("weakness . i have no idea", (0, 1, "symptom"), False),
        ("no . weakness", (2, 3, "symptom"), False),
        ("is weakness ruled out", (1, 2, "symptom"), True),
        ("ruled out weakness", (2, 3, "symptom"), True),
        ("weakness in my arm", (0, 1, "symptom"), False),
        ("what if it is als", (4, 5, "condition"), False),
        ("what if it is numb", (4, 5, "symptom"), True),
    ],
)
def test_context_asks_where_a_cue_may_reach(
    context: Context, text: str, place: tuple[int, int, str], may: bool
) -> None:
    assert context._telling.may_reach(text.split(), [place]) is may
