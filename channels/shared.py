"""What several servers of one assistant share in Redis: locks and counts. Without Redis each server is on its own."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from redis import Redis
from redis.exceptions import LockError, RedisError
from redis.lock import Lock

from faq.errors import FaqError

logger = logging.getLogger(__name__)
T = TypeVar("T")

VARIABLE = "REDIS_URL"
"""The variable that names the server; empty where a server of ours is the only one."""

WITHIN = 1.0
"""Seconds in which Redis must answer. A reader waits for it, and it usually takes less than a thousandth of that."""

AGAIN = 2.0
"""Seconds after a failure in which Redis is not asked, so that not every reader waits for it."""

THREADS = 8
"""Calls at once, each in a thread: redis-py's own asyncio client at times swallows the cancellation of a call, and a
task that renews a lock then never ends."""

LEASE = 3.0
"""Seconds that a lock is held by a server that has died; one that lives renews it every third of that."""

POLL = 0.2
"""Seconds between two tries to get a lock that another server holds: rare, and a busy Redis would not help."""

COUNT = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
if due - now > tonumber(ARGV[2]) + 0.000000001 then
  return tostring(due - now - tonumber(ARGV[2]))
end
redis.call('SET', KEYS[1], string.format('%.6f', due + ARGV[1]), 'PX', math.ceil((due + ARGV[1] - now) * 1000))
return '0'
"""
"""``limits.Rate`` with one clock for all servers; a key goes when its calls are paid off."""


class SharedDown(FaqError):
    """Redis does not answer."""


class Shared:
    """Locks and counts in Redis.

    Nothing in it can be read back: names are keyed hashes, which is what the privacy of addresses asks for, and every
    key expires within minutes. It need not be right either: the database decides whether a turn is stored (see
    ``ErasableSQLTrackerStore.append``), so that a Redis that fails or forgets costs work and no message.

    Args:
        url: of the server, ``redis://`` or ``rediss://``.
        key: that turns names into hashes, the same one in every server.
    """

    def __init__(self, url: str, key: str) -> None:
        self._client = Redis.from_url(url, socket_timeout=WITHIN, socket_connect_timeout=WITHIN)
        self._count = self._client.register_script(COUNT)
        self._threads = ThreadPoolExecutor(THREADS, "redis")
        self._key = key.encode()
        self._ask_from, self._is_down = 0.0, False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], key: str) -> Shared | None:
        """What the environment names, None where this server is the only one."""
        url = environment.get(VARIABLE)
        return cls(url, key) if url else None

    async def wait_of(self, rate: str, key: str, interval: float, slack: float) -> float:
        """Counts one call, unless it comes too early.

        Args:
            rate: the name of what is counted.
            key: who calls.
            interval: seconds that a call takes of the rate.
            slack: seconds that calls may be ahead of the rate.

        Returns:
            Seconds to wait, 0 if the call was counted.

        Raises:
            SharedDown: Redis does not answer.
        """
        return float(await self._ask(lambda: self._count(keys=[self._name(rate, key)], args=[interval, slack])))

    async def forget(self, rate: str, key: str) -> None:
        """Removes what is known of a key; where Redis does not answer, it forgets by itself."""
        with suppress(SharedDown):
            await self._ask(lambda: self._client.delete(self._name(rate, key)))

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Waits for the lock of ``key`` and holds it; where Redis does not answer, goes on without."""
        lock = self._client.lock(self._name("lock", key), timeout=LEASE, thread_local=False)
        with suppress(SharedDown):
            while not await self._ask(lambda: lock.acquire(blocking=False)):
                await asyncio.sleep(POLL)
        done = asyncio.Event()
        renewing = asyncio.create_task(self._renew(lock, done))
        try:
            yield
        finally:
            done.set()
            await asyncio.wait({renewing})
            with suppress(SharedDown, LockError):  # it never was ours, is another's already, or ends after LEASE
                await self._ask(lock.release)

    async def ping(self) -> None:
        """Returns if Redis answers.

        Raises:
            SharedDown: it does not.
        """
        await self._ask(self._client.ping)

    async def _renew(self, lock: Lock, done: asyncio.Event) -> None:
        while not done.is_set():
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(done.wait(), LEASE / 3)
                return
            with suppress(SharedDown, LockError):
                await self._ask(lock.reacquire)

    async def _ask(self, call: Callable[[], T]) -> T:
        if time.monotonic() < self._ask_from:
            raise SharedDown("[RDS01] Redis did not answer a moment ago.")
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except LockError:
            raise
        except (RedisError, OSError) as error:
            self._ask_from = time.monotonic() + AGAIN
            self._tell(down=True, why=repr(error))
            raise SharedDown(f"[RDS01] Redis does not answer: {error!r}") from error
        self._tell(down=False)
        return answer

    def _tell(self, down: bool, why: str = "") -> None:
        if down and not self._is_down:
            logger.error("[RDS01] Redis does not answer (%s). Until it does, each server locks and counts alone.", why)
        elif self._is_down and not down:
            logger.warning("[RDS02] Redis answers again.")
        self._is_down = down

    def _name(self, kind: str, key: str) -> str:
        return f"faq:{kind}:{hmac.new(self._key, f'{kind}:{key}'.encode(), hashlib.sha256).hexdigest()[:32]}"
