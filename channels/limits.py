"""How much one reader, one address and all together may ask of the assistant."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from ipaddress import ip_address

from channels.problems import Problem
from channels.shared import Shared, SharedDown

MOST_KEYS = 50_000
"""Keys one rate remembers, a few megabytes; beyond that the oldest are forgotten first."""


class Rate:
    """A rate for each key with room for a burst (the generic cell rate algorithm: one number a key), in this process.

    Args:
        per_minute: calls a minute that may go on forever.
        burst: calls that may come at once after a pause.
        clock: seconds that never go back.
    """

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.interval = 60 / per_minute
        self.slack = self.interval * (burst - 1)
        self._clock = clock
        self._due: dict[str, float] = {}

    def take(self, key: str) -> None:
        """Counts one call.

        Raises:
            Problem: 429 with ``Retry-After`` if it comes too early; it is then not counted.
        """
        now = self._clock()
        due = max(self._due.get(key, now), now)
        if due - now > self.slack + 1e-9:
            raise _too_many(due - now - self.slack)
        self._due[key] = due + self.interval
        if len(self._due) > MOST_KEYS:
            self._shrink(now)

    def forget(self, key: str) -> None:
        """Removes what is known of a key."""
        self._due.pop(key, None)

    def __contains__(self, key: str) -> bool:
        return key in self._due

    def _shrink(self, now: float) -> None:
        """Drops the keys whose calls are all paid off, and the older half if that is not enough."""
        self._due = {key: due for key, due in self._due.items() if due > now}
        if len(self._due) > MOST_KEYS // 2:
            self._due = dict(list(self._due.items())[-MOST_KEYS // 2 :])


class SharedRate:
    """A rate that all servers count together, and each by itself while what they share does not answer.

    Args:
        name: of what is counted.
        per_minute: calls a minute that may go on forever.
        burst: calls that may come at once after a pause.
        shared: where they count; None where there is one server.
    """

    def __init__(self, name: str, per_minute: int, burst: int, shared: Shared | None = None) -> None:
        self._name, self._shared = name, shared
        self._here = Rate(per_minute, burst)

    async def take(self, key: str) -> None:
        """Counts one call.

        Raises:
            Problem: 429 with ``Retry-After`` if it comes too early; it is then not counted.
        """
        wait = None
        if self._shared is not None:
            with suppress(SharedDown):
                wait = await self._shared.wait_of(self._name, key, self._here.interval, self._here.slack)
        if wait is None:
            self._here.take(key)
        elif wait > 0:
            raise _too_many(wait)

    async def forget(self, key: str) -> None:
        """Removes what is known of a key."""
        self._here.forget(key)
        if self._shared is not None:
            await self._shared.forget(self._name, key)

    def __contains__(self, key: str) -> bool:
        return key in self._here


def _too_many(wait: float) -> Problem:
    return Problem("too_many", retry_after=math.ceil(wait))


class InProgress:
    """Counts what is being worked on for each key, up to a limit.

    Args:
        limit: how much may be in progress at once.
        retry_after: seconds to name to those who come when it is full.
        code: of the problem to answer them with.
    """

    def __init__(self, limit: int, retry_after: int, code: str = "busy") -> None:
        self._limit, self._retry_after, self._code = limit, retry_after, code
        self._counts: dict[str, int] = {}

    @contextmanager
    def one(self, key: str = "") -> Iterator[None]:
        """Holds one place.

        Raises:
            Problem: with ``Retry-After`` if none is free.
        """
        count = self._counts.get(key, 0)
        if count >= self._limit:
            raise Problem(self._code, retry_after=self._retry_after)
        self._counts[key] = count + 1
        try:
            yield
        finally:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]

    @property
    def by_key(self) -> Mapping[str, int]:
        """How much is being worked on for each key, as it changes; empty while nothing is."""
        return self._counts


def reader_address(peer: str, forwarded_for: Sequence[str], trusted_proxies: int) -> str | None:
    """What stands for the reader's network when calls are counted.

    Args:
        peer: address of the connection.
        forwarded_for: the ``X-Forwarded-For`` entries, the last one being that of the nearest proxy.
        trusted_proxies: how many of the last entries the operator's own proxies wrote.

    Returns:
        An IPv4 address, or the /64 network of an IPv6 address (one household has all of it). ``None`` when the
        address says nothing about the reader: this very machine, or something that is not an address.
    """
    written_by_us = forwarded_for[-trusted_proxies:] if trusted_proxies else []
    return _network(written_by_us[0] if written_by_us else peer)


@lru_cache(maxsize=1_024)
def _network(written: str) -> str | None:
    try:
        address = ip_address(written.strip().strip("[]"))
    except ValueError:
        return None
    if address.is_loopback:
        return None
    if address.version == 4:
        return str(address)
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped) if mapped else address.exploded[:19] + "::/64"
