"""Servers on one store, each a ``Conversations`` of its own: one that is alone, and several whose Redis has failed, so
that none hears of the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

import pytest
import sqlalchemy as sa

from channels.conversations import Conversations
from channels.incoming import Incoming
from channels.locks import ConversationLocks
from channels.problems import Problem


class Failed:
    """A Redis that gives its lock to everybody."""

    @asynccontextmanager
    async def hold(self, _key: str) -> AsyncIterator[None]:
        yield


def servers(number: int) -> list[Conversations]:
    return [Conversations("chat", 20, 5, 500, ConversationLocks(Failed())) for _ in range(number)]


def alone() -> Conversations:
    return Conversations("chat", 20, 5, 500, ConversationLocks())


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


def test_conversations_of_one_server_are_written_and_not_read(agent, store):
    one, calls = alone(), []
    sa.event.listen(
        store.engine,
        "checkout",
        lambda driver, *_: driver.set_trace_callback(lambda text: calls.append(text.split()[0])),
    )

    async def talk() -> None:
        await one.start(agent, "a")
        calls.clear()
        await one.say(agent, "a", Incoming("1", text="first"))

    conversation(talk())
    assert [verb for verb, _ in groupby(calls)] == ["BEGIN", "SELECT", "INSERT", "SELECT", "COMMIT"]


@pytest.mark.parametrize("payload", [None, "/duration"])
def test_conversations_end_where_another_program_has_erased_them(agent, store, payload):
    """Such as ``maintain purge``, of which the one server does not hear."""
    one = alone()

    async def talk() -> None:
        await one.start(agent, "a")
        await store.delete("a")
        with pytest.raises(Problem, match="conversation_gone"):
            await one.say(agent, "a", Incoming("1", text=None if payload else "first", payload=payload))
        assert "a" not in one._recent
        assert await store.keys() == []

    conversation(talk())


def test_conversations_of_two_servers_without_redis_are_stored_once(agent):
    """It costs work, but no message, and no button that the other one has offered."""
    one, other = alone(), alone()
    ask = agent.action_endpoint.request

    async def request(json: Any = None, **more: Any) -> Any:
        answer = await ask(json=json, **more)
        answer["responses"][0]["buttons"] = [
            {"title": "More?", "payload": "/duration" if "start" in json["next_action"] else "/other"}
        ]
        return answer

    agent.action_endpoint.request = request

    async def talk() -> None:
        await one.start(agent, "a")
        with pytest.raises(Problem, match="not_offered"):
            await one.say(agent, "a", Incoming("0", payload="/other"))
        first = await other.say(agent, "a", Incoming("1", text="first"))
        assert await one.say(agent, "a", Incoming("2", payload="/other")) != first
        assert await other.say(agent, "a", Incoming("3", text="second")) != first
        assert await other.say(agent, "a", Incoming("1", text="first")) == first
        said = [entry["id"] for entry in await one.history(agent, "a") if entry["role"] == "reader"]
        assert said == ["1", "2", "3"]

    conversation(talk())


def test_conversations_forget_what_is_erased_here(agent):
    one = alone()

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
    one = alone()
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
