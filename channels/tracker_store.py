"""Conversations in an SQL database, which keeps each turn once, and from which one can be erased."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, sessionmaker

from channels import feedback
from channels.databases import connected, cut_log, locked
from channels.feedback import Feedback
from channels.metrics import STORE_SECONDS
from channels.turns import ADD, EVENTS, FROM, NUMBERS, ConflictError, Turn, Turns, row
from faq.erasing import COMPACT, IDLE
from faq.errors import SetupError

logger = logging.getLogger(__name__)
T = TypeVar("T")

THREADS = 16
"""Calls of the database at once, each in a thread and on a connection: half of the messages that may be in progress."""


class ErasableSQLTrackerStore(SQLTrackerStore):
    """Rasa's tables, with the calls that its SQL tracker store lacks: deleting a conversation, keeping feedback on it,
    and saving a turn only if the conversation is still as it was read. Every call runs in a thread, so that a slow
    database delays those who ask it and nobody else.

    An SQLite file and its folder are made when missing, readable by the owner only, and what is deleted from it is
    overwritten with zeros. A PostgreSQL server may come up later than this one: until then each call raises its error.

    Args:
        domain: of the model.
        host: the database's address as SQLAlchemy writes it, ``sqlite:///`` or ``postgresql://``; Rasa passes what
            ``endpoints.yml`` calls ``url`` under this name.
        event_broker: of Rasa's own; none is used.
    """

    def __init__(self, domain: Domain | None = None, host: str = "", event_broker: Any = None) -> None:
        self.engine = connected(host, THREADS)
        self.sessionmaker = sessionmaker(bind=self.engine)
        threads = 1 if self.engine.dialect.name == "sqlite" else THREADS  # SQLite has one writer at a time
        self._threads = ThreadPoolExecutor(threads, "tracker-store")
        self._turns = Turns()
        self._has_tables = False
        self._has_deleted = True  # perhaps before a crash
        TrackerStore.__init__(self, domain, event_broker)
        try:
            self._make_tables()
        except sa.exc.OperationalError as error:
            logger.error("[CHT07] The database does not answer yet, and will be asked again: %s", error.orig)

    async def keys(self) -> list[str]:
        """The ids of all conversations."""
        senders = sa.select(EVENTS.c.sender_id).distinct()
        return await self._aside("read", lambda connection: connection.execute(senders).scalars().all())

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        def read(connection: Connection) -> list[Any]:
            query = self._event_query(Session(connection), sender_id, fetch_events_from_all_sessions)
            return [json.loads(row.data) for row in query]

        events = await self._aside("read", read)
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots) if events and self.domain else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Adds the events that are not stored yet.

        Args:
            tracker: a conversation, longer than it is stored.
        """
        await self._aside("write", lambda connection: self._add(connection, tracker))

    async def read_after(self, sender_id: str, last: int) -> tuple[list[Event], int] | None:
        """Reads what has been added to a conversation.

        Args:
            sender_id: the conversation's id.
            last: number of the latest event that is known, 0 for none.

        Returns:
            The events after it, and the number of the latest of all; None where the event is not there (any more).
        """

        def read(connection: Connection) -> list[Any]:
            return connection.execute(FROM, {"sender": sender_id, "last": last}).all()

        rows = await self._aside("read", read)
        if last and (not rows or rows[0].id != last):
            return None
        new = rows[1:] if last else rows
        return deserialise_events([json.loads(row.data) for row in new]), rows[-1].id if rows else 0

    async def append(self, sender_id: str, events: Sequence[Event], last: int) -> int:
        """Adds events to a conversation, if nobody else has added or erased any meanwhile.

        Two servers may work on one conversation at once, when the lock between them has failed. The database decides
        which of them was first; so every turn is stored once, and nothing behind a deletion.

        Args:
            sender_id: the conversation's id.
            events: what is new.
            last: number of the latest event when the conversation was read, 0 for none.

        Returns:
            The number of the latest event now.

        Raises:
            ConflictError: another event is the latest; nothing was stored.
        """
        turn = Turn(sender_id, events, last)
        with self._turns.waiting(turn):
            return await self._aside("write", lambda connection: self._turns.write(connection, turn))

    async def delete(self, sender_id: str) -> None:
        """Erases every event of a conversation, and the feedback on it; one that does not exist is no error.

        Args:
            sender_id: the conversation's id.
        """

        def delete(connection: Connection) -> None:
            with locked(connection, sender_id):
                self._erase(connection, sender_id)

        await self._aside("delete", delete)

    async def idle_since(self, moment: float) -> list[str]:
        """The conversations without an event since a moment, in seconds since 1970."""
        idle = sa.text(IDLE).bindparams(moment=moment)
        return await self._aside("read", lambda connection: connection.execute(idle).scalars().all())

    async def delete_if_idle(self, sender_id: str, moment: float) -> bool:
        """Erases a conversation unless something has happened in it since a moment; returns whether it was erased."""

        latest = sa.select(sa.func.max(EVENTS.c.timestamp)).where(EVENTS.c.sender_id == sender_id)

        def delete(connection: Connection) -> bool:
            with locked(connection, sender_id):
                at = connection.execute(latest).scalar()
                is_idle = at is not None and at < moment
                if is_idle:
                    self._erase(connection, sender_id)
                return is_idle

        return await self._aside("delete", delete)

    async def compact(self) -> None:
        """Takes deleted rows out of PostgreSQL's files; SQLite has overwritten them when it deleted them."""
        if self.engine.dialect.name == "postgresql":
            await asyncio.get_running_loop().run_in_executor(self._threads, self._compact)

    def _compact(self) -> None:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in COMPACT:
                connection.execute(sa.text(statement))
            connection.invalidate()  # so that its time-outs go with it

    async def keep_feedback(self, sender_id: str, given: Feedback) -> None:
        """Stores what a reader says about an answer, in place of what they said about it before.

        Args:
            sender_id: the conversation's id.
            given: what they say.

        Raises:
            ConflictError: the conversation was erased meanwhile.
        """

        def keep(connection: Connection) -> None:
            with locked(connection, sender_id):
                if not connection.execute(NUMBERS, {"sender": sender_id, "last": 0}).all():
                    raise ConflictError("[CHT08] The conversation was erased meanwhile; feedback on it is not kept.")
                feedback.keep(connection, sender_id, given)

        await self._aside("write", keep)

    async def all_feedback(self) -> list[tuple[str, Feedback]]:
        """All feedback with the id of its conversation, latest first."""
        return await self._aside("read", feedback.listed)

    async def ping(self) -> None:
        """Returns if the database answers and raises the database's own error if not."""
        await self._aside("ping", lambda connection: connection.execute(sa.select(EVENTS.c.id).limit(1)).all())

    async def _aside(self, operation: str, work: Callable[[Connection], T]) -> T:
        """Does some work with the database in a thread; the operation is what it is counted as."""

        def connected() -> T:
            if not self._has_tables:
                self._make_tables()
            with self.engine.connect() as connection:
                done = work(connection)
                if self._has_deleted:
                    self._has_deleted = not cut_log(connection)
                return done

        with STORE_SECONDS.labels(operation).time():
            return await asyncio.get_running_loop().run_in_executor(self._threads, connected)

    def _make_tables(self) -> None:
        with self.engine.connect() as connection, locked(connection, "tables"):  # servers that start together
            self.Base.metadata.create_all(connection)
        self._has_tables = True

    def _add(self, connection: Connection, tracker: DialogueStateTracker) -> None:
        with locked(connection, tracker.sender_id):
            stored = self._event_query(Session(connection), tracker.sender_id, False).count()
            new = [row(tracker.sender_id, event) for event in list(tracker.events)[stored:]]
            if new:
                connection.execute(ADD, new)

    def _erase(self, connection: Connection, sender_id: str) -> None:
        connection.execute(EVENTS.delete().where(EVENTS.c.sender_id == sender_id))
        feedback.erase(connection, sender_id)
        self._has_deleted = True


def erasable_store(store: TrackerStore) -> ErasableSQLTrackerStore:
    """The store itself inside the ``FailSafeTrackerStore`` that Rasa's agent wraps around it.

    The wrapper hides a failing database: it reads nothing and saves to memory, where no deletion would reach. The
    chat wants the error instead.

    Raises:
        SetupError: if ``endpoints.yml`` names another kind of store.
    """
    inner = getattr(store, "_tracker_store", store)
    if not isinstance(inner, ErasableSQLTrackerStore):
        raise SetupError(
            f"[CHT06] endpoints.yml, tracker_store: {type(inner).__name__} cannot delete a conversation. "
            "Use type: channels.tracker_store.ErasableSQLTrackerStore."
        )
    return inner
