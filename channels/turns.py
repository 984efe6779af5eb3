"""How turns get into the database: each whole and once, those of one moment together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event
from sqlalchemy.engine import Connection

from channels.databases import locked, rows_of
from faq.errors import FaqError

EVENTS = SQLTrackerStore.SQLEvent.__table__
ADD = EVENTS.insert()
FROM = (
    sa.select(EVENTS.c.id, EVENTS.c.data)
    .where(EVENTS.c.sender_id == sa.bindparam("sender"), EVENTS.c.id >= sa.bindparam("last"))
    .order_by(EVENTS.c.id)
)
"""The events of a conversation from a number on. These statements are made once: to make them anew, or through
SQLAlchemy's ORM, takes longer than the database takes to run them."""

NUMBERS = FROM.with_only_columns(EVENTS.c.id).limit(2)
NEWEST = FROM.with_only_columns(sa.func.max(EVENTS.c.id)).order_by(None)

CHANGED = -1
"""In place of a number: the conversation has changed."""


class ConflictError(FaqError):
    """A conversation has changed since it was read, so what follows from that is not stored."""


@dataclass(eq=False)
class Turn:
    """What is to be added to a conversation.

    Attributes:
        sender_id: the conversation's id.
        events: what is new.
        last: number of the latest event when the conversation was read, 0 for none.
        number: of the latest event now; 0 before it is stored, and ``CHANGED`` if another event was the latest.
    """

    sender_id: str
    events: Sequence[Event]
    last: int
    number: int = 0


class Turns:
    """Turns that wait to be stored.

    SQLite has one writer at a time, and a commit takes as long as the disk takes to say that it is done. So whichever
    comes first takes the others along, who then find theirs stored. PostgreSQL does the like by itself.
    """

    def __init__(self) -> None:
        self._waiting: list[Turn] = []

    @contextmanager
    def waiting(self, turn: Turn) -> Iterator[None]:
        """Until the end of the block, by which the turn is stored or given up, another one may take it along."""
        self._waiting.append(turn)
        try:
            yield
        finally:
            with suppress(ValueError):  # it was taken
                self._waiting.remove(turn)

    def write(self, connection: Connection, turn: Turn) -> int:
        """Stores a turn, if no other one has taken it along. For SQLite it is called in one thread alone.

        Args:
            connection: outside of any transaction.
            turn: that waits.

        Returns:
            The number of the latest event now.

        Raises:
            ConflictError: another event is the latest; nothing was stored.
        """
        if not turn.number:
            together = self._all(turn) if connection.dialect.name == "sqlite" else [turn]
            try:
                _write(connection, together)
            except Exception:
                if len(together) == 1:
                    raise
                _write(connection, [turn])  # and the others at their own calls: none suffers for another
        if turn.number == CHANGED:
            raise ConflictError("[CHT08] The conversation has changed since it was read: read it again.")
        return turn.number

    def _all(self, turn: Turn) -> list[Turn]:
        """All that wait, the turn among them; it alone where it was taken before, in vain."""
        if turn not in self._waiting:
            return [turn]
        taken, self._waiting = self._waiting, []
        return list(taken)


def _write(connection: Connection, turns: Sequence[Turn]) -> None:
    """Adds turns to their conversations, each if nobody else has added or erased any meanwhile."""
    numbers = []
    with locked(connection, turns[0].sender_id):
        for turn in turns:
            known = {"sender": turn.sender_id, "last": turn.last}
            if [number for (number,) in rows_of(connection, NUMBERS, known)] == ([turn.last] if turn.last else []):
                rows_of(connection, ADD, *(row(turn.sender_id, event) for event in turn.events))
                numbers.append(rows_of(connection, NEWEST, known)[0][0])
            else:
                numbers.append(CHANGED)
    for turn, number in zip(turns, numbers, strict=True):
        turn.number = number


def row(sender_id: str, event: Event) -> dict[str, Any]:
    """One event as Rasa's own store would write it."""
    content = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": content["event"],
        "timestamp": content.get("timestamp"),
        "intent_name": content.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": content.get("name"),
        "data": json.dumps(content),
    }
