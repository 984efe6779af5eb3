from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable
from types import SimpleNamespace

from rasa.core.actions.action import create_bot_utterance
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered

from channels import recent as module
from channels.drafts import DraftStore
from channels.recent import Recent, RecentConversations
from tests.patience import PATIENCE

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Slot auto-fill")  # Rasa says so of any domain with slots
    DOMAIN = Domain.from_dict(
        {
            "version": "3.1",
            "intents": ["other"],
            "slots": {
                name: {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}
                for name in ("kept", "empty")
            },
        }
    )
EVENTS = [
    ActionExecuted("action_session_start"),
    SessionStarted(),
    create_bot_utterance({"text": "Hello.", "buttons": [{"title": "How long?", "payload": "/duration"}]}),
    ActionExecuted("action_listen"),
    UserUttered("words", {"name": "other"}, message_id="1"),
    ActionExecuted("action_reply"),
    create_bot_utterance({"text": "one", "buttons": [{"title": "Again?", "payload": "/duration"}]}),
    SlotSet("kept", {"n": 1}),
    ActionExecuted("action_listen"),
]


def recent(places: slice = slice(None), *, known: Recent | None = None) -> Recent:
    known = known or Recent()
    known.catch_up("a", DOMAIN, EVENTS[places], len(EVENTS[: places.stop]))
    return known


def test_recent_holds_what_the_next_turn_needs():
    state = recent()
    assert (state.last, state.said, state.offers) == (9, {"1"}, {"/duration": "Again?"})
    assert state.slots["kept"] == {"n": 1}


def test_recent_is_the_same_in_one_reading_or_in_parts():
    assert recent() == recent(slice(5, None), known=recent(slice(0, 5)))


def test_recent_tracker_is_ready_for_a_message_and_short():
    tracker = recent().tracker("a", DOMAIN)
    assert tracker.get_slot("kept") == {"n": 1}
    assert tracker.latest_action_name == "action_listen"
    assert tracker.applied_events()
    assert [type(event).__name__ for event in tracker.events] == ["SlotSet", "ActionExecuted"]


def test_recent_tracker_is_empty_before_the_beginning():
    assert not Recent().tracker("a", DOMAIN).events


def test_recent_tracker_leaves_out_slots_that_a_new_model_has_not():
    assert "kept" not in recent().tracker("a", Domain.empty()).slots


def test_recent_conversations_forget_the_longest_silent():
    async def keep() -> RecentConversations:
        conversations = RecentConversations(most=2)
        for name in ("a", "b", "a", "c"):
            conversations.keep(name, Recent(last=1))
        return conversations

    kept = asyncio.run(keep())
    assert [name in kept for name in "abc"] == [True, False, True]
    kept.forget("a")
    assert kept.get("a") == Recent()


def test_recent_conversations_forget_after_a_while(monkeypatch):
    """On a clock of the test's own: each is looked for when its time is over, and not before."""
    now = [0.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    looks: list[tuple[float, Callable[[], None]]] = []
    seen: list[str] = []

    def call_later(seconds: float, look: Callable[[], None]) -> object:
        looks.append((now[0] + seconds, look))
        return look

    async def keep() -> None:
        asyncio.get_running_loop().call_later = call_later
        conversations = RecentConversations(kept_for=100)
        for now[0], name in ((0.0, "a"), (60.0, "b")):
            conversations.keep(name, Recent(last=1))
        while looks:
            now[0], look = looks.pop()
            look()
            seen.append(f"{now[0]:.0f} s: {[name for name in 'ab' if name in conversations]}")

    asyncio.run(keep())
    assert seen == ["100 s: ['b']", "160 s: []"]


def test_recent_conversations_forget_by_themselves():
    async def keep() -> None:
        conversations = RecentConversations(kept_for=0.05)
        conversations.keep("a", Recent(last=1))
        while "a" in conversations:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(keep(), PATIENCE))


def test_draft_store_keeps_to_itself_until_told(store):
    state = Recent(last=asyncio.run(store.append("a", EVENTS[:4], 0)))
    draft = DraftStore(store, state)
    conversation = asyncio.run(draft.get_or_create_tracker("a"))
    conversation.update(UserUttered("after", {"name": "other"}, message_id="2"))
    asyncio.run(draft.save(conversation))
    assert len(asyncio.run(store.read_after("a", 0))[0]) == 4
    assert not state.said
    asyncio.run(draft.keep(draft.draft))
    events, last = asyncio.run(store.read_after("a", 0))
    assert (len(events), events[-1].text) == (5, "after")
    assert (state.last, state.said) == (last, {"2"})
