"""Rasa's parse data as plain values."""

from __future__ import annotations

from typing import Any

import pytest

from faq.reply import OUT_OF_SCOPE
from faq.triage import Fact
from faq.understanding import RankedPassage, Understanding


@pytest.mark.parametrize(
    ("data", "intents"),
    [
        ({"intent": {"name": "heat", "confidence": 0.9}}, ("heat",)),
        ({"intent": {"name": "heat"}, "intents": [{"name": "time"}, {"name": "heat"}]}, ("time", "heat")),
        ({"intent": {"name": "heat"}, "intents": []}, ("heat",)),
        ({"intent": {"name": OUT_OF_SCOPE}, "intents": [{"name": OUT_OF_SCOPE}]}, (OUT_OF_SCOPE,)),
        ({"intent": {"name": None, "confidence": 0.0}}, (OUT_OF_SCOPE,)),
        ({"intent": None}, (OUT_OF_SCOPE,)),
        ({}, (OUT_OF_SCOPE,)),
    ],
)
def test_understanding_reads_the_intents(data: dict[str, Any], intents: tuple[str, ...]) -> None:
    assert Understanding.from_parse_data(data).intents == intents


def test_understanding_reads_what_the_pipeline_adds() -> None:
    read = Understanding.from_parse_data(
        {
            "intent": {"name": "heat"},
            "close_intents": ["heat", "time"],
            "passages": [{"section": "heat", "start": 3, "end": 9, "score": 0.5}],
            "entities": [{"entity": "duration", "value": 21.0, "text": "three weeks", "negated": True, "start": 0}],
        }
    )
    assert read.close == ("heat", "time")
    assert read.passages == (RankedPassage("heat", 3, 9, 0.5),)
    assert read.facts == (Fact("duration", 21.0, "three weeks", negated=True),)


def test_understanding_of_a_button_has_no_ranking() -> None:
    data = {"text": "/heat", "intent": {"name": "heat", "confidence": 1.0}, "entities": []}
    read = Understanding.from_parse_data(data)
    assert read == Understanding(("heat",))
