"""Counts intent by intent, and what was taken for what."""

from __future__ import annotations

from maintain.scoring import by_intent, confusion
from tests.maintain.cases import case

OUTCOMES = [
    each.outcome
    for each in (
        case("heat", "heat"),
        case("heat", "time"),
        case("heat+time", "heat"),
        case("time", "heat", alternatives=("heat",)),
        case("out_of_scope", "heat"),
        case("time", "greet", note="intents: do not score"),
    )
]


def test_scoring_counts_each_intent() -> None:
    counted = by_intent(OUTCOMES)
    assert list(counted) == ["heat", "out_of_scope", "time"]
    assert {name: [(rate.hits, rate.total) for rate in pair] for name, pair in counted.items()} == {
        "heat": [(2, 3), (3, 4)],
        "out_of_scope": [(0, 1), (0, 0)],
        "time": [(1, 2), (0, 1)],
    }
    assert [rate.name for rate in counted["heat"]] == ["heat, recall", "heat, precision"]


def test_scoring_confusion_counts_sets() -> None:
    assert confusion(OUTCOMES) == {
        ("heat", "heat"): 1,
        ("heat", "time"): 1,
        ("heat+time", "heat"): 1,
        ("time", "time"): 1,  # right by an alternative
        ("out_of_scope", "heat"): 1,
    }
