"""The reply contract: what every part of every reply keeps to, whoever sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from faq.documents import Document
from faq.reply import Part

ROOT = Path(__file__).resolve().parent.parent
TYPES = {"answer", "doctor", "emergency", "clarify", "no_answer", "smalltalk", "notice"}
WITHOUT_INTENT = {"notice"}
URGENT = {"doctor", "emergency"}
SOURCE_KEYS = {"document", "section", "heading", "url", "sha256", "quotes", "section_text"}


def check_reply(messages: Sequence[Mapping[str, Any]], documents: Sequence[Document]) -> None:
    """Asserts that a reply keeps the contract.

    Args:
        messages: all parts, as a channel gets them: ``text``, ``custom``, ``buttons``.
        documents: what may be quoted.
    """
    assert messages, "a reply has at least one part"
    for message in messages:
        check_part(message, documents)
    types = [message["custom"]["type"] for message in messages]
    assert "emergency" not in types[1:], "an emergency is the first part"
    assert sum(name in URGENT for name in types) <= 1, "one recommendation is enough"
    answered = [message["custom"]["intent"] for message in messages if message["custom"]["type"] == "answer"]
    assert len(set(answered)) == len(answered), "an intent is answered twice"


def check_part(message: Mapping[str, Any], documents: Sequence[Document]) -> None:
    """Asserts that one part keeps the contract.

    Args:
        message: ``text``, ``custom`` and perhaps ``buttons``.
        documents: what may be quoted.
    """
    text, custom = message["text"], message["custom"]
    assert text.strip(), "each part is complete in plain words"
    assert "{" not in text, "a placeholder was left"
    assert custom["type"] in TYPES
    assert custom["type"] in WITHOUT_INTENT or isinstance(custom["intent"], str)
    assert ("source" in custom) == (custom["type"] == "answer")
    assert ("doctor" in custom) == (custom["type"] in URGENT)
    if "source" in custom:
        _check_source(custom["source"], custom["intent"], text, documents)
    if "doctor" in custom:
        _check_doctor(custom["doctor"], custom["type"], text)
    for button in message.get("buttons") or ():
        _check_button(button, documents)


def _check_source(source: Mapping[str, Any], intent: str, text: str, documents: Sequence[Document]) -> None:
    assert set(source) == SOURCE_KEYS
    (document,) = [each for each in documents if each.id == source["document"]]
    section = document.section(intent)
    assert section is not None
    assert (source["section"], source["heading"]) == (section.id, section.heading)
    assert (source["url"], source["sha256"]) == (f"{document.url}#{section.id}", document.sha256)
    assert source["section_text"] == section.text == document.text[section.start : section.end]
    assert source["quotes"], "an answer quotes something"
    for quote in source["quotes"]:
        assert set(quote) == {"text", "start", "end"}
        assert quote["text"] == document.text[quote["start"] : quote["end"]]
        assert section.start <= quote["start"] < quote["end"] <= section.end
        assert quote["text"] in text, "plain words hold every quote"


def _check_doctor(doctor: Mapping[str, Any], kind: str, text: str) -> None:
    assert set(doctor) == {"urgency", "because", "rule", "source"} | ({"call"} if kind == "emergency" else set())
    for number in doctor.get("call", {"emergency": None, "crisis": None}).values():
        assert number is None or re.fullmatch(r"\d[\d ]*", number), "a number can be dialled"
    assert doctor["urgency"] == kind
    assert doctor["because"]
    assert all(words.strip() and words in text for words in doctor["because"]), "the reasons stand in the text"
    assert isinstance(doctor["rule"], str)
    assert isinstance(doctor["source"], str)
    assert doctor["rule"]
    assert doctor["source"]


def _check_button(button: Mapping[str, Any], documents: Sequence[Document]) -> None:
    headings = {f"/{section.intent}": section.heading for document in documents for section in document.sections}
    assert set(button) == {"title", "payload"}
    assert headings[button["payload"]] == button["title"]


def rendered(part: Part) -> dict[str, Any]:
    """Makes of a part what Rasa makes of it, with the fixed phrases of ``domain.yml``.

    Args:
        part: of a reply.

    Returns:
        The message as a channel gets it.
    """
    message = part.as_message()
    (phrase,) = phrases()[message.pop("response")]
    custom, buttons = message.pop("json_message"), message.pop("buttons")
    return {"text": phrase["text"].format(**message), "custom": custom, "buttons": buttons}


@lru_cache(maxsize=1)
def phrases() -> dict[str, list[dict[str, str]]]:
    """The fixed phrases of ``domain.yml``."""
    loaded: dict[str, list[dict[str, str]]] = yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["responses"]
    return loaded
