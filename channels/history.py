"""Turns the events of a Rasa tracker into what the chat API shows: replies, the history, and the buttons offered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rasa.shared.core.events import BotUttered, Event, UserUttered

TITLE = "title"
"""Key in a reader's event metadata: the title of the button that was pressed."""


def as_reply(event: BotUttered) -> dict[str, Any]:
    """One bot message as the API sends it, whole: ``{text, custom, buttons}``."""
    return {"text": event.text or "", "custom": event.data.get("custom") or {}, "buttons": buttons_of(event)}


def buttons_of(event: BotUttered) -> list[dict[str, str]]:
    """The buttons of a bot message, each ``{title, payload}``."""
    buttons = event.data.get("buttons") or []
    return [{"title": button.get("title", ""), "payload": button.get("payload", "")} for button in buttons]


def replies(events: Iterable[Event]) -> list[dict[str, Any]]:
    """All bot messages among the events, in order."""
    return [as_reply(event) for event in events if isinstance(event, BotUttered)]


def replies_to(events: Sequence[Event], message_id: str) -> list[dict[str, Any]] | None:
    """The bot messages that followed a reader's message and came before the next one.

    Args:
        events: of one conversation, oldest first.
        message_id: the id that the client gave the message.

    Returns:
        ``None`` if there was no such message.
    """
    places = [place for place, event in enumerate(events) if isinstance(event, UserUttered)]
    for number, place in enumerate(places):
        if events[place].message_id == message_id:
            following = events[place + 1 : places[number + 1] if number + 1 < len(places) else None]
            return replies(following)
    return None


def transcript(events: Iterable[Event]) -> list[dict[str, Any]]:
    """The conversation for a page reload: a pressed button shows as its title, not as its payload."""
    lines: list[dict[str, Any]] = []
    for event in events:
        if isinstance(event, BotUttered):
            lines.append({"role": "assistant", **as_reply(event)})
        elif isinstance(event, UserUttered):
            said = (event.metadata or {}).get(TITLE) or event.text or ""
            lines.append({"role": "reader", "id": event.message_id, "text": said})
    return lines
