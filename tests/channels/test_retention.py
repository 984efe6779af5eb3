"""Old conversations go by themselves, and leave the files of the database."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels import retention as module
from channels.feedback import Feedback
from channels.metrics import CONVERSATIONS, RETENTION
from channels.retention import DAY, Retention
from channels.tracker_store import ErasableSQLTrackerStore
from tests.patience import PATIENCE

NOW = 1_800_000_000.0
"""2027-01-15, 8 o'clock, UTC."""


def conversation(sender: str, age: float, text: str = "words") -> DialogueStateTracker:
    events = [UserUttered(text, {"name": "other"}, timestamp=NOW - age), BotUttered("reply", timestamp=NOW - age)]
    return DialogueStateTracker.from_events(sender, events)


def filled(store: ErasableSQLTrackerStore) -> ErasableSQLTrackerStore:
    for sender, age in (("old", 31 * DAY), ("almost", 29 * DAY), ("new", 60.0)):
        asyncio.run(store.save(conversation(sender, age)))
        asyncio.run(store.keep_feedback(sender, Feedback("00000000-0000-4000-8000-000000000000", True, sender)))
    return store


@pytest.mark.server
def test_retention_deletes_what_is_due_and_nothing_else(any_store):
    retention = Retention(30, 3, clock=lambda: NOW)
    expired = CONVERSATIONS.labels("expired")
    before = expired._value.get()
    assert asyncio.run(retention.look(filled(any_store))) == 1
    assert (expired._value.get(), RETENTION._value.get()) == (before + 1, NOW)
    assert set(asyncio.run(any_store.keys())) == {"almost", "new"}
    assert {sender for sender, _ in asyncio.run(any_store.all_feedback())} == {"almost", "new"}
    assert asyncio.run(retention.look(any_store)) == 0


@pytest.mark.server
def test_retention_spares_who_has_just_come_back(any_store):
    filled(any_store)
    assert asyncio.run(any_store.idle_since(NOW - 30 * DAY)) == ["old"]
    back = asyncio.run(any_store.retrieve("old"))
    back.update(UserUttered("I am back", {"name": "other"}, timestamp=NOW))
    asyncio.run(any_store.save(back))
    assert asyncio.run(any_store.delete_if_idle("old", NOW - 30 * DAY)) is False
    assert asyncio.run(any_store.delete_if_idle("never seen", NOW)) is False


def test_retention_tries_again_after_a_failure(store, caplog):
    filled(store)
    with store.session_scope() as session:
        session.execute("ALTER TABLE events RENAME TO elsewhere")
        session.commit()
    retention = Retention(30, 3, clock=lambda: NOW)
    RETENTION.set(0)
    assert asyncio.run(retention.look(store)) == 0
    assert "[RTN01]" in caplog.text
    assert RETENTION._value.get() == 0
    with store.session_scope() as session:
        session.execute("ALTER TABLE elsewhere RENAME TO events")
        session.commit()
    assert asyncio.run(retention.look(store)) == 1


def test_retention_works_by_itself(chat, monkeypatch):
    """In a running server, from its start on."""
    monkeypatch.setattr(module, "EVERY", 0.05)
    chat.session()
    retention = Retention(1, 3, clock=lambda: time.time() + 2 * DAY)

    async def run() -> None:
        app = type("App", (), {"ctx": type("Ctx", (), {"agent": chat.agent})})
        await retention.start(app)
        until = time.monotonic() + PATIENCE
        while chat.stored() and time.monotonic() < until:
            await asyncio.sleep(0.05)
        await retention.stop(app)

    asyncio.run(run())
    assert chat.stored() == []


@pytest.mark.parametrize(
    ("environment", "days"), [({}, None), ({"FAQ_RETENTION_DAYS": "7", "FAQ_COMPACT_HOUR": "0"}, 7)]
)
def test_retention_is_what_the_environment_says(environment, days):
    retention = Retention.from_environment(environment)
    assert (retention and retention._days) == days


def files_with(folder: Path, word: str) -> list[str]:
    found = subprocess.run(["/bin/grep", "-rlaF", word, str(folder)], capture_output=True, text=True, check=False)
    return found.stdout.splitlines()


@pytest.mark.server
def test_retention_compacts_postgresql_once_a_day(cluster, postgres, store):
    """A deleted row stays in the files of PostgreSQL until then, and nowhere after it."""
    there = ErasableSQLTrackerStore(domain=store.domain, host=postgres)
    word = "unmistakable" + "7391" * 8
    with there.engine.connect() as connection:
        connection.execute(sa.text("ALTER TABLE events ALTER data SET STORAGE EXTERNAL"))  # not compressed
    asyncio.run(there.save(conversation("marked", 0, f"{word} {'x ' * 5000}")))
    asyncio.run(there.keep_feedback("marked", Feedback("00000000-0000-4000-8000-000000000000", False, word)))
    asyncio.run(there.save(conversation("kept", 0)))
    asyncio.run(there.compact())
    data = cluster.folder / "postgres"
    assert files_with(data, word)
    asyncio.run(there.delete("marked"))
    with there.engine.connect() as connection:
        tables = connection.execute(sa.text("SELECT count(*) FROM events WHERE sender_id = 'marked'")).scalar()
    assert tables == 0
    assert files_with(data, word), "the row is gone, its bytes are not"
    hour = 8
    retention = Retention(30, hour, clock=lambda: NOW)
    asyncio.run(retention.look(there))
    assert files_with(data, word) == []
    assert "kept" in asyncio.run(there.keys())
    there.engine.dispose()


def test_retention_compacts_in_its_hour_only():
    calls = []

    class Store:
        async def idle_since(self, _moment):
            return []

        async def compact(self):
            calls.append(1)

    for hour, wanted in ((7, 0), (8, 1)):
        calls.clear()
        retention = Retention(30, hour, clock=lambda: NOW)
        for _ in range(3):
            asyncio.run(retention.look(Store()))
        assert len(calls) == wanted
