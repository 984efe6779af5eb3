"""Messages are understood in processes of their own, so that the event loop goes on meanwhile and all cores work."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Sanic

from channels.nlu_pool import NluPool

VARIABLE = "FAQ_NLU_PROCESSES"
"""The variable that says how many; none or 0: the server itself understands them."""

CHECKING = "does this work"
"""Said once to a model that was loaded, so that no reader waits for what it only does the first time."""


class Understanding:
    """The processes that understand messages: those of the model in use, and of the one before until they are done.

    Args:
        number: of processes, at least 1.
        within: seconds in which one must have understood a message.
    """

    def __init__(self, number: int, within: float) -> None:
        self._number, self._within = number, within
        self._lock = asyncio.Lock()
        self._pool: NluPool | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], within: float) -> Understanding | None:
        """As many as the environment says, which ``maintain`` has checked; None where it says 0 or nothing."""
        number = int(environment.get(VARIABLE) or 0)
        return cls(number, within) if number else None

    @property
    def pids(self) -> list[int]:
        """The process ids of those of the model in use."""
        return self._pool.pids if self._pool else []

    async def start(self, app: Sanic, _loop: Any = None) -> None:
        """Called by Sanic when the server has started."""
        agent = getattr(app.ctx, "agent", None)
        if agent is not None and agent.is_ready():
            await self.take(agent)

    async def take(self, agent: Agent) -> None:
        """Has an agent's messages understood in processes that are forked now, with the model that it has loaded.

        Args:
            agent: that readers get next; the messages of the one before are understood in this process from now on,
                but for those that wait or are worked on.
        """
        async with self._lock:
            before, self._pool = self._pool, self._pool_of(agent.processor)
            await self._pool.start()
            agent.processor.http_interpreter = Interpreter(self._pool)
        if before is not None:
            before.retire()

    async def stop(self, _app: Sanic, _loop: Any = None) -> None:
        """Called by Sanic before the server stops, which understands what still comes itself."""
        if self._pool is not None:
            self._pool.retire()

    def _pool_of(self, processor: MessageProcessor) -> NluPool:
        return NluPool(self._number, understood_by(processor), request_of(UserMessage(CHECKING)), self._within)


class Interpreter:
    """Where Rasa's processor has its messages understood; Rasa's own one of this kind asks another server.

    Args:
        pool: of processes.
    """

    def __init__(self, pool: NluPool) -> None:
        self._pool = pool

    async def parse(self, message: UserMessage) -> dict[str, Any]:
        """Understands a message, as Rasa's NLU graph gives it."""
        return dict(await self._pool.ask(request_of(message)))


def request_of(message: UserMessage) -> tuple[Any, ...]:
    """What the NLU graph takes of a message."""
    return message.text, message.message_id, message.metadata


def understood_by(processor: MessageProcessor) -> Callable[[tuple[Any, ...]], dict[str, Any]]:
    """What understands a request with a processor's NLU graph, in whichever process it is called.

    Args:
        processor: as Rasa has loaded it.
    """
    return partial(_understood, copy.copy(processor))


def _understood(processor: MessageProcessor, request: tuple[Any, ...]) -> dict[str, Any]:
    message = UserMessage()
    message.text, message.message_id, message.metadata = request  # the constructor would strip the text
    return dict(processor._parse_message_with_graph(message, DialogueStateTracker.from_events("", [])))
