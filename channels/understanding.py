"""Messages are understood in processes of their own, so that the event loop goes on meanwhile and all cores work."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from sanic import Sanic

from channels.forked import Work
from channels.nlu_pool import NluPool

VARIABLE = "FAQ_NLU_PROCESSES"
"""The variable that says how many; none or 0: the server itself understands them."""

CHECKING = "does this work"
"""Said once to a model that was loaded, so that no reader waits for what it only does the first time."""

NOTHING = {TEXT: "", INTENT: {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, ENTITIES: []}
"""What Rasa says of a message of which its graph says nothing."""


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


def understood_by(processor: MessageProcessor) -> Work:
    """What understands requests with a processor's NLU graph, in whichever process it is called.

    Args:
        processor: as Rasa has loaded it.
    """
    return partial(_understood, copy.copy(processor))


def _understood(processor: MessageProcessor, requests: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """What Rasa's ``MessageProcessor._parse_message_with_graph`` gives for each; that one takes a single message."""
    tracker, target = DialogueStateTracker.from_events("", []), processor.model_metadata.nlu_target
    inputs = {PLACEHOLDER_MESSAGE: [_message(*each) for each in requests], PLACEHOLDER_TRACKER: tracker}
    parsed = processor.graph_runner.run(inputs=inputs, targets=[target])[target]
    return [{**NOTHING, **each.as_dict(only_output_properties=True)} for each in parsed]


def _message(text: str, message_id: str, metadata: dict[str, Any] | None) -> UserMessage:
    message = UserMessage(message_id=message_id, metadata=metadata)
    message.text = text  # the constructor would strip it
    return message
