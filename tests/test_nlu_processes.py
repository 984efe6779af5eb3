"""Processes that understand messages with the real model, and in the real server."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from rasa.core.agent import Agent, load_agent
from rasa.utils.log_utils import configure_structlog

from channels.quick_rasa import make_quick
from channels.understanding import Understanding
from maintain.bench.messages import texts
from maintain.bench.processes import memory, tree
from maintain.models import Models
from maintain.settings import ROOT
from tests.conftest import Assistant

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

MESSAGES = 50
PRIVATE = 80
"""Megabytes that one process may take for itself; the model and Rasa's code, some 400, it shares with the server."""

READERS, TURNS = 4, 25


@pytest.mark.filterwarnings("ignore")  # Rasa's, of itself and of its libraries
def test_nlu_processes_understand_as_the_server_does(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    make_quick()
    configure_structlog(logging.ERROR)  # as the server does
    asyncio.run(_compare(str(Models(ROOT / "models", ROOT).checked())))


async def _compare(model: str) -> None:
    agent = await load_agent(model)
    messages = [*texts(MESSAGES), "  two  spaces ", "/duration", "how long 🙂 does 'it' last?\n\nthanks"]
    here = [as_stored(await agent.parse_message(text)) for text in messages]
    before = memory([os.getpid()])
    understanding = Understanding(2, 60)
    await understanding.take(agent)
    try:
        assert await _parsed(agent, messages) == here
        assert len(understanding.pids) == 2
        grown = memory([os.getpid(), *understanding.pids]) - before
        assert grown <= 2 * PRIVATE, f"{grown:.0f} MB"
    finally:
        await understanding.stop(None)  # type: ignore[arg-type]


async def _parsed(agent: Agent, messages: list[str]) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*map(agent.parse_message, messages)))


def as_stored(parsed: dict[str, Any]) -> Any:
    """JSON knows no tuples."""
    return json.loads(json.dumps(parsed))


def processes(assistant: Assistant) -> list[int]:
    """Those of the assistant of all tests."""
    mark = str(assistant.folder).encode()
    return [pid for pid in tree(os.getpid()) if _read(pid, "comm") == b"faq-nlu\n" and mark in _read(pid, "environ")]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""  # it has ended


def metric(assistant: Assistant, series: str) -> float:
    lines = httpx.get(assistant.metrics, trust_env=False).text.splitlines()
    return float(next(line for line in lines if line.startswith(series + " ")).rpartition(" ")[2])


def write(url: str, number: int, faults: list[str]) -> None:
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {http.post('/chat/session').json()['session']}"
        sent = [f"how long does it last {number}-{turn}" for turn in range(TURNS)]
        for text in sent:
            answer = http.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": text})
            if answer.status_code != 200 or not answer.json()["messages"]:
                faults.append(f"{text}: {answer.status_code} {answer.text}")
        kept = [each["text"] for each in http.get("/chat/messages").json()["messages"] if each["role"] == "reader"]
        if kept != sent:
            faults.append(f"sent {sent}, kept {kept}")


def test_nlu_processes_that_are_killed_lose_and_double_nothing(assistant: Assistant) -> None:
    faults: list[str] = []
    readers = [threading.Thread(target=write, args=(assistant.url, each, faults)) for each in range(READERS)]
    before, died = processes(assistant), metric(assistant, 'faq_nlu_process_ends_total{reason="died"}')
    assert len(before) == 2
    for each in readers:
        each.start()
    killed = 0
    while any(each.is_alive() for each in readers) and killed < 5:
        if len(found := processes(assistant)) == 2:
            os.kill(found[killed % 2], signal.SIGKILL)
            killed += 1
        time.sleep(0.3)
    for each in readers:
        each.join()
    assert faults == []
    assert killed >= 2
    deadline = time.monotonic() + 10
    while metric(assistant, "faq_nlu_processes") < 2 or len(processes(assistant)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert metric(assistant, 'faq_nlu_process_ends_total{reason="died"}') == died + killed
    assert not set(before) <= set(processes(assistant))
    assert (assistant.folder / "assistant.log").read_text(encoding="utf-8").count("[NLP03]") >= killed
