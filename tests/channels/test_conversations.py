"""Two servers on one store, neither of which hears of the other: each is a ``Conversations`` of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from channels.conversations import Conversations
from channels.incoming import Incoming
from channels.locks import ConversationLocks
from channels.problems import Problem


def servers(number: int) -> list[Conversations]:
    return [Conversations("chat", 20, 5, 500, ConversationLocks()) for _ in range(number)]


def conversation(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_conversations_go_on_at_another_server(agent):
    one, other = servers(2)

    async def talk() -> None:
        await one.start(agent, "a")
        first = await one.say(agent, "a", Incoming("1", text="first"))
        second = await other.say(agent, "a", Incoming("2", text="second"))
        assert await other.say(agent, "a", Incoming("1", text="first")) == first
        assert await one.say(agent, "a", Incoming("2", text="second")) == second
        assert await one.say(agent, "a", Incoming("3", payload="/duration")) != []
        assert [entry["text"] for entry in await other.history(agent, "a") if entry["role"] == "reader"] == [
            "first",
            "second",
            "How long?",
        ]

    conversation(talk())
    assert agent.action_endpoint.calls.count("action_answer") == 3


def test_conversations_end_where_another_server_has_erased_them(agent):
    one, other = servers(2)

    async def talk() -> None:
        await one.start(agent, "a")
        await one.say(agent, "a", Incoming("1", text="first"))
        await other.erase(agent, "a")
        assert "a" in one._recent
        with pytest.raises(Problem, match="conversation_gone"):
            await one.say(agent, "a", Incoming("2", text="second"))
        assert "a" not in one._recent

    conversation(talk())


def test_conversations_forget_what_is_erased_here(agent):
    (one,) = servers(1)

    async def talk() -> None:
        await one.start(agent, "a")
        await one.say(agent, "a", Incoming("1", text="first"))
        await one.erase(agent, "a")
        assert "a" not in one._recent

    conversation(talk())


def test_conversations_that_come_at_once_at_two_servers_are_stored_once(agent):
    """The lock between the two has failed: both answer, the database takes one turn, and the other is tried again."""
    one, other = servers(2)

    async def talk() -> None:
        await one.start(agent, "a")
        same = await asyncio.gather(*(each.say(agent, "a", Incoming("1", text="same")) for each in (one, other)))
        assert same[0] == same[1]
        await asyncio.gather(
            one.say(agent, "a", Incoming("2", text="two")), other.say(agent, "a", Incoming("3", text="three"))
        )
        said = [entry["text"] for entry in await one.history(agent, "a") if entry["role"] == "reader"]
        assert sorted(said) == ["same", "three", "two"]

    conversation(talk())


def test_conversations_take_as_much_for_a_late_turn_as_for_an_early_one(agent):
    """What an action is given does not grow with the conversation."""
    (one,) = servers(1)
    seen: list[int] = []
    ask = agent.action_endpoint.request

    async def request(json: Any = None, **more: Any) -> Any:
        seen.append(len(json["tracker"]["events"]))
        return await ask(json=json, **more)

    agent.action_endpoint.request = request

    async def talk() -> None:
        await one.start(agent, "a")
        for number in range(30):
            await one.say(agent, "a", Incoming(str(number), text="words"))

    conversation(talk())
    assert len(set(seen[1:])) == 1
