"""Reading what the tracker store of the server writes."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.feedback import Feedback
from channels.tracker_store import ErasableSQLTrackerStore
from faq.errors import SetupError
from maintain.review.messages import Thumb
from maintain.review.store import ConversationStore, database_address
from maintain.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:Calling URL\\(\\) directly is deprecated")


@pytest.fixture
def server(tmp_path: Path) -> ErasableSQLTrackerStore:
    """The store of the server, with one conversation and a thumb."""
    store = ErasableSQLTrackerStore(domain=Domain.empty(), host=f"sqlite:///{tmp_path}/talk.db")
    said = UserUttered("how hot?", {"name": "heat", "confidence": 0.9}, message_id="m1", timestamp=1.7e9)
    events = [said, BotUttered("hot", {"custom": {"type": "answer"}}, timestamp=1.7e9)]
    asyncio.run(store.save(DialogueStateTracker.from_events("c1", events)))
    asyncio.run(store.keep_feedback("c1", Feedback("m1", False, "no")))
    return store


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    settings = Settings.from_environment({"FAQ_DATABASE": str(tmp_path / "talk.db")})
    return ConversationStore(database_address(settings, {}))


def test_store_reads_what_the_server_writes(server: ErasableSQLTrackerStore, store: ConversationStore) -> None:
    (message,) = store.messages()
    assert (message.conversation, message.id, message.text, message.intents) == ("c1", "m1", "how hot?", ("heat",))
    assert (message.types, message.thumb) == ({"answer"}, Thumb(False, "no"))
    assert store.existing({"c1", "c2"}) == {"c1"}


def test_store_version_changes_with_events_feedback_and_erasure(
    server: ErasableSQLTrackerStore, store: ConversationStore
) -> None:
    versions = [store.version()]
    asyncio.run(server.keep_feedback("c1", Feedback("m1", True)))
    versions.append(store.version())
    asyncio.run(server.save(DialogueStateTracker.from_events("c2", [UserUttered("hi", timestamp=1.7e9)])))
    versions.append(store.version())
    asyncio.run(server.delete("c1"))
    versions.append(store.version())
    assert len(set(versions)) == 4
    assert store.existing({"c1"}) == set()


def test_store_never_writes(server: ErasableSQLTrackerStore, store: ConversationStore) -> None:
    with store._engine.connect() as connection, pytest.raises(sa.exc.OperationalError, match="readonly"):
        connection.execute(sa.text("delete from events"))


def test_store_without_a_database_is_empty(tmp_path: Path, store: ConversationStore) -> None:
    assert (store.messages(), store.version(), store.existing({"c1"})) == ([], (), set())
    assert not (tmp_path / "talk.db").exists()


def test_store_without_feedback_is_read(
    tmp_path: Path, server: ErasableSQLTrackerStore, store: ConversationStore
) -> None:
    with sqlite3.connect(tmp_path / "talk.db") as connection:
        connection.execute("drop table feedback")
    assert store.messages()[0].thumb is None
    assert store.version()


def test_store_says_what_it_cannot_read(tmp_path: Path, store: ConversationStore) -> None:
    (tmp_path / "talk.db").write_bytes(b"this is no database, however long it may be" * 50)
    with pytest.raises(SetupError, match=r"REV01.*FAQ_DATABASE"):
        store.messages()


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("postgres://u:p@h/d", "postgresql://u:p@h/d"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_store_takes_the_database_that_the_environment_names(given: str, address: str) -> None:
    assert database_address(Settings(), {"DATABASE_URL": given}) == address
