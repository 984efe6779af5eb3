"""Holds what readers were told against what the database has, asked with SQL and not through the assistant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2

from tests.cluster.load import Message


@dataclass(frozen=True)
class Kept:
    """What came of messages.

    Attributes:
        lost: acknowledged, but not stored, or with other replies than the reader got.
        doubled: stored more than once.
        unanswered: stored without a reply.
    """

    lost: list[str]
    doubled: list[str]
    unanswered: list[str]

    @property
    def is_good(self) -> bool:
        """Whether every acknowledged message and its reply is stored exactly once."""
        return not (self.lost or self.doubled or self.unanswered)


def compared(database_url: str, messages: Sequence[Message]) -> Kept:
    """Compares.

    Args:
        database_url: of the conversations.
        messages: all that were sent, acknowledged or not.
    """
    stored: dict[str, list[list[str]]] = {}
    for sender in _events(database_url).values():
        current: list[str] | None = None
        for event in sender:
            if event["event"] == "user":
                current = []
                stored.setdefault(event["message_id"], []).append(current)
            elif event["event"] == "bot" and current is not None:
                current.append(event["text"])
    acknowledged = [message for message in messages if message.acknowledged is not None]
    return Kept(
        [each.id for each in acknowledged if [_texts(each.replies)] != stored.get(each.id, [])[:1]],
        [key for key, times in stored.items() if len(times) > 1],
        [key for key, times in stored.items() if not all(times)],
    )


def _texts(replies: Iterable[dict[str, Any]]) -> list[str]:
    return [reply["text"] for reply in replies]


def _events(database_url: str) -> dict[str, list[dict[str, Any]]]:
    connection = psycopg2.connect(database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sender_id, data FROM events WHERE type_name IN ('user', 'bot') ORDER BY id")
            found: dict[str, list[dict[str, Any]]] = {}
            for sender, data in cursor:
                found.setdefault(sender, []).append(json.loads(data))
    finally:
        connection.close()
    return found
