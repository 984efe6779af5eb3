"""Whether an answer helped: what a reader says about it, and the table where that is kept beside the conversation."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy.engine import Connection

from channels.incoming import json_object, uuid_of
from channels.problems import Problem
from channels.text import clean

FEEDBACK = sa.Table(
    "feedback",
    SQLTrackerStore.Base.metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("message_id", sa.String(36), primary_key=True),
    sa.Column("helpful", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("timestamp", sa.Float, nullable=False),
)
"""The table, which the tracker store makes with its own."""


@dataclass(frozen=True)
class Feedback:
    """What a reader says about the answer to one message.

    Attributes:
        message_id: the id that the client gave the reader's message.
        helpful: whether the answer helped.
        reason: in the reader's words, empty if none is given.
    """

    message_id: str
    helpful: bool
    reason: str = ""


def read_feedback(content_type: str, body: bytes, max_reason_length: int) -> Feedback:
    """Checks the body of ``POST /chat/feedback``. Fields that are not known are ignored.

    Args:
        content_type: the header of that name.
        body: the raw bytes.
        max_reason_length: characters.

    Raises:
        Problem: 400, 413 or 415.
    """
    fields = json_object(content_type, body)
    message_id = uuid_of(fields.get("id"))
    helpful, reason = fields.get("helpful"), fields.get("reason")
    if not isinstance(helpful, bool):
        raise Problem("bad_helpful")
    if reason is not None and not isinstance(reason, str):
        raise Problem("bad_reason")
    if len(reason or "") > max_reason_length:
        raise Problem("text_too_long", limit=max_reason_length)
    return Feedback(message_id, helpful, clean(reason or "").strip())


def keep(connection: Connection, sender_id: str, feedback: Feedback) -> None:
    """Stores feedback in place of an earlier one about the same message; the caller commits."""
    about = sa.and_(FEEDBACK.c.sender_id == sender_id, FEEDBACK.c.message_id == feedback.message_id)
    connection.execute(FEEDBACK.delete().where(about))
    connection.execute(FEEDBACK.insert(), {"sender_id": sender_id, **vars(feedback), "timestamp": time.time()})


def erase(connection: Connection, sender_id: str) -> None:
    """Deletes all feedback of a conversation; the caller commits."""
    connection.execute(FEEDBACK.delete().where(FEEDBACK.c.sender_id == sender_id))


def listed(connection: Connection) -> list[tuple[str, Feedback]]:
    """All feedback with the id of its conversation, latest first, for the maintainers."""
    rows = connection.execute(sa.select(FEEDBACK).order_by(FEEDBACK.c.timestamp.desc()))
    return [(row.sender_id, Feedback(row.message_id, row.helpful, row.reason)) for row in rows]
