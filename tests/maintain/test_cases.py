"""Parse data of different pipelines, and what a case says of itself."""

from __future__ import annotations

import pytest

from maintain.cases import Understood
from tests.maintain.cases import case

RANKING = [{"name": "out_of_scope", "confidence": 0.6}, {"name": "heat", "confidence": 0.3}]


def test_cases_read_what_this_projects_pipeline_says() -> None:
    read = Understood.from_parse_data(
        {
            "text": "hot?",
            "intent": {"name": "out_of_scope", "confidence": 0.8},
            "intents": [{"name": "out_of_scope", "confidence": 0.8}],
            "intent_ranking": [{"name": "heat", "confidence": 0.7}, {"name": "time", "confidence": 0.1}],
            "refusal": {"score": 0.2, "threshold": 0.55, "refused": True, "nearest": "how hot"},
        }
    )
    assert read.intents == {"out_of_scope"}
    assert (read.best, read.score, read.threshold, read.confidence) == ("heat", 0.2, 0.55, 0.8)


def test_cases_read_several_intents() -> None:
    several = [{"name": "heat", "confidence": 0.9}, {"name": "time", "confidence": 0.8}]
    read = Understood.from_parse_data({"text": "", "intent": several[0], "intents": several, "intent_ranking": several})
    assert read.intents == {"heat", "time"}


@pytest.mark.parametrize("refusal", ["nlu_fallback", "out_of_scope"])
def test_cases_read_a_pipeline_of_rasas(refusal: str) -> None:
    first = {"name": refusal, "confidence": 0.6}
    read = Understood.from_parse_data({"text": "hot?", "intent": first, "intent_ranking": [first, RANKING[1]]})
    assert read.intents == {"out_of_scope"}
    assert (read.best, read.score, read.threshold) == ("heat", 0.3, None)


@pytest.mark.parametrize(
    ("note", "alternatives", "decides"),
    [("", (), True), ("", ("time",), True), ("", ("out_of_scope",), False), ("intents: do not score", (), False)],
)
def test_cases_decide_scope_where_the_label_is_firm(note: str, alternatives: tuple[str, ...], decides: bool) -> None:
    assert case("heat", "heat", note=note, alternatives=alternatives).decides_scope is decides


@pytest.mark.parametrize(
    ("asked", "understood", "badness"),
    [("heat", "out_of_scope", 0.7), ("out_of_scope", "heat", 0.3), ("heat", "time", 0.8)],
)
def test_cases_are_bad_as_the_pipeline_was_sure(asked: str, understood: str, badness: float) -> None:
    assert case(asked, understood, score=0.3, confidence=0.8).badness == pytest.approx(badness)
