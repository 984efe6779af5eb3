"""Readers who ask without a pause, in a process of their own: ``python -m maintain.bench.load``, JSON in and out.

Each reader asks ``TURNS`` questions a conversation, waits for each answer, and then begins another conversation. Our
chat API has a call for that, Rasa's REST channel begins one with its first message; the call counts as time of the
whole, not of a reply.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import resource
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import uvloop

from maintain.bench.connection import Connection
from maintain.bench.processes import BenchError, processor_seconds
from maintain.bench.systems import OURS, Running, question, replies
from maintain.settings import ROOT

TURNS = 5
"""Questions in a conversation."""


def asked(
    assistant: Running, texts: Sequence[str], readers: int = 1, seconds: float = 0, turns: int = TURNS
) -> dict[str, Any]:
    """Has readers ask an assistant.

    Args:
        assistant: that runs.
        texts: what they ask, one after another.
        readers: how many at once.
        seconds: how long; 0: until each text was asked once.
        turns: questions in a conversation.

    Returns:
        ``times`` of the replies in milliseconds, in order; ``rate``, replies a second; ``processor``, milliseconds of
        processor time that the assistant took for one; ``client``, those of the readers' process.

    Raises:
        BenchError: an answer was an error, or empty.
    """
    order = {"system": assistant.system, "url": assistant.url, "texts": list(texts)}
    order |= {"readers": readers, "seconds": seconds, "turns": turns}
    before = processor_seconds(assistant.pids)
    done = subprocess.run(
        [sys.executable, "-m", "maintain.bench.load"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"[BEN03] The assistant {assistant.system!r} failed under load: {done.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    used = 1000 * (processor_seconds(assistant.pids) - before)
    return {**found, "processor": used / len(found["times"])}


async def ask_all(order: dict[str, Any]) -> dict[str, Any]:
    """Does what ``asked`` says."""
    texts: Iterator[str] = itertools.cycle(order["texts"]) if order["seconds"] else iter(order["texts"])
    times: list[float] = []
    before = _used()
    started = time.perf_counter()
    until = started + order["seconds"] if order["seconds"] else float("inf")
    await asyncio.gather(*(_read(order, texts, until, times) for _ in range(order["readers"])))
    passed = time.perf_counter() - started
    client = 1000 * (_used() - before) / len(times)
    return {"times": [round(each, 3) for each in times], "rate": len(times) / passed, "client": client}


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _read(order: dict[str, Any], texts: Iterator[str], until: float, times: list[float]) -> None:
    connection, conversation = await Connection.open(order["url"]), ""
    for number, text in enumerate(texts):
        if time.perf_counter() > until:
            break
        if number % order["turns"] == 0:
            conversation = await _begin(connection, order["system"])
        call = question(order["system"], conversation, text)
        sent = time.perf_counter()
        status, content = await connection.post(*call)
        times.append(1000 * (time.perf_counter() - sent))
        if status != 200 or not replies(content):
            raise BenchError(f"{status} {content} for {text!r}")
    connection.close()


async def _begin(connection: Connection, system: str) -> str:
    if system != OURS:
        return str(uuid.uuid4())
    _, content = await connection.post("/chat/session")
    return str(content["session"])


if __name__ == "__main__":
    try:
        uvloop.install()
        json.dump(asyncio.run(ask_all(json.load(sys.stdin))), sys.stdout)
    except BenchError as error:
        sys.exit(str(error))
