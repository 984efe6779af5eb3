"""Messages understood in processes of their own, in Rasa's own server; only the model is a stand-in."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from channels.model_watch import copy_of
from channels.understanding import Understanding, request_of, understood_by
from tests.channels.conftest import Processor, Running

READERS = 4
TURNS = 12


class Slow(Processor):
    """Says which process has understood, and takes a moment, so that there is time to disturb it."""

    def understood(self, message: UserMessage) -> dict[str, Any]:
        data = super().understood(message)
        if "fail" in message.text:
            raise ValueError(message.text)
        time.sleep(0.02)
        return {**data, "process": os.getpid(), "model": self.model_filename}


@pytest.fixture
def slow(agent: Agent) -> Agent:
    agent.processor = Slow(agent, agent.domain)
    return agent


def in_server(chat: Running, work: Any) -> Any:
    """Does something on the server's event loop."""
    return asyncio.run_coroutine_threadsafe(work, chat.loop.result()).result(20)  # type: ignore[arg-type]


def pids(chat: Running) -> list[int]:
    assert chat.channel.understanding is not None
    return chat.channel.understanding.pids


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Readers:
    """Some who write at once, and what came of it."""

    def __init__(self, chat: Running) -> None:
        self._chat = chat
        self.faults: list[str] = []
        self._threads = [threading.Thread(target=self._write, args=(number,)) for number in range(READERS)]

    def __enter__(self) -> Readers:
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._threads:
            each.join()

    @property
    def writing(self) -> bool:
        return any(each.is_alive() for each in self._threads)

    def _write(self, number: int) -> None:
        session = self._chat.session()
        texts = [f"hello {number}-{turn}" for turn in range(TURNS)]
        for text in texts:
            answer = self._chat.say(session, text)
            if answer.status_code != 200:
                self.faults.append(f"{text}: {answer.status_code} {answer.text}")
        kept = self._chat.history(session).json()["messages"]
        written = [each["text"] for each in kept if each["role"] == "reader"]
        if written != texts:
            self.faults.append(f"sent {texts}, kept {written}")


def processes_of(chat: Running) -> set[int]:
    """Which processes have understood what is stored."""
    events = (row.data for row in chat.stored() if row.type_name == "user")
    return {int(each.partition('"process": ')[2].partition(",")[0].rstrip("}")) for each in events}


def test_understanding_is_done_in_other_processes(slow: Agent, serve: Callable[..., Running]) -> None:
    chat = serve(processes=2)
    until(lambda: len(pids(chat)) == 2)
    with Readers(chat) as readers:
        pass
    assert readers.faults == []
    assert processes_of(chat) == set(pids(chat))
    assert slow.processor.heard == []


@pytest.mark.parametrize("processes", [0, 2])
def test_understanding_that_fails_is_no_answer(
    slow: Agent, serve: Callable[..., Running], processes: int, caplog: pytest.LogCaptureFixture
) -> None:
    chat = serve(processes=processes)
    session = chat.session()
    answer = chat.say(session, "please fail")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_answer")
    assert chat.say(session, "hello").status_code == 200
    assert [each["text"] for each in chat.history(session).json()["messages"] if each["role"] == "reader"] == ["hello"]
    assert ("NLP01" in caplog.text) == bool(processes)


def test_understanding_goes_on_when_processes_are_killed(slow: Agent, serve: Callable[..., Running]) -> None:
    """Spread over the processes, so that no message meets two kills."""
    chat, killed = serve(processes=2), 0
    with Readers(chat) as readers:
        while readers.writing and killed < 4:
            until(lambda: len(pids(chat)) == 2 or not readers.writing)
            for pid in pids(chat)[:1]:
                os.kill(pid, signal.SIGKILL)
                killed += 1
            time.sleep(0.2)
    assert readers.faults == []
    assert killed >= 2
    until(lambda: len(pids(chat)) == 2)


def test_understanding_changes_over_to_a_new_model(slow: Agent, serve: Callable[..., Running]) -> None:
    chat = serve(processes=2)
    until(lambda: len(pids(chat)) == 2)
    agents, before = [slow], pids(chat)

    async def promote(name: str) -> None:
        fresh = copy_of(agents[-1])
        fresh.processor = Slow(fresh, fresh.domain)
        fresh.processor.model_filename = name
        await chat.channel.understanding.take(fresh)  # type: ignore[union-attr]
        chat.app.ctx.agent = fresh
        agents.append(fresh)

    with Readers(chat) as readers:
        for name in ("two", "three"):
            time.sleep(0.1)
            in_server(chat, promote(name))
    assert readers.faults == []
    until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in before))
    assert len(pids(chat)) == 2
    assert in_server(chat, agents[-1].parse_message("hello"))["model"] == "three"
    stored = "".join(row.data for row in chat.stored() if row.type_name == "user")
    assert [name for name in ("model.tar.gz", "two", "three") if f'"model": "{name}"' not in stored] == []


def test_understanding_ends_with_the_server_after_what_is_in_progress(
    slow: Agent, serve: Callable[..., Running]
) -> None:
    chat = serve(processes=2)
    until(lambda: len(pids(chat)) == 2)
    before = pids(chat)
    with Readers(chat) as readers:
        time.sleep(0.1)
        assert chat.channel.understanding is not None
        in_server(chat, chat.channel.understanding.stop(None))  # type: ignore[arg-type]
    assert readers.faults == []
    chat.stop()
    assert not any(os.path.exists(f"/proc/{pid}") for pid in before)


def test_understanding_serves_whoever_asks_rasas_agent(slow: Agent, serve: Callable[..., Running]) -> None:
    """As Rasa's own API does, which the guard does not let anybody reach."""
    chat = serve(processes=2)
    until(lambda: len(pids(chat)) == 2)
    assert in_server(chat, slow.parse_message(" hello "))["process"] in pids(chat)


def test_understanding_hands_over_all_that_the_graph_takes(slow: Agent) -> None:
    message = UserMessage(message_id="an id", metadata={"a": 1})
    message.text = " with spaces "
    seen: list[UserMessage] = []
    slow.processor.understood = lambda each: seen.append(each) or {}
    understood_by(slow.processor)([request_of(message)])
    assert (seen[0].text, seen[0].message_id, seen[0].metadata) == (" with spaces ", "an id", {"a": 1})


def test_understanding_gives_what_rasa_gives_of_one_message(agent: Agent) -> None:
    texts = ["hello there", "/duration", "what helps?"]
    together = understood_by(agent.processor)([request_of(UserMessage(text)) for text in texts])
    assert together == [asyncio.run(agent.parse_message(text)) for text in texts]


def test_understanding_takes_a_graph_that_says_nothing(agent: Agent) -> None:
    agent.processor.understood = lambda _: {}
    (nothing,) = understood_by(agent.processor)([request_of(UserMessage("hello"))])
    assert nothing == agent.processor._parse_message_with_graph(UserMessage("hello"), None)


@pytest.mark.parametrize("value", ["0", "", None])
def test_understanding_is_done_here_where_no_number_is_set(value: str | None) -> None:
    environment = {} if value is None else {"FAQ_NLU_PROCESSES": value}
    assert Understanding.from_environment(environment, 5) is None
