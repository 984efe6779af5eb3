"""One lock for each conversation, so that its messages and its deletion come one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class ConversationLocks:
    """Locks by key, in the order of asking; a lock exists only while somebody holds it or waits for it.

    Rasa's lock store looks for its turn once a second. With one of these around it, only one task of this process
    ever asks it for a conversation, and it answers at once.
    """

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._askers: dict[str, int] = {}

    @asynccontextmanager
    async def hold(self, key: str) -> AsyncIterator[None]:
        """Waits for the lock of ``key`` and holds it."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._askers[key] = self._askers.get(key, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._askers[key] -= 1
            if not self._askers[key]:
                del self._locks[key], self._askers[key]

    def __len__(self) -> int:
        return len(self._locks)
