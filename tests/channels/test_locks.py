from __future__ import annotations

import asyncio

import pytest

from channels.locks import ConversationLocks
from tests.patience import PATIENCE


def test_locks_take_turns_by_key_and_leave_nothing():
    async def run() -> list[str]:
        locks, log = ConversationLocks(), []

        async def work(key: str, name: str) -> None:
            async with locks.hold(key):
                log.append(f"{name} in")
                await asyncio.sleep(0.01)
                log.append(f"{name} out")

        await asyncio.gather(work("a", "1"), work("a", "2"), work("b", "3"))
        assert len(locks) == 0
        return log

    log = asyncio.run(run())
    assert log[:2] == ["1 in", "3 in"], "conversations do not wait for each other"
    assert log.index("1 out") < log.index("2 in")


def test_locks_are_freed_by_errors_and_cancelled_waiters():
    async def run() -> int:
        locks = ConversationLocks()

        async def wait() -> None:
            async with locks.hold("a"):
                pass

        async def fail() -> None:
            async with locks.hold("a"):
                waiter = asyncio.create_task(wait())
                await asyncio.sleep(0)
                waiter.cancel()
                await asyncio.sleep(0)
                assert len(locks) == 1
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        await asyncio.wait_for(wait(), PATIENCE)
        return len(locks)

    assert asyncio.run(run()) == 0
