"""What readers wrote and what the assistant made of it, read from the events of the tracker store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from functools import cached_property
from typing import Any

from faq.reply import OUT_OF_SCOPE
from maintain.review.masking import Masked, mask

ADVICE = ("doctor", "emergency")
"""Types of a reply that recommend a doctor."""


@dataclass(frozen=True)
class Reply:
    """One message of the assistant: its type, as the reply contract names it, and its text."""

    type: str
    text: str


@dataclass(frozen=True)
class Thumb:
    """What the reader said about the answer: whether it helped, and why not."""

    helpful: bool
    reason: str


@dataclass(frozen=True)
class ReaderMessage:
    """One message of a reader.

    Attributes:
        conversation: id of the conversation.
        id: of the message.
        at: when it was written, seconds since 1970.
        text: as written; the title of a button that was pressed.
        pressed: whether a button was pressed.
        intents: what was understood, best first.
        close: two intents between which the assistant could not choose.
        ranking: intents but refusal with their confidences, best first; at most 20 (``nlu.intent_classifier``).
        score: how sure the pipeline was that it is about something known, 0 to 1; None where it does not say.
        threshold: score under which it is refused.
        nearest: the phrasing that the pipeline found nearest, or empty.
        facts: what it states: kind of fact and the reader's words.
        replies: what the assistant answered.
        advised: whether a doctor was recommended earlier in the conversation.
        thumb: what the reader said about the answer.
    """

    conversation: str
    id: str
    at: float
    text: str
    pressed: bool = False
    intents: tuple[str, ...] = ()
    close: tuple[str, ...] = ()
    ranking: tuple[tuple[str, float], ...] = ()
    score: float | None = None
    threshold: float | None = None
    nearest: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    replies: tuple[Reply, ...] = ()
    advised: bool = False
    thumb: Thumb | None = None

    @cached_property
    def key(self) -> str:
        """Names the message on the page without telling the conversation's id."""
        return hashlib.sha256(f"{self.conversation}\n{self.id}".encode()).hexdigest()[:20]

    @cached_property
    def masked(self) -> Masked:
        """The text without personal details."""
        return mask(self.text)

    @property
    def when(self) -> datetime:
        """When it was written, UTC."""
        return datetime.fromtimestamp(self.at, timezone.utc)

    @property
    def day(self) -> date:
        """The day, UTC."""
        return self.when.date()

    @property
    def types(self) -> frozenset[str]:
        """Types of the replies."""
        return frozenset(reply.type for reply in self.replies)

    @property
    def refused(self) -> bool:
        """Whether the assistant had no answer."""
        return "no_answer" in self.types or (not self.replies and OUT_OF_SCOPE in self.intents)

    @property
    def best(self) -> tuple[str, ...]:
        """What accepting it would say: what was understood, or the best guess where the assistant asked back."""
        return self.close[:1] or self.intents


def read_messages(
    rows: Iterable[tuple[str, str, float, str]], thumbs: Mapping[tuple[str, str], Thumb]
) -> list[ReaderMessage]:
    """Reads the messages of readers from stored events.

    Args:
        rows: conversation, type, time and JSON of events of the types ``user`` and ``bot``, each conversation's in
            their order.
        thumbs: feedback by conversation and message id.

    Returns:
        The messages, latest first.
    """
    messages: list[ReaderMessage] = []
    latest: dict[str, int] = {}
    advised: set[str] = set()
    for conversation, kind, at, data in rows:
        event = json.loads(data)
        if kind == "user" and event.get("text"):
            latest[conversation] = len(messages)
            message = _message(conversation, at, event)
            thumb = thumbs.get((conversation, message.id))
            messages.append(replace(message, advised=conversation in advised, thumb=thumb))
        elif kind == "bot" and conversation in latest:
            reply = _reply(event)
            place = latest[conversation]
            messages[place] = replace(messages[place], replies=(*messages[place].replies, reply))
            advised |= {conversation} if reply.type in ADVICE else set()
    return sorted(messages, key=lambda message: -message.at)


def _reply(event: Mapping[str, Any]) -> Reply:
    custom = (event.get("data") or {}).get("custom") or {}
    return Reply(str(custom.get("type", "")), event.get("text") or "")


def _message(conversation: str, at: float, event: Mapping[str, Any]) -> ReaderMessage:
    parsed, title = event.get("parse_data") or {}, (event.get("metadata") or {}).get("title")
    refusal = parsed.get("refusal") or {}
    return ReaderMessage(
        conversation=conversation,
        id=str(event.get("message_id") or f"at-{at}"),
        at=at,
        text=str(title or event["text"]),
        pressed=bool(title) or event["text"].startswith("/"),
        intents=_intents(parsed),
        close=tuple(parsed.get("close_intents") or ()),
        ranking=tuple((each["name"], float(each["confidence"])) for each in parsed.get("intent_ranking") or ()),
        score=refusal.get("score"),
        threshold=refusal.get("threshold"),
        nearest=str(refusal.get("nearest") or ""),
        facts=tuple(_facts(parsed)),
    )


def _intents(parsed: Mapping[str, Any]) -> tuple[str, ...]:
    entries = parsed.get("intents") or [parsed.get("intent") or {}]
    return tuple(str(each.get("name") or OUT_OF_SCOPE) for each in entries)


def _facts(parsed: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for entity in parsed.get("entities") or ():
        yield str(entity.get("entity", "")), str(entity.get("text") or entity.get("value", ""))
