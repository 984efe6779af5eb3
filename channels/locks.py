"""One lock for each conversation, so that its messages and its deletion come one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext

from channels.shared import Shared


class ConversationLocks:
    """Locks by key, in the order of asking; a lock exists only while somebody holds it or waits for it.

    Rasa's lock stores look for their turn once a second, and the one in Redis gives a ticket to two servers that ask at
    the same time. Here one task of this process at a time asks the other servers.

    Args:
        shared: through which the other servers are asked; None where there are none.
    """

    def __init__(self, shared: Shared | None = None) -> None:
        self._shared = shared
        self._locks: dict[str, asyncio.Lock] = {}
        self._askers: dict[str, int] = {}

    @property
    def are_own(self) -> bool:
        """Whether no other server is asked: this one is the only one."""
        return self._shared is None

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Waits for the lock of ``key`` and holds it."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._askers[key] = self._askers.get(key, 0) + 1
        try:
            async with lock, self._shared.hold(key) if self._shared else nullcontext():
                yield
        finally:
            self._askers[key] -= 1
            if not self._askers[key]:
                del self._locks[key], self._askers[key]

    def __len__(self) -> int:
        return len(self._locks)
