"""Which messages belong to which slice, by notes and by words."""

from __future__ import annotations

from pathlib import Path

import pytest

from maintain.scoring import Labelled, Outcome
from maintain.slices import LONG, SLICES, by_slice

TOPICS = frozenset({"heat", "time"})
WORDS = 'complaint = "steep* tea"\npeople = "son mother"\n'


@pytest.fixture
def vocabulary(tmp_path: Path) -> Path:
    """Words about tea."""
    path = tmp_path / "words.toml"
    path.write_text(WORDS, encoding="utf-8")
    return path


def outcome(text: str, note: str, asked: str, understood: str = "heat") -> Outcome:
    label = Labelled("m1", text, frozenset(asked.split("+")), (), "none", note)
    return Outcome(label, frozenset(understood.split("+")), "none")


@pytest.mark.parametrize(
    ("text", "note", "asked", "slices"),
    [
        ("how hot should tea be", "", "heat", set()),
        ("how long may steeping take", "", "heat", set()),
        ("how hot should it be", "", "heat", {"no mention of the topic"}),
        ("is team work hot or not", "", "heat", {"no mention of the topic"}),
        ("how hot should tea be", "no mention of tea", "heat", {"no mention of the topic"}),
        ("tea how hot", "", "heat", {"keyword"}),
        ("how hot should tea be", "keyword; cause", "heat", {"keyword"}),
        ("how hot should tea be", "far: keyword", "heat", set()),
        ("how hot shold tea be", "sms; typos", "heat", {"typos"}),
        ("tea " * LONG, "", "heat", {"long"}),
        ("how hot should tea be", "long", "heat", {"long"}),
        ("how hot does my old mother like tea", "", "heat", {"third person"}),
        ("how hot does SHE like tea", "", "heat", {"third person"}),
        ("how hot should the tea of a mother be", "", "heat", set()),
        ("how hot should tea be and how long", "", "heat+time", {"two intents"}),
        ("hot milk", "near miss: milk", "out_of_scope", {"near miss"}),
        ("hot milk", "", "out_of_scope", set()),
        ("how hot should tea be", "near miss", "heat", set()),
        ("hello", "", "greet", set()),
        ("tea how hot", "intents: do not score", "heat", set()),
    ],
)
def test_slices_belong(text: str, note: str, asked: str, slices: set[str], vocabulary: Path) -> None:
    rates = by_slice([outcome(text, note, asked)], TOPICS, vocabulary)
    assert [rate.name for rate in rates] == list(SLICES)
    assert {rate.name for rate in rates if rate.total} == slices


def test_slices_count_what_is_right(vocabulary: Path) -> None:
    outcomes = [outcome("tea hot", "", "heat"), outcome("tea hot", "", "heat", "time")]
    (keyword,) = [rate for rate in by_slice(outcomes, TOPICS, vocabulary) if rate.name == "keyword"]
    assert (keyword.hits, keyword.total) == (1, 2)
