"""Conversations in an SQL database, which keeps each turn once, from which one can be erased; a draft for one turn."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session, sessionmaker

from channels import feedback
from channels.databases import connected, locked
from channels.feedback import Feedback
from faq.erasing import COMPACT, IDLE
from faq.errors import FaqError, SetupError

logger = logging.getLogger(__name__)
T = TypeVar("T")

THREADS = 16
"""Calls of the database at once, each in a thread and on a connection: half of the messages that may be in progress."""


class ConflictError(FaqError):
    """A conversation has changed since it was read, so what follows from that is not stored."""


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
        self._has_tables = False
        TrackerStore.__init__(self, domain, event_broker)
        try:
            self._make_tables()
        except sa.exc.OperationalError as error:
            logger.error("[CHT07] The database does not answer yet, and will be asked again: %s", error.orig)

    @contextmanager
    def session_scope(self) -> Iterator[Session]:
        """A session with the tables made; what is not committed in it is rolled back."""
        if not self._has_tables:
            self._make_tables()
        with self.sessionmaker() as session:
            yield session

    async def keys(self) -> list[str]:
        """The ids of all conversations."""
        return await self._aside(lambda session: [key for (key,) in session.query(self.SQLEvent.sender_id).distinct()])

    async def _retrieve(self, sender_id: str, fetch_events_from_all_sessions: bool) -> DialogueStateTracker | None:
        def read(session: Session) -> list[Any]:
            query = self._event_query(session, sender_id, fetch_events_from_all_sessions)
            return [json.loads(row.data) for row in query]

        events = await self._aside(read)
        return DialogueStateTracker.from_dict(sender_id, events, self.domain.slots) if events and self.domain else None

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Adds the events that are not stored yet.

        Args:
            tracker: a conversation, longer than it is stored.
        """
        await self._aside(lambda session: self._add(session, tracker, None))

    async def save_if_unchanged(self, tracker: DialogueStateTracker, known: int) -> None:
        """Adds the events that are not stored yet, if nobody else has added or erased any meanwhile.

        Two servers may work on one conversation at once, when the lock between them has failed. The database decides
        which of them was first; so every turn is stored once, and nothing behind a deletion.

        Args:
            tracker: a conversation.
            known: how many events of its latest session there were when it was read.

        Raises:
            ConflictError: there is another number of them now; nothing was stored.
        """
        await self._aside(lambda session: self._add(session, tracker, known))

    async def delete(self, sender_id: str) -> None:
        """Erases every event of a conversation, and the feedback on it; one that does not exist is no error.

        Args:
            sender_id: the conversation's id.
        """
        await self._aside(lambda session: self._delete(session, sender_id))

    async def idle_since(self, moment: float) -> list[str]:
        """The conversations without an event since a moment, in seconds since 1970."""
        return await self._aside(lambda session: list(session.execute(sa.text(IDLE), {"moment": moment}).scalars()))

    async def delete_if_idle(self, sender_id: str, moment: float) -> bool:
        """Erases a conversation unless something has happened in it since a moment; returns whether it was erased."""

        def delete(session: Session) -> bool:
            locked(session, sender_id)
            events = session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id)
            if not events.count() or events.filter(self.SQLEvent.timestamp >= moment).count():
                return False
            self._delete(session, sender_id)
            return True

        return await self._aside(delete)

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

        def keep(session: Session) -> None:
            locked(session, sender_id)
            if not self._event_query(session, sender_id, True).count():
                raise ConflictError(f"[CHT08] Conversation {sender_id} was erased; feedback on it is not kept.")
            feedback.keep(session, sender_id, given)
            session.commit()

        await self._aside(keep)

    async def all_feedback(self) -> list[tuple[str, Feedback]]:
        """All feedback with the id of its conversation, latest first."""
        return await self._aside(feedback.listed)

    async def ping(self) -> None:
        """Returns if the database answers and raises the database's own error if not."""
        await self._aside(lambda session: session.query(self.SQLEvent.id).limit(1).all())

    async def _aside(self, work: Callable[[Session], T]) -> T:
        """Does some work with the database in a thread."""

        def in_session() -> T:
            with self.session_scope() as session:
                return work(session)

        return await asyncio.get_running_loop().run_in_executor(self._threads, in_session)

    def _make_tables(self) -> None:
        with self.sessionmaker() as session:
            locked(session, "tables")  # servers that start together
            self.Base.metadata.create_all(session.connection())
            session.commit()
        self._has_tables = True

    def _add(self, session: Session, tracker: DialogueStateTracker, known: int | None) -> None:
        locked(session, tracker.sender_id)
        stored = self._event_query(session, tracker.sender_id, fetch_events_from_all_sessions=False).count()
        if known not in (None, stored):
            raise ConflictError(
                f"[CHT08] Conversation {tracker.sender_id} had {known} events and has {stored} now: read it again."
            )
        session.add_all(self._row(tracker.sender_id, event.as_dict()) for event in list(tracker.events)[stored:])
        session.commit()

    def _row(self, sender_id: str, event: dict[str, Any]) -> Any:
        """One event as Rasa's own store would write it."""
        return self.SQLEvent(
            sender_id=sender_id,
            type_name=event["event"],
            timestamp=event.get("timestamp"),
            intent_name=event.get("parse_data", {}).get("intent", {}).get("name"),
            action_name=event.get("name"),
            data=json.dumps(event),
        )

    def _delete(self, session: Session, sender_id: str) -> None:
        locked(session, sender_id)
        session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id).delete()
        feedback.erase(session, sender_id)
        session.commit()


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


class DraftStore(TrackerStore):
    """Reads from a store but keeps what is saved to itself, until it is known whether a turn succeeded.

    Args:
        store: where conversations are read from.
    """

    def __init__(self, store: ErasableSQLTrackerStore) -> None:
        super().__init__(store.domain, None)
        self._store = store
        self._known = 0
        self.draft: DialogueStateTracker | None = None

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The stored tracker of the latest session."""
        tracker = await self._store.retrieve(sender_id)
        self._known = len(tracker.events) if tracker else 0
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the tracker as ``draft``."""
        self.draft = tracker

    async def keep(self, tracker: DialogueStateTracker) -> None:
        """Saves the tracker to the store that the draft was made of.

        Raises:
            ConflictError: the conversation has changed since it was retrieved.
        """
        await self._store.save_if_unchanged(tracker, self._known)
