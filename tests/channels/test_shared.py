"""Two servers that share a real Redis, and what they do without it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from redis import Redis

from channels import shared as module
from channels.limits import SharedRate
from channels.locks import ConversationLocks
from channels.problems import Problem
from channels.shared import Shared, SharedDown
from maintain.topology import Cluster
from tests.patience import PATIENCE

pytestmark = pytest.mark.server
KEY = "k" * 32


@asynccontextmanager
async def two(cluster: Cluster) -> AsyncIterator[tuple[Shared, Shared]]:
    pair = Shared(cluster.redis_url, KEY), Shared(cluster.redis_url, KEY)
    yield pair
    for each in pair:
        each._client.connection_pool.disconnect()


def with_two(cluster: Cluster, work: Callable[[Shared, Shared], Awaitable[None]]) -> None:
    async def run() -> None:
        async with two(cluster) as (one, other):
            await work(one, other)

    asyncio.run(run())


def test_shared_rates_are_counted_together(cluster, redis):
    async def work(one, other):
        rates = [SharedRate("calls", 6, 2, each) for each in (one, other)]
        await rates[0].take("a")
        await rates[1].take("a")
        with pytest.raises(Problem) as refused:
            await rates[0].take("a")
        assert 5 < int(refused.value.headers["Retry-After"]) <= 10, "one call in ten seconds, a bit of them over"
        await rates[0].take("b")
        await rates[1].forget("a")
        await rates[0].take("a")

    with_two(cluster, work)


def test_shared_names_are_hashed_and_expire(cluster, redis):
    async def work(one, _other):
        await SharedRate("address", 6, 2, one).take("192.0.2.77")
        async with one.hold("a-conversation"):
            with Redis.from_url(cluster.redis_url) as looking:
                keys = looking.keys()
                assert len(keys) == 2
                assert not [key for key in keys if b"192.0.2" in key or b"a-conv" in key]
                lock, count = sorted(map(looking.pttl, keys))
                assert 0 < lock <= 3000 < count <= 10_000

    with_two(cluster, work)


def test_shared_locks_keep_servers_apart(cluster, redis):
    async def work(one, other):
        log = []

        async def turn(shared, name):
            async with ConversationLocks(shared).hold("a"):
                log.append(f"{name} in")
                await asyncio.sleep(0.1)
                log.append(f"{name} out")

        await asyncio.gather(turn(one, "1"), turn(other, "2"))
        assert log in (["1 in", "1 out", "2 in", "2 out"], ["2 in", "2 out", "1 in", "1 out"])

    with_two(cluster, work)


def test_shared_locks_are_held_for_as_long_as_it_takes(cluster, redis, monkeypatch):
    monkeypatch.setattr(module, "LEASE", 0.6)

    async def work(one, other):
        async with one.hold("a"):
            began = time.monotonic()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(other.hold("a").__aenter__(), 1.5)
            assert time.monotonic() - began > 1.4

    with_two(cluster, work)


def test_shared_locks_are_given_back_whenever_their_holder_is_cancelled(cluster, redis, monkeypatch):
    """redis-py's asyncio client swallowed some cancellations; a lock renewed for ever closes a conversation."""
    monkeypatch.setattr(module, "LEASE", 0.03)

    async def work(one, other):
        async def turn(number):
            async with one.hold(f"a{number % 3}"):
                await asyncio.sleep(1)

        for number in range(150):
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(turn(number), (number % 30) / 400)
        monkeypatch.setattr(module, "LEASE", 3.0)
        for number in range(3):
            async with other.hold(f"a{number}"):
                pass

    with_two(cluster, lambda one, other: asyncio.wait_for(work(one, other), PATIENCE))


def test_shared_locks_of_a_dead_server_end(cluster, redis, monkeypatch):
    monkeypatch.setattr(module, "LEASE", 0.5)

    async def work(one, other):
        dead = one._client.lock(one._name("lock", "a"), timeout=module.LEASE)
        began = time.monotonic()
        assert dead.acquire()
        async with other.hold("a"):
            assert 0.4 < time.monotonic() - began < PATIENCE

    with_two(cluster, work)


def test_shared_state_that_is_gone_costs_little_and_is_told_once(
    cluster, redis: subprocess.Popen[bytes], caplog, monkeypatch
):
    """The first call finds out; for a while no other one asks."""
    monkeypatch.setattr(module, "AGAIN", PATIENCE)
    asked = []

    async def work(one, _other):
        rate = SharedRate("calls", 60, 1, one)
        await rate.take("before")
        redis.kill()
        redis.wait()
        caplog.set_level(logging.WARNING)
        submit = one._threads.submit
        monkeypatch.setattr(one._threads, "submit", lambda *call: asked.append(call) or submit(*call))
        for _ in range(50):
            async with ConversationLocks(one).hold("a"):
                pass
        await rate.take("a")
        with pytest.raises(Problem, match="too_many"):
            await rate.take("a")
        await rate.forget("a")
        with pytest.raises(SharedDown):
            await one.ping()
        assert len(asked) == 1
        assert [record.message[:7] for record in caplog.records] == ["[RDS01]"]

    with_two(cluster, work)
