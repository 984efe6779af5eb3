from __future__ import annotations

import asyncio

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, check_if_tracker_store_async
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.tracker_store import DraftStore, ErasableSQLTrackerStore, erasable_store
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
        ErasableSQLTrackerStore(db=str(tmp_path / "file" / "conversations.db"))


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
