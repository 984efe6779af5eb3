from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, check_if_tracker_store_async
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.databases import locked
from channels.feedback import Feedback
from channels.tracker_store import ErasableSQLTrackerStore, erasable_store
from channels.turns import ConflictError
from faq.errors import SetupError


def tracker(sender: str, text: str) -> DialogueStateTracker:
    return DialogueStateTracker.from_events(sender, [UserUttered(text, {"name": "other"})])


def said(text: str) -> UserUttered:
    return UserUttered(text, {"name": "other"})


def texts(found):
    events, last = found
    return [event.text for event in events], last


def in_files(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in (folder / "var").iterdir())


def test_tracker_store_is_one_that_rasa_takes(store):
    assert check_if_tracker_store_async(store)


def test_tracker_store_deletes_one_conversation_and_overwrites_it(store, tmp_path):
    asyncio.run(store.save(tracker("a", "unmistakable-words " * 50)))
    asyncio.run(store.save(tracker("b", "kept-words")))
    asyncio.run(store.delete("a"))
    asyncio.run(store.delete("a"))
    assert asyncio.run(store.retrieve_full_tracker("a")) is None
    assert list(asyncio.run(store.keys())) == ["b"]
    assert b"unmistakable-words" not in in_files(tmp_path)
    assert b"kept-words" in in_files(tmp_path)


@pytest.mark.server
def test_tracker_store_errors_name_no_value(any_store):
    """They get into logs; a value of the statement is what a reader wrote, or their conversation."""
    rename = "ALTER TABLE events RENAME COLUMN {} TO {}"
    asyncio.run(any_store.keys())
    try:
        any_store.engine.execute(rename.format("intent_name", "elsewhere"))
        with pytest.raises(sa.exc.DBAPIError, match="parameters") as saved:
            asyncio.run(any_store.save(tracker("the-sender", "unmistakable")))
        with pytest.raises((sa.exc.DBAPIError, sqlite3.OperationalError), match="intent_name") as added:
            asyncio.run(any_store.append("the-sender", tracker("the-sender", "unmistakable").events, 0))
    finally:
        any_store.engine.execute(rename.format("elsewhere", "intent_name"))
    said = "".join(f"{failed.value} {failed.value!r}" for failed in (saved, added))
    assert not [word for word in ("unmistakable", "the-sender") if word in said]


def test_tracker_store_file_is_for_its_owner(store, tmp_path):
    assert (tmp_path / "var" / "conversations.db").stat().st_mode & 0o077 == 0


def test_tracker_store_files_are_for_their_owner(store, tmp_path):
    asyncio.run(store.append("a", [said("words")], 0))
    files = {file.name: file.stat().st_mode & 0o077 for file in (tmp_path / "var").iterdir()}
    assert files == {"conversations.db": 0, "conversations.db-shm": 0, "conversations.db-wal": 0}


def test_tracker_store_says_when_the_file_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match=r"CHT05.*FAQ_DATABASE"):
        ErasableSQLTrackerStore(host=f"sqlite:///{tmp_path}/file/conversations.db")


def test_erasable_store_is_found_in_rasas_wrapper(store):
    assert erasable_store(FailSafeTrackerStore(store)) is store is erasable_store(store)


def test_erasable_store_refuses_another_kind():
    with pytest.raises(SetupError, match=r"CHT06.*endpoints.yml"):
        erasable_store(FailSafeTrackerStore(InMemoryTrackerStore(Domain.empty())))


@pytest.mark.server
def test_tracker_store_keeps_and_erases(any_store):
    given = Feedback("00000000-0000-4000-8000-000000000000", False, "no")
    asyncio.run(any_store.save(tracker("a", "one")))
    asyncio.run(any_store.save(tracker("b", "two")))
    asyncio.run(any_store.keep_feedback("a", given))
    assert [event.text for event in asyncio.run(any_store.retrieve("a")).events] == ["one"]
    assert asyncio.run(any_store.all_feedback()) == [("a", given)]
    asyncio.run(any_store.ping())
    asyncio.run(any_store.delete("a"))
    assert asyncio.run(any_store.keys()) == ["b"]
    assert asyncio.run(any_store.all_feedback()) == []


@pytest.mark.server
def test_tracker_store_reads_what_was_added(any_store):
    first = asyncio.run(any_store.append("a", [said("one"), said("two")], 0))
    asyncio.run(any_store.append("b", [said("another's")], 0))
    second = asyncio.run(any_store.append("a", [said("three")], first))
    assert texts(asyncio.run(any_store.read_after("a", 0))) == (["one", "two", "three"], second)
    assert texts(asyncio.run(any_store.read_after("a", first))) == (["three"], second)
    assert texts(asyncio.run(any_store.read_after("a", second))) == ([], second)
    assert asyncio.run(any_store.read_after("new", 0)) == ([], 0)
    asyncio.run(any_store.delete("a"))
    assert asyncio.run(any_store.read_after("a", second)) is None


@pytest.mark.server
def test_tracker_store_keeps_no_turn_on_what_has_changed(any_store):
    """Two servers answer at once in one conversation: the second finds that it was not alone."""
    last = asyncio.run(any_store.append("a", [said("first")], 0))
    asyncio.run(any_store.append("a", [said("turn 1")], last))
    for known in (last, 0):
        with pytest.raises(ConflictError, match="CHT08"):
            asyncio.run(any_store.append("a", [said("turn 0")], known))
    assert [event.text for event in asyncio.run(any_store.retrieve("a")).events] == ["first", "turn 1"]


@pytest.mark.server
def test_tracker_store_keeps_nothing_behind_a_deletion(any_store):
    last = asyncio.run(any_store.append("a", [said("first")], 0))
    asyncio.run(any_store.delete("a"))
    with pytest.raises(ConflictError):
        asyncio.run(any_store.append("a", [said("late")], last))
    with pytest.raises(ConflictError):
        asyncio.run(any_store.keep_feedback("a", Feedback("00000000-0000-4000-8000-000000000000", True)))
    assert asyncio.run(any_store.keys()) == []


@pytest.mark.server
def test_tracker_store_stores_one_of_many_turns_at_once(postgres, store):
    """Really at the same time, on connections of their own."""
    stores = [ErasableSQLTrackerStore(domain=store.domain, host=postgres) for _ in range(4)]
    last = asyncio.run(stores[0].append("many", [said("first")], 0))

    async def race() -> list[int | BaseException]:
        turns = [each.append("many", [said("race")], last) for each in stores]
        return await asyncio.gather(*turns, return_exceptions=True)

    results = asyncio.run(race())
    assert sorted(type(result).__name__ for result in results) == ["ConflictError"] * 3 + ["int"]
    assert len(asyncio.run(stores[0].retrieve("many")).events) == 2
    for each in stores:
        each.engine.dispose()


def test_tracker_store_lets_nobody_erase_between_a_look_and_a_turn(store, tmp_path):
    asyncio.run(store.append("a", [said("first")], 0))
    with closing(sqlite3.connect(tmp_path / "var" / "conversations.db", timeout=0)) as purging:
        with store.engine.connect() as connection, locked(connection, "a"), pytest.raises(sqlite3.OperationalError):
            purging.execute("DELETE FROM events")
        purging.execute("DELETE FROM events")


def test_tracker_store_erases_while_somebody_reads(store, tmp_path):
    """The log of SQLite cannot be emptied before they have read; then it is, at whatever is asked next."""
    asyncio.run(store.append("a", [said("unmistakable-words")], 0))
    store.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "var" / "conversations.db", timeout=0.1)) as reading:
        store.engine.execute("PRAGMA busy_timeout = 50")
        reading.execute("BEGIN")
        assert reading.execute("SELECT count(*) FROM events").fetchone() == (1,)
        asyncio.run(store.delete("a"))
        assert b"unmistakable-words" in in_files(tmp_path)
    asyncio.run(store.ping())
    assert b"unmistakable-words" not in in_files(tmp_path)


def test_tracker_store_waits_for_a_database_that_is_not_there_yet(store, caplog):
    late = ErasableSQLTrackerStore(domain=store.domain, host="postgresql://faq:secret@127.0.0.1:1/faq")
    assert "[CHT07]" in caplog.text
    assert "secret" not in caplog.text
    with pytest.raises(sa.exc.OperationalError):
        asyncio.run(late.ping())


@pytest.mark.server
def test_tracker_store_does_not_hold_the_server_up(postgres, store):
    """While the database hangs for one, the event loop serves others."""
    slow = ErasableSQLTrackerStore(domain=store.domain, host=postgres)
    blocking = slow.engine.connect()
    transaction = blocking.begin()
    blocking.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")

    async def work() -> int:
        asked = asyncio.create_task(slow.ping())
        ticks = 0
        while not asked.done() and ticks < 20:
            await asyncio.sleep(0.02)
            ticks += 1
        transaction.rollback()
        await asked
        return ticks

    assert asyncio.run(work()) == 20
    blocking.close()
    slow.engine.dispose()
