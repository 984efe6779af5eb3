"""Conversations in an SQL database from which one can be erased, and a draft of the store for one turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

from channels import feedback
from channels.feedback import Feedback
from faq.errors import SetupError


class ErasableSQLTrackerStore(SQLTrackerStore):
    """Rasa's SQL tracker store with the calls it lacks: deleting a conversation, and keeping feedback on it.

    Takes the same arguments. An SQLite file and its folder are made when missing, readable by the owner only, and
    what is deleted from it is overwritten with zeros.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("dialect", "sqlite") == "sqlite" and not kwargs.get("host"):
            _prepare_file(Path(kwargs.get("db", "rasa.db")))
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _overwrite_what_is_deleted)

    async def delete(self, sender_id: str) -> None:
        """Erases every event of a conversation, and the feedback on it; one that does not exist is no error.

        Args:
            sender_id: the conversation's id.
        """
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == sender_id).delete()
            feedback.erase(session, sender_id)
            session.commit()

    async def keep_feedback(self, sender_id: str, given: Feedback) -> None:
        """Stores what a reader says about an answer, in place of what they said about it before.

        Args:
            sender_id: the conversation's id.
            given: what they say.
        """
        with self.session_scope() as session:
            feedback.keep(session, sender_id, given)
            session.commit()

    async def all_feedback(self) -> list[tuple[str, Feedback]]:
        """All feedback with the id of its conversation, latest first."""
        with self.session_scope() as session:
            return feedback.listed(session)

    async def ping(self) -> None:
        """Returns if the database answers and raises the database's own error if not."""
        with self.session_scope() as session:
            session.query(self.SQLEvent.id).limit(1).all()


def _prepare_file(path: Path) -> None:
    """Rasa would retry for ever to open a file in a folder that is not there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"[CHT05] {path} cannot be written ({error.strerror}): set FAQ_DATABASE to a file that can."
        ) from error


def _overwrite_what_is_deleted(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA secure_delete = ON")


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

    def __init__(self, store: TrackerStore) -> None:
        super().__init__(store.domain, None)
        self._store = store
        self.draft: DialogueStateTracker | None = None

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The stored tracker of the latest session."""
        return await self._store.retrieve(sender_id)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the tracker as ``draft``."""
        self.draft = tracker

    async def keep(self, tracker: DialogueStateTracker) -> None:
        """Saves the tracker to the store that the draft was made of."""
        await self._store.save(tracker)
