"""Whatever breaks, every acknowledged message and its reply is in the store exactly once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping

from maintain.topology import Cluster
from tests.cluster.faults import Fault, drain, healthy, kill
from tests.cluster.load import Figures, Load, Message
from tests.cluster.stored import compared

AFTERWARDS = 10.0
"""Seconds for which a fault is observed after everything is healthy again."""


async def observed(cluster: Cluster, load: Load, name: str, fault: Fault, afterwards: float) -> Figures:
    """Lets a fault happen under load."""
    before = len(load.messages)
    mended = await fault(cluster)
    for each in ("rasa-1", "rasa-2", "chat"):
        await healthy(f"http://127.0.0.1:{cluster.ports[each]}")
    await asyncio.sleep(afterwards)
    messages = load.messages[before:]
    while any(message.acknowledged is None and message.waited < 100 for message in messages):
        await asyncio.sleep(0.2)
    return Figures.of(name, messages, mended)


async def under_load(
    cluster: Cluster,
    faults: Mapping[str, Fault],
    sessions: int,
    rate: float,
    afterwards: float = AFTERWARDS,
    show: Callable[[Figures], None] = lambda _: None,
) -> tuple[list[Figures], list[Message]]:
    figures = []
    async with Load(cluster.url, sessions, rate) as load:
        await asyncio.sleep(5)
        for name, fault in faults.items():
            figures.append(await observed(cluster, load, name, fault, afterwards))
            show(figures[-1])
    return figures, load.messages


def is_whole(cluster: Cluster, messages: list[Message]) -> None:
    kept = compared(cluster.database_url, messages)
    assert kept.is_good, kept
    assert [message for message in messages if message.acknowledged is None] == []


def test_faults_lose_and_double_nothing(cluster: Cluster) -> None:
    """The short version; all faults under many sessions are in test_all_faults.py."""
    faults = {"kill -9 of a Rasa server": kill("rasa-1"), "kill -9 of PostgreSQL": kill("postgres")}
    began = time.monotonic()
    figures, messages = asyncio.run(under_load(cluster, faults, sessions=8, rate=2, afterwards=3))
    assert time.monotonic() - began < 300
    is_whole(cluster, messages)
    assert all(each.sent == each.answered for each in figures)
    replica, database = figures
    assert replica.tried_again == 0, "nginx passes a dead replica over"
    assert set(database.seen) <= {"503 no_answer"}


def test_faults_drain_is_not_noticed(cluster: Cluster) -> None:
    figures, messages = asyncio.run(under_load(cluster, {"SIGTERM": drain("rasa-2")}, sessions=8, rate=2, afterwards=2))
    is_whole(cluster, messages)
    assert figures[0].tried_again == 0
