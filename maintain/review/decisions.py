"""Remembers what was decided about a message, in a table of the maintainers' own that holds no text of a reader."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from maintain.phrasing_text import Phrase
from maintain.settings import Settings

LABELLED, IGNORED = "labelled", "ignored"

TABLES = sa.MetaData()
REVIEWED = sa.Table(
    "reviewed",
    TABLES,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("message_id", sa.String(255), primary_key=True),
    sa.Column("decision", sa.String(36), nullable=False, index=True),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("intents", sa.String(255), nullable=False),
    sa.Column("file", sa.String(255), nullable=False),
    sa.Column("phrase_sha256", sa.String(64), nullable=False),
    sa.Column("timestamp", sa.Float, nullable=False),
)
"""One row a message. ``phrase_sha256`` is of the phrase as it was put into data/nlu, so that undo finds it again."""

Messages = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Decision:
    """What was decided about a message and those like it.

    Attributes:
        id: of the decision.
        outcome: ``labelled`` or ``ignored``.
        intents: the label; empty where it was ignored.
        file: where the phrase was put, or empty.
        phrase_sha256: of that phrase, or empty.
        timestamp: when, seconds since 1970.
    """

    id: str
    outcome: str
    intents: tuple[str, ...] = ()
    file: str = ""
    phrase_sha256: str = ""
    timestamp: float = 0.0


class Decisions:
    """The table of decisions, in a database of its own beside the conversations."""

    def __init__(self, database: Path) -> None:
        """Opens it.

        Args:
            database: an SQLite file, made where it is missing, readable by its owner only.
        """
        database.parent.mkdir(parents=True, exist_ok=True)
        database.touch(mode=0o600, exist_ok=True)
        self._engine = sa.create_engine(f"sqlite:///{database}", future=True, connect_args={"timeout": 10})
        sa.event.listen(self._engine, "connect", _overwrite_what_is_deleted)
        TABLES.create_all(self._engine)

    def keep(self, decision: Decision, messages: Messages) -> int:
        """Keeps a decision.

        Args:
            decision: what was decided.
            messages: conversation and message id of each message that it is about.

        Returns:
            For how many of them it was kept: what somebody else decided meanwhile stays.
        """
        row = {"decision": decision.id, "outcome": decision.outcome, "intents": "+".join(decision.intents)}
        row |= {"file": decision.file, "phrase_sha256": decision.phrase_sha256}
        row |= {"timestamp": decision.timestamp or time.time()}
        with self._engine.begin() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            taken = self._taken(connection)
            new = [pair for pair in dict.fromkeys(messages) if pair not in taken]
            if new:
                rows = [{**row, "sender_id": sender, "message_id": message} for sender, message in new]
                connection.execute(sa.insert(REVIEWED), rows)
        return len(new)

    def decided(self) -> set[tuple[str, str]]:
        """Conversation and message id of everything that was decided."""
        with self._engine.connect() as connection:
            return self._taken(connection)

    def all(self) -> list[tuple[str, str, Decision]]:
        """Every row: conversation, message id, decision; latest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(REVIEWED).order_by(REVIEWED.c.timestamp.desc())).all()
        return [(row.sender_id, row.message_id, _decision(row)) for row in rows]

    def get(self, decision: str) -> Decision | None:
        """One decision, None where there is no such."""
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(REVIEWED).where(REVIEWED.c.decision == decision)).first()
        return _decision(row) if row else None

    def drop(self, decision: str) -> int:
        """Forgets a decision; returns how many messages it was about."""
        with self._engine.begin() as connection:
            return int(connection.execute(sa.delete(REVIEWED).where(REVIEWED.c.decision == decision)).rowcount)

    def forget(self, existing: Callable[[set[str]], set[str]]) -> None:
        """Drops the rows of conversations that were erased.

        Args:
            existing: tells which conversations of a set are still stored.
        """
        with self._engine.connect() as connection:
            known = set(connection.execute(sa.select(REVIEWED.c.sender_id).distinct()).scalars())
        self.drop_conversations(known - existing(known))

    def drop_conversations(self, conversations: Iterable[str]) -> None:
        """Drops the rows of some conversations."""
        with self._engine.begin() as connection:
            for each in conversations:
                connection.execute(sa.delete(REVIEWED).where(REVIEWED.c.sender_id == each))

    def _taken(self, connection: sa.engine.Connection) -> set[tuple[str, str]]:
        rows = connection.execute(sa.select(REVIEWED.c.sender_id, REVIEWED.c.message_id))
        return {(row.sender_id, row.message_id) for row in rows}


def _overwrite_what_is_deleted(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA secure_delete = ON")


def review_database(settings: Settings) -> Path:
    """The file of the decisions: beside the conversations, and named after them."""
    return settings.database.with_suffix(".review.db")


def phrase_hash(phrase: Phrase) -> str:
    """The hash by which undo finds a phrase again."""
    return hashlib.sha256(f"{'+'.join(phrase.intents)}\n{phrase.text}".encode()).hexdigest()


def _decision(row: sa.engine.Row) -> Decision:
    intents = tuple(row.intents.split("+")) if row.intents else ()
    return Decision(row.decision, row.outcome, intents, row.file, row.phrase_sha256, row.timestamp)
