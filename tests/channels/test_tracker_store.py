from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, check_if_tracker_store_async
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.feedback import Feedback
from channels.tracker_store import ConflictError, DraftStore, ErasableSQLTrackerStore, erasable_store
from faq.errors import SetupError


def tracker(sender: str, text: str) -> DialogueStateTracker:
    return DialogueStateTracker.from_events(sender, [UserUttered(text, {"name": "other"})])


def test_tracker_store_is_one_that_rasa_takes(store):
    assert check_if_tracker_store_async(store)


def test_tracker_store_deletes_one_conversation_and_overwrites_it(store, tmp_path):
    asyncio.run(store.save(tracker("a", "unmistakable-words " * 50)))
    asyncio.run(store.save(tracker("b", "kept-words")))
    asyncio.run(store.delete("a"))
    asyncio.run(store.delete("a"))
    assert asyncio.run(store.retrieve_full_tracker("a")) is None
    assert list(asyncio.run(store.keys())) == ["b"]
    database = (tmp_path / "var" / "conversations.db").read_bytes()
    assert b"unmistakable-words" not in database
    assert b"kept-words" in database


def test_tracker_store_file_is_for_its_owner(store, tmp_path):
    assert (tmp_path / "var" / "conversations.db").stat().st_mode & 0o077 == 0


def test_tracker_store_says_when_the_file_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match=r"CHT05.*FAQ_DATABASE"):
        ErasableSQLTrackerStore(host=f"sqlite:///{tmp_path}/file/conversations.db")


def test_erasable_store_is_found_in_rasas_wrapper(store):
    assert erasable_store(FailSafeTrackerStore(store)) is store is erasable_store(store)


def test_erasable_store_refuses_another_kind():
    with pytest.raises(SetupError, match=r"CHT06.*endpoints.yml"):
        erasable_store(FailSafeTrackerStore(InMemoryTrackerStore(Domain.empty())))


def test_draft_store_keeps_to_itself_until_told(store):
    asyncio.run(store.save(tracker("a", "before")))
    draft = DraftStore(store)
    conversation = asyncio.run(draft.get_or_create_tracker("a"))
    conversation.update(UserUttered("after", {"name": "other"}))
    asyncio.run(draft.save(conversation))
    assert len(asyncio.run(store.retrieve("a")).events) == 1
    assert len(draft.draft.events) == 2
    asyncio.run(draft.keep(draft.draft))
    assert len(asyncio.run(store.retrieve("a")).events) == 2


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
def test_tracker_store_keeps_no_turn_on_what_has_changed(any_store):
    """Two servers answer at once in one conversation: the second finds that it was not alone."""
    asyncio.run(any_store.save(tracker("a", "first")))
    drafts = [DraftStore(any_store), DraftStore(any_store)]
    turns = [asyncio.run(draft.get_or_create_tracker("a")) for draft in drafts]
    for number, turn in enumerate(turns):
        turn.update(UserUttered(f"turn {number}", {"name": "other"}))
    asyncio.run(drafts[1].keep(turns[1]))
    with pytest.raises(ConflictError, match="CHT08"):
        asyncio.run(drafts[0].keep(turns[0]))
    assert [event.text for event in asyncio.run(any_store.retrieve("a")).events] == ["first", "turn 1"]


@pytest.mark.server
def test_tracker_store_keeps_nothing_behind_a_deletion(any_store):
    asyncio.run(any_store.save(tracker("a", "first")))
    draft = DraftStore(any_store)
    turn = asyncio.run(draft.get_or_create_tracker("a"))
    turn.update(UserUttered("late", {"name": "other"}))
    asyncio.run(any_store.delete("a"))
    with pytest.raises(ConflictError):
        asyncio.run(draft.keep(turn))
    with pytest.raises(ConflictError):
        asyncio.run(any_store.keep_feedback("a", Feedback("00000000-0000-4000-8000-000000000000", True)))
    assert asyncio.run(any_store.keys()) == []


@pytest.mark.server
def test_tracker_store_stores_one_of_many_turns_at_once(postgres, store):
    """Really at the same time, on connections of their own."""
    stores = [ErasableSQLTrackerStore(domain=store.domain, host=postgres) for _ in range(4)]
    asyncio.run(stores[0].save(tracker("many", "first")))

    async def race() -> list[BaseException | None]:
        turns = []
        for each in stores:
            turn = await each.retrieve("many")
            turn.update(UserUttered("race", {"name": "other"}))
            turns.append(each.save_if_unchanged(turn, 1))
        return await asyncio.gather(*turns, return_exceptions=True)

    results = asyncio.run(race())
    assert sorted(type(result).__name__ for result in results) == ["ConflictError"] * 3 + ["NoneType"]
    assert len(asyncio.run(stores[0].retrieve("many")).events) == 2
    for each in stores:
        each.engine.dispose()


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
