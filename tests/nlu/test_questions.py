"""Where a message's questions stand."""

from __future__ import annotations

import pytest

from nlu.questions import asked_clauses, clauses

CASES = [
    ("how hot should it be", "how hot should it be", "how hot should it be"),
    ("My kettle is old, my tea is bitter. Why?", "Why?", "Why?"),
    ("why is it bitter? mum says it is the pot", "why is it bitter?", "why is it bitter?"),
    ("is it the water and how long do I wait", "is it the water", "and how long do I wait"),
    ("is it the water? I boiled it twice. And when is it done?", "is it the water?", "And when is it done?"),
    ("so, how hot, I boiled it", "how hot,", "how hot,"),
    ("bitter again, third pot today", "bitter again,", "third pot today"),
    ("ok so what helps - the pot is clean", "so what helps", "so what helps"),
    ("", "", ""),
    ("?!", "?!", "?!"),
    ("whatever, the pot", "whatever,", "the pot"),
]


@pytest.mark.parametrize(("text", "first", "last"), CASES)
def test_questions_are_told_from_the_story_around_them(text: str, first: str, last: str) -> None:
    assert [text[start:end] for start, end in asked_clauses(text)] == [first, last]


def test_questions_of_a_very_long_message_are_found_quickly() -> None:
    text = "so and but " * 5000 + "how hot? " * 5000
    first, last = (text[start:end] for start, end in asked_clauses(text))
    assert first.endswith("?")
    assert last == "how hot?"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("how hot", ["how hot"]),
        (" my pot,  is it old?\nor not ", ["my pot,", "is it old?", "or not"]),
        ("is it the pot and how long …  ?!", ["is it the pot", "and how long"]),
        ("", []),
        (" ?! ", []),
    ],
)
def test_questions_clauses_keep_their_place(text: str, parts: list[str]) -> None:
    assert [text[start:end] for start, end in clauses(text)] == parts
