"""The parts of a reply, as the widget and every other channel get them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faq.documents import Document, Passage, Section
from faq.emergency import Contacts
from faq.triage import Assessment

OUT_OF_SCOPE = "out_of_scope"
"""Intent of what the documents do not answer."""


@dataclass(frozen=True)
class Button:
    """Something the reader can press.

    Attributes:
        title: what stands on it.
        payload: what the server gets, such as ``/duration``.
    """

    title: str
    payload: str


@dataclass(frozen=True)
class Part:
    """One message of a reply.

    Attributes:
        type: ``answer | doctor | emergency | clarify | no_answer | smalltalk | notice``.
        response: name of the fixed phrase in ``domain.yml`` that makes the text.
        intent: the intent that this part answers; None for a notice.
        variables: what the phrase's ``{placeholders}`` are filled with.
        source: of an answer: where its quotes stand.
        doctor: of a recommendation: its urgency and reasons; of an emergency also the numbers to ``call``, or null.
        buttons: what can be pressed.
    """

    type: str
    response: str
    intent: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    source: Mapping[str, Any] | None = None
    doctor: Mapping[str, Any] | None = None
    buttons: Sequence[Button] = ()

    def as_message(self) -> dict[str, Any]:
        """The part as keyword arguments of rasa-sdk's ``dispatcher.utter_message``."""
        custom: dict[str, Any] = {"type": self.type, "intent": self.intent}
        if self.source is not None:
            custom["source"] = dict(self.source)
        if self.doctor is not None:
            custom["doctor"] = dict(self.doctor)
        return {
            "response": self.response,
            "json_message": custom,
            "buttons": [{"title": button.title, "payload": button.payload} for button in self.buttons],
            **self.variables,
        }


def answer(document: Document, section: Section, quotes: Sequence[Passage]) -> Part:
    """An answer in the document's own words.

    Args:
        document: the article.
        section: the section that answers the intent.
        quotes: sentences of the document, best first, at least one.

    Returns:
        The part; each quote equals ``document.text[start:end]``.
    """
    source = {
        "document": document.id,
        "section": section.id,
        "heading": section.heading,
        "url": f"{document.url}#{section.id}",
        "sha256": document.sha256,
        "quotes": [{"text": quote.text, "start": quote.start, "end": quote.end} for quote in quotes],
        "section_text": section.text,
    }
    words = " ".join(quote.text for quote in quotes)
    return Part("answer", "utter_answer", section.intent, {"heading": section.heading, "quotes": words}, source=source)


def recommendation(assessment: Assessment, intent: str, contacts: Contacts) -> Part:
    """A doctor's recommendation, or an emergency.

    Args:
        assessment: with an urgency other than ``none``.
        intent: what the message asked.
        contacts: whom to call.

    Returns:
        The part, with the reasons in the reader's words.

    Raises:
        ValueError: the assessment advises nothing.
    """
    if assessment.advice is None:
        raise ValueError("an assessment without advice is not said")
    doctor: dict[str, Any] = {
        "urgency": assessment.urgency,
        "because": list(assessment.because),
        "rule": assessment.rule,
        "source": assessment.source,
    }
    variables = {
        "because": ", ".join(f"“{words}”" for words in assessment.because),
        "emergency_number": contacts.emergency.words,
        "crisis_line": contacts.crisis.words,
    }
    if assessment.urgency == "emergency":
        doctor["call"] = {"emergency": contacts.emergency.number, "crisis": contacts.crisis.number}
    return Part(assessment.urgency, assessment.advice, intent, variables, doctor=doctor)


def topic_buttons(sections: Sequence[Section]) -> tuple[Button, ...]:
    """One button a section, with its heading.

    Args:
        sections: what can be asked.

    Returns:
        The buttons in the same order.
    """
    return tuple(Button(section.heading, f"/{section.intent}") for section in sections)
