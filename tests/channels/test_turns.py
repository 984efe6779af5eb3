from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from multiprocessing import get_context

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered

from channels.databases import rows_of
from channels.tracker_store import ErasableSQLTrackerStore
from channels.turns import NUMBERS, ConflictError


def said(text: str, timestamp: object = None) -> UserUttered:
    return UserUttered(text, {"name": "other"}, timestamp=timestamp)


async def at_once(store, turns):
    """Turns that come while the database is busy; what became of each."""
    busy = threading.Event()
    store._threads.submit(busy.wait, 10)
    waiting = [asyncio.create_task(store.append(sender, events, last)) for sender, events, last in turns]
    await asyncio.sleep(0.05)
    busy.set()
    return await asyncio.gather(*waiting, return_exceptions=True)


def stored(store) -> dict[str, list[str]]:
    async def read():
        return {
            key: [event.text for event in (await store.read_after(key, 0))[0]] for key in sorted(await store.keys())
        }

    return asyncio.run(read())


@pytest.fixture
def commits(store):
    """Counts the transactions of a store."""
    asyncio.run(store.ping())
    found: list[None] = []
    sa.event.listen(store.engine, "commit", lambda _: found.append(None))
    return found


def test_turns_of_one_moment_are_stored_together(store, commits):
    numbers = asyncio.run(at_once(store, [("a", [said("one"), said("two")], 0), ("b", [said("three")], 0)]))
    assert numbers == [2, 3]
    assert len(commits) == 1
    assert stored(store) == {"a": ["one", "two"], "b": ["three"]}


def test_turns_that_conflict_do_not_keep_others_from_being_stored(store, commits):
    last = asyncio.run(store.append("a", [said("first")], 0))
    turns = [("a", [said("one")], last), ("a", [said("late")], last), ("b", [said("late")], 7), ("c", [said("two")], 0)]
    outcomes = asyncio.run(at_once(store, turns))
    assert [type(outcome) for outcome in outcomes] == [int, ConflictError, ConflictError, int]
    assert stored(store) == {"a": ["first", "one"], "c": ["two"]}
    assert len(commits) == 2


@pytest.mark.parametrize("place", [0, 1, 2])
def test_turns_that_cannot_be_stored_take_no_other_along(store, place):
    turns = [(name, [said(name)], 0) for name in ("a", "b")]
    turns.insert(place, ("bad", [said("words", timestamp=[0])], 0))
    outcomes = asyncio.run(at_once(store, turns))
    assert isinstance(outcomes.pop(place), sqlite3.InterfaceError)
    assert all(isinstance(outcome, int) for outcome in outcomes)
    assert stored(store) == {"a": ["a"], "b": ["b"]}


def test_turns_that_nobody_waits_for_any_more_are_not_stored(store):
    async def give_up():
        busy = threading.Event()
        store._threads.submit(busy.wait, 10)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(store.append("late", [said("late")], 0), 0.02)
        busy.set()
        await store.append("a", [said("one")], 0)

    asyncio.run(give_up())
    assert stored(store) == {"a": ["one"]}


def test_turns_that_are_acknowledged_outlive_a_kill(store, tmp_path):
    """Eight conversations at once in a process that is killed in the midst of them: each turn stands there whole or not
    at all, and all that were acknowledged do."""
    reading, writing = os.pipe()
    child = get_context("fork").Process(target=talk_until_killed, args=(f"{tmp_path}/var/conversations.db", writing))
    child.start()
    os.close(writing)
    with os.fdopen(reading) as acknowledgements:
        lines = [acknowledgements.readline() for _ in range(100)]
        child.kill()
        lines += acknowledgements.readlines()
    child.join()
    acknowledged = [line.rstrip("\n") for line in lines if line.endswith("\n")]
    found = [text for texts in stored(store).values() for text in texts]
    assert len(acknowledged) >= 100
    assert set(acknowledged) <= set(found)
    assert {found.count(text) for text in found} == {2}


def talk_until_killed(database: str, output: int) -> None:
    store = ErasableSQLTrackerStore(domain=Domain.empty(), host=f"sqlite:///{database}")

    async def talk(sender: str) -> None:
        last = 0
        for number in range(10_000):
            last = await store.append(sender, [said(f"{sender}{number}")] * 2, last)
            os.write(output, f"{sender}{number}\n".encode())

    async def all_talk() -> None:
        await asyncio.gather(*(talk(sender) for sender in "abcdefgh"))

    asyncio.run(all_talk())


@pytest.mark.server
def test_turns_are_stored_by_many_at_once(any_store):
    """Each in its place, whichever database and whoever takes it along."""

    async def talk(sender: str) -> None:
        last = 0
        for number in range(5):
            last = await any_store.append(sender, [said(f"{sender}{number}")], last)

    async def all_talk() -> None:
        await asyncio.gather(*(talk(sender) for sender in "abcdefgh"))

    asyncio.run(all_talk())
    assert stored(any_store) == {sender: [f"{sender}{number}" for number in range(5)] for sender in "abcdefgh"}


def test_turns_read_no_more_than_tells_whether_a_conversation_has_changed(tmp_path):
    store = ErasableSQLTrackerStore(Domain.empty(), f"sqlite:///{tmp_path / 'turns.db'}")
    asyncio.run(store.append("a", [said(str(number)) for number in range(5)], 0))
    known = {"sender": "a", "last": 0}
    with store.engine.connect() as connection:
        assert rows_of(connection, NUMBERS, known) == [(1,), (2,)] == connection.execute(NUMBERS, known).all()
        with pytest.raises(sqlite3.ProgrammingError, match="last"):
            rows_of(connection, NUMBERS, {"sender": "a"})
