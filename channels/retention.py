"""Deletes conversations by itself when nobody has written in them for long, and cleans PostgreSQL's files at night."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone

import sqlalchemy as sa
from rasa.core.agent import Agent
from sanic import Sanic

from channels.metrics import CONVERSATIONS, RETENTION
from channels.tracker_store import ErasableSQLTrackerStore, erasable_store

logger = logging.getLogger(__name__)

VARIABLE = "FAQ_RETENTION_DAYS"
HOUR_VARIABLE = "FAQ_COMPACT_HOUR"
DAY = 86_400
EVERY = 3600.0
"""Seconds between two looks: an hour is little against the shortest retention, a day."""


class Retention:
    """Keeps a server's conversations no longer than said. Several servers may do so at once.

    Args:
        days: after the last message until a conversation is deleted.
        compact_hour: of the day, UTC, in which deleted rows are taken out of PostgreSQL's files.
        clock: seconds since 1970.
    """

    def __init__(self, days: int, compact_hour: int, clock: Callable[[], float] = time.time) -> None:
        self._days, self._compact_hour, self._clock = days, compact_hour, clock
        self._compacted_on: object = None
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Retention | None:
        """What the environment says, None where it says nothing; ``maintain`` always does."""
        days = environment.get(VARIABLE)
        return cls(int(days), int(environment.get(HOUR_VARIABLE) or 3)) if days else None

    async def start(self, app: Sanic, _loop: object = None) -> None:
        """Called by Sanic when the server has started."""
        self._task = asyncio.create_task(self._keep_looking(app))

    async def stop(self, _app: Sanic, _loop: object = None) -> None:
        """Called by Sanic before the server stops."""
        if self._task is not None:
            self._task.cancel()

    async def _keep_looking(self, app: Sanic) -> None:
        await asyncio.sleep(EVERY * random.random() / 10)  # noqa: S311  (so that servers do not all look at once)
        while True:
            agent: Agent | None = getattr(app.ctx, "agent", None)
            if agent is not None:
                await self.look(erasable_store(agent.tracker_store))
            await asyncio.sleep(EVERY)

    async def look(self, store: ErasableSQLTrackerStore) -> int:
        """Deletes what is due; a failure is logged, and what was not deleted is due at the next look.

        Args:
            store: of the conversations.

        Returns:
            How many conversations were deleted.
        """
        moment, deleted = self._clock() - self._days * DAY, 0
        try:
            for conversation in await store.idle_since(moment):
                deleted += await store.delete_if_idle(conversation, moment)
            await self._compact(store)
            RETENTION.set(self._clock())
        except sa.exc.SQLAlchemyError as error:
            logger.error("[RTN01] Old conversations could not be deleted, and will be at the next look: %r", error)
        CONVERSATIONS.labels("expired").inc(deleted)
        if deleted:
            logger.warning("[RTN02] %d conversations without a message for %d days were deleted.", deleted, self._days)
        return deleted

    async def _compact(self, store: ErasableSQLTrackerStore) -> None:
        """Once a day, in its hour."""
        now = datetime.fromtimestamp(self._clock(), timezone.utc)
        if now.hour == self._compact_hour and self._compacted_on != now.date():
            await store.compact()
            self._compacted_on = now.date()
