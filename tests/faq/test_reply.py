"""The parts of a reply keep the contract."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from faq import reply
from faq.documents import Document
from faq.emergency import Contact, Contacts
from faq.triage import Assessment
from tests.contract_reply import check_part, check_reply, rendered


def answer(tea: Document) -> reply.Part:
    section = tea.sections[1]
    return reply.answer(tea, section, section.passages)


def recommendation(urgency: Any = "doctor") -> reply.Part:
    advice = "utter_doctor" if urgency == "doctor" else "utter_emergency"
    assessment = Assessment(urgency, "lasting", ("three weeks", "numb"), "A book", advice)
    return reply.recommendation(assessment, "time", Contacts(Contact("999", "999"), Contact("a crisis line")))


def test_reply_answer_quotes_the_document(tea: Document) -> None:
    message = rendered(answer(tea))
    check_part(message, [tea])
    assert message["text"].startswith("Three minutes are enough. Longer makes it bitter.")
    assert tea.sections[1].heading in message["text"]
    assert message["custom"]["source"]["url"] == "https://example.org/tea#time"


@pytest.mark.parametrize("urgency", ["doctor", "emergency"])
def test_reply_recommendation_gives_its_reasons(tea: Document, urgency: str) -> None:
    message = rendered(recommendation(urgency))
    check_part(message, [tea])
    assert message["custom"]["doctor"]["because"] == ["three weeks", "numb"]
    assert "“three weeks”, “numb”" in message["text"]


def test_reply_buttons_name_every_section(tea: Document) -> None:
    part = reply.Part("no_answer", "utter_no_answer", "out_of_scope", buttons=reply.topic_buttons(tea.sections))
    message = rendered(part)
    check_part(message, [tea])
    assert message["buttons"] == [
        {"title": "How hot should the water be?", "payload": "/heat"},
        {"title": "How long should tea steep?", "payload": "/time"},
    ]


def test_reply_with_two_answers_and_a_recommendation_keeps_the_contract(tea: Document) -> None:
    heat = reply.answer(tea, tea.sections[0], tea.sections[0].key_passages)
    check_reply([rendered(part) for part in (heat, answer(tea), recommendation())], [tea])


def test_reply_emergency_says_what_to_dial_where_it_is_known(tea: Document) -> None:
    assert rendered(recommendation("emergency"))["custom"]["doctor"]["call"] == {"emergency": "999", "crisis": None}
    assert "call" not in rendered(recommendation())["custom"]["doctor"]


def test_reply_without_advice_is_not_said(contacts: Contacts) -> None:
    with pytest.raises(ValueError, match="without advice"):
        reply.recommendation(Assessment("none"), "time", contacts)


@pytest.mark.parametrize(
    "order",
    [
        [],
        ["answer", "emergency"],
        ["doctor", "doctor"],
        ["answer", "answer"],
    ],
)
def test_reply_contract_finds_wrong_replies(tea: Document, order: list[str]) -> None:
    made = {"answer": answer(tea), "doctor": recommendation(), "emergency": recommendation("emergency")}
    with pytest.raises(AssertionError):
        check_reply([rendered(made[name]) for name in order], [tea])


def changed(source: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**source, **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"quotes": []},
        {"quotes": [{"text": "Three minutes are enough", "start": 0, "end": 24}]},
        {"quotes": [{"text": "invented", "start": 5, "end": 13}]},
        {"section_text": "Three minutes."},
        {"sha256": "0"},
        {"url": "https://example.org/other#time"},
        {"heading": "Another heading"},
        {"more": 1},
    ],
)
def test_reply_contract_finds_wrong_sources(tea: Document, changes: dict[str, Any]) -> None:
    part = answer(tea)
    assert part.source is not None
    with pytest.raises(AssertionError):
        check_part(rendered(replace(part, source=changed(dict(part.source), **changes))), [tea])


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "emergency"},
        {"type": "notice"},
        {"type": "other"},
        {"intent": None},
        {"doctor": None},
        {"doctor": {"urgency": "doctor", "because": [], "rule": "a", "source": "b"}},
        {"doctor": {"urgency": "doctor", "because": ["four weeks"], "rule": "a", "source": "b"}},
        {"doctor": {"urgency": "doctor", "because": ["numb"], "rule": None, "source": "b"}},
        {"variables": {"because": " "}},
        {"buttons": [reply.Button("Something else", "/time")]},
        {"buttons": [reply.Button("Delete all", "/restart")]},
    ],
)
def test_reply_contract_finds_wrong_parts(tea: Document, wrong: dict[str, Any]) -> None:
    with pytest.raises((AssertionError, KeyError)):
        check_part(rendered(replace(recommendation(), **wrong)), [tea])
