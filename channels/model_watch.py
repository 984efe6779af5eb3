"""Takes a newly promoted model while the server runs: loads it beside the one in use, then changes over."""

from __future__ import annotations

import asyncio
import copy
import gc
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sized
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.tracker_store import TrackerStore
from sanic import Sanic

from channels.giving_way import giving_way
from channels.shared import Shared
from channels.understanding import CHECKING
from faq.errors import ModelError
from faq.model_files import READ_AT_LOAD, READ_AT_START, CurrentModel, checked_current, read_current, tree_hash

logger = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks. With four for loading, and those for giving way to readers, it is in use within 15."""

AGAIN = 30
"""Looks after which a model that could not be taken is tried again: what was in the way may have been mended."""

VARIABLE = "FAQ_MODELS"
"""The variable that names the folder of the models; without it nothing is watched."""

TURN = "a model"
"""The lock that a server holds while it loads one."""

Take = Callable[[Agent], Awaitable[None]]


@dataclass(frozen=True)
class Update:
    """How the latest promotion stands.

    Attributes:
        state: ``current`` when it is in use, ``loading``, or ``failed``.
        model: the archive that should be in use; None where nobody knows.
        code: of the error, to be found in the log.
    """

    state: str
    model: str | None = None
    code: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The update as JSON."""
        return vars(self)


class ModelWatch:
    """Keeps a server's agent at what current.json says.

    The new model is loaded in a thread of its own, on a copy of the agent; requests that came before finish on the
    agent that they began with, later ones get the new one.

    Args:
        folder: of the models.
        root: the project's top folder.
        waiting: those who wait for an answer, to whom loading gives way.
        shared: through which servers take turns, so that the others answer while one loads; None where there are none.
        take: called with the agent that has loaded the new model, before readers get it.
        every: seconds between two looks.
    """

    def __init__(
        self,
        folder: Path,
        root: Path,
        waiting: Sized,
        shared: Shared | None = None,
        take: Take | None = None,
        every: float = EVERY,
    ) -> None:
        self._folder, self._root, self._waiting, self._every = folder, root, waiting, every
        self._shared, self._take = shared, take
        self._at_start = tree_hash(root, READ_AT_START)
        self._in_use: CurrentModel | None = None
        self._tried: CurrentModel | None = None
        self._wait = 0
        self._task: asyncio.Task[None] | None = None
        self.update = Update("current")
        self.taken_at = time.time()  # seconds since 1970; the first model is taken when the server starts

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], waiting: Sized, shared: Shared | None, take: Take | None = None
    ) -> ModelWatch | None:
        """A watch over the folder that the environment names, None where it names none."""
        folder = environment.get(VARIABLE)
        return cls(Path(folder), Path.cwd(), waiting, shared, take) if folder else None

    async def start(self, app: Sanic, _loop: Any = None) -> None:
        """Called by Sanic when the server has started.

        What there is by then, mostly Rasa's code, is left out of Python's garbage collections from now on: with it, one
        takes half a second in which nothing else runs. So the first model's reference cycles, if any, are kept.
        """
        gc.freeze()
        self._task = asyncio.create_task(self._keep_up(app))

    async def stop(self, _app: Sanic, _loop: Any = None) -> None:
        """Called by Sanic before the server stops."""
        if self._task is not None:
            self._task.cancel()

    async def _keep_up(self, app: Sanic) -> None:
        while True:
            await self.look(app)
            await asyncio.sleep(self._every)

    async def look(self, app: Sanic) -> None:
        """Looks once, and takes the current model if it is another one.

        Args:
            app: the server, whose ``ctx.agent`` is replaced.
        """
        try:
            current = await asyncio.to_thread(read_current, self._folder)
            agent = getattr(app.ctx, "agent", None)
            if current is None or agent is None or not self._is_due(current, agent):
                return
            self.update = Update("loading", current.model)
            async with self._shared.hold(TURN) if self._shared else nullcontext():
                fresh = await asyncio.to_thread(self._loaded, agent, current)
            if self._take is not None:
                await self._take(fresh)
            app.ctx.agent = fresh
        except Exception as error:
            self._keep_old(error)
        else:
            self._in_use, self.update = current, Update("current", current.model)
            self.taken_at = time.time()
            logger.warning("[MWT01] %s is in use from now on.", current.model)

    def _is_due(self, current: CurrentModel, agent: Agent) -> bool:
        """Whether the model is to be loaded: another one is in use, and it was not tried a moment ago."""
        if self._in_use is None and agent.processor and agent.processor.model_filename == current.model:
            self._in_use = current
        if current == self._in_use:
            self.update, self._tried = Update("current", current.model), None
            return False
        if current != self._tried:
            self._tried, self._wait = current, 0
        self._wait -= 1
        return self._wait < 0

    def _keep_old(self, error: Exception) -> None:
        self._wait = AGAIN
        known = isinstance(error, ModelError)
        self.update = Update("failed", self.update.model, str(error)[1:6] if known else "MWT02")
        logger.error("[MWT02] The model in use stays. %s", error, exc_info=None if known else error)

    def _loaded(self, agent: Agent, current: CurrentModel) -> Agent:
        """A copy of the agent with the current model; runs in a thread.

        Raises:
            ModelError: the model is not to be loaded, or not by this server.
        """
        if current.at_start != self._at_start:
            raise ModelError(
                f"[MWT03] {current.model} was judged with other documents, triage rules or code than this server "
                "started with: restart it."
            )
        if current.at_load != tree_hash(self._root, READ_AT_LOAD):
            raise ModelError(
                f"[MWT04] data/facts is not what {current.model} was judged with: train and promote again."
            )
        path = checked_current(self._folder, current)
        fresh = copy_of(agent)
        with giving_way(self._waiting):
            fresh.load_model(path)
            asyncio.run(fresh.parse_message(CHECKING))
        return fresh


def copy_of(agent: Agent) -> Agent:
    """An agent on the same conversations and locks, to which a model can be given without the other one noticing.

    Args:
        agent: one that is in use.

    Returns:
        Another one.
    """
    fresh = copy.copy(agent)
    fresh.tracker_store = _view_of(agent.tracker_store)
    if isinstance(agent.nlg, TemplatedNaturalLanguageGenerator):
        fresh.nlg = TemplatedNaturalLanguageGenerator({})
    return fresh


def _view_of(store: TrackerStore) -> TrackerStore:
    """The same store with a domain of its own: Rasa sets the domain of the store when it loads a model."""
    view = copy.copy(store)
    if hasattr(view, "_tracker_store"):  # Rasa's wrappers
        view._tracker_store = _view_of(view._tracker_store)
    return view
