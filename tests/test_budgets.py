"""What a message, a server and a training may cost. No time is looked at alone: calls are counted, and processor time
is held against that of half the work, so that a slow or busy machine changes nothing.

Where a budget is exceeded for a good reason, raise it and say in the commit what for.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from rasa.core.agent import load_agent
from rasa.core.utils import AvailableEndpoints

from channels.conversations import Conversations
from channels.incoming import Incoming
from channels.locks import ConversationLocks
from channels.own_actions import OwnActions
from channels.quick_rasa import make_quick
from faq.logs import configure
from maintain.bench.growing import own_examples, resized, topic_examples, topics, write_project
from maintain.bench.processes import PROC, memory, tree
from maintain.models import Models
from maintain.settings import ROOT
from maintain.understander import Understander, example, read_config
from tests.conftest import Assistant

pytestmark = pytest.mark.timeout(900)
"""The first test waits for a training and a start."""

QUESTION = "my eyelid has been twitching for two days, how long will it last and can stress cause that?"

CALLS = 2_400
"""Python functions that are called to understand it."""

REPLY_CALLS = 2_500
"""Python functions that are called for a whole reply, without HTTP, in the thread that answers."""

REPLY_CALLS_BESIDES = 1_300
"""Those of them that are not called to understand the message."""

TURNS = 30
"""After so many turns a reply may call one in twenty more functions than in the third."""

MEGABYTES = 800
"""Of all processes together; TensorFlow alone would add 430."""

LEFT_OUT = ("tensorflow", "jax", "torch", "keras")
"""Libraries that no server may load."""

SECTIONS = (12, 36)
"""Numbers of sections, between which what is understood of a message may not grow by a tenth; it travels between
processes, and is stored."""

TWICE = 2.5
"""What a training on twice the phrasings may take, against one on half of them."""

TRIES = 3
"""Trainings of each size at most; the quickest counts, since what else the machine does can only make one longer."""


@pytest.fixture
def servers(assistant: Assistant) -> list[int]:
    """The processes of the assistant of all tests."""
    return [pid for pid in tree(os.getpid())[1:] if str(assistant.folder).encode() in _environment(pid)]


def _environment(pid: int) -> bytes:
    try:
        return (PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return b""  # it has ended


@contextmanager
def counting() -> Iterator[list[int]]:
    """Counts the Python functions that this thread calls."""
    found = [0]

    def count(_frame: object, event: str, _argument: object) -> None:
        found[0] += event == "call"

    sys.setprofile(count)
    try:
        yield found
    finally:
        sys.setprofile(None)


@pytest.fixture(scope="module")
def understander(assistant_model: Path) -> Iterator[Understander]:
    with tempfile.TemporaryDirectory() as folder:
        yield Understander(assistant_model, Path(folder))


@pytest.fixture(scope="module")
def assistant_model(assistant: Assistant) -> Path:
    """The current model, which is up to date once the assistant has started."""
    return Models(ROOT / "models", ROOT).checked()


@pytest.mark.server
def test_budgets_of_understanding_a_message(understander: Understander) -> None:
    understander.parse([QUESTION])
    with counting() as found:
        understander.parse([QUESTION])
    assert found[0] <= CALLS


@pytest.mark.server
@pytest.mark.filterwarnings("ignore")  # Rasa's, of itself and of its libraries
def test_budgets_of_a_reply(
    assistant_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    logging_restored: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in (None, "rasa"):
        caplog.set_level(logging.WARNING, name)  # as for every server
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FAQ_STORE_URL", f"sqlite:///{tmp_path / 'conversations.db'}")
    monkeypatch.setenv("FAQ_ACTIONS_URL", "")
    counted, besides = asyncio.run(_replies(assistant_model, TURNS))
    assert counted[2] <= REPLY_CALLS, counted
    assert max(counted[-3:]) <= 1.05 * counted[2], counted
    assert besides <= REPLY_CALLS_BESIDES


async def _replies(model: Path, turns: int) -> tuple[list[int], int]:
    """Calls of each turn of a conversation, in which one question is asked again and again; and of one more whose
    understanding is remembered."""
    make_quick()
    configure({"FAQ_LOG_FORMAT": "text"})  # as `make run` does
    agent = await load_agent(str(model), endpoints=AvailableEndpoints.read_endpoints("endpoints.yml"))
    conversations = Conversations("chat", 60, 5, 500, ConversationLocks(), OwnActions())
    await conversations.start(agent, "reader")

    async def calls() -> int:
        with counting() as found:
            await conversations.say(agent, "reader", Incoming(str(uuid4()), text=QUESTION))
        return found[0]

    counted = [await calls() for _ in range(turns)]
    understood = await agent.parse_message(QUESTION)
    agent.processor._parse_message_with_graph = lambda *_: {**understood}
    return counted, await calls()


@pytest.mark.server
def test_budgets_of_the_servers_memory(servers: list[int]) -> None:
    assert len(servers) > 1
    assert memory(servers) <= MEGABYTES
    for pid in servers:
        mapped = (PROC / str(pid) / "maps").read_text(encoding="utf-8")
        assert [name for name in LEFT_OUT if f"/{name}/" in mapped] == []


def test_budgets_of_what_travels_with_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAQ_VECTORS", str(ROOT / "var" / "encoder" / "vectors.db"))
    config, own, sizes = read_config(without=("FactExtractor", "RedFlagClassifier")), own_examples(), []
    for number in SECTIONS:
        made = topics(own, number)
        asked_for, *phrasings = topic_examples(own, made, 144)
        monkeypatch.chdir(write_project(tmp_path / str(number), phrasings, made))
        examples = [example(each.text, each.intent) for each in phrasings]
        (parsed,) = Understander.train(config, examples, tmp_path).parse([asked_for.text])
        sizes.append(len(json.dumps(parsed)))
    assert sizes[1] <= 1.1 * sizes[0], f"{sizes} bytes"


def test_budgets_of_training_on_more_phrasings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("FAQ_VECTORS", str(ROOT / "var" / "encoder" / "vectors.db"))
    chosen = [example(each.text, each.intent) for each in resized(own_examples(), 1_000)]
    config = read_config(without=("FactExtractor", "RedFlagClassifier", "PassageRanker"))

    def train(size: int) -> float:
        started = time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            Understander.train(config, chosen[:size], Path(folder))
        return time.process_time() - started

    train(100)
    halves, wholes = [train(500)], [train(1_000)]
    while min(wholes) > TWICE * min(halves) and len(wholes) < TRIES:
        halves.append(train(500))
        wholes.append(train(1_000))
    assert min(wholes) <= TWICE * min(halves), f"{halves} and {wholes} processor seconds"
