"""Whether the assistant can answer now: its model is loaded, and the database and the action servers respond."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any
from urllib.parse import urljoin

import aiohttp
from rasa.core.agent import Agent

from channels.problems import Problem
from channels.shared import Shared
from channels.tracker_store import erasable_store

logger = logging.getLogger(__name__)


async def health(
    agent: Agent | None,
    timeout: float,
    retry_after: int,
    update: dict[str, Any] | None = None,
    shared: Shared | None = None,
    own_actions: bool = False,
) -> dict[str, Any]:
    """The state of the assistant.

    Args:
        agent: what Rasa has loaded, if anything.
        timeout: seconds that a dependency may take to answer.
        retry_after: seconds to name when something is down.
        update: how the latest promotion stands, where models are watched.
        shared: what this server shares with others, if anything; it answers without it, too.
        own_actions: whether the actions run in this server; they are then there when it is.

    Returns:
        ``{status, model, model_id, dependencies}``, and ``update`` where it is given; ``model`` is the file's name.

    Raises:
        Problem: 503 with the same members if the assistant cannot answer.
    """
    up = await dependencies(agent, timeout, shared, own_actions)
    model, model_id = model_of(agent)
    state = {
        "model": model,
        "model_id": model_id,
        "dependencies": {name: "ok" if answers else "down" for name, answers in up.items()},
        **({} if update is None else {"update": update}),
    }
    if not all(answers for name, answers in up.items() if name != "shared"):
        raise Problem("unhealthy", retry_after, **state)
    return {"status": "ok", **state}


async def dependencies(
    agent: Agent | None, timeout: float, shared: Shared | None, own_actions: bool = False
) -> dict[str, bool]:
    """Asks everything that the assistant depends on whether it is there.

    Args:
        agent: what Rasa has loaded, if anything.
        timeout: seconds that each may take to answer.
        shared: what this server shares with others, if anything.
        own_actions: whether the actions run in this server; they are then there when it is.

    Returns:
        Whether each answers: ``agent``, ``tracker_store``, ``actions``, and ``shared`` where there is such.
    """
    calls = {
        "tracker_store": _store(agent),
        "actions": _actions(agent, own_actions),
        **({"shared": shared.ping()} if shared else {}),
    }
    answers = await asyncio.gather(*(_answers(name, call, timeout) for name, call in calls.items()))
    return {"agent": agent is not None and agent.is_ready(), **dict(zip(calls, answers, strict=True))}


def model_of(agent: Agent | None) -> tuple[str | None, str | None]:
    """The file of the model in use and its id, None each where there is none."""
    if agent is None or not agent.is_ready():
        return None, None
    return agent.processor.model_filename, agent.model_id


async def _answers(name: str, call: Awaitable[None], timeout: float) -> bool:
    try:
        await asyncio.wait_for(call, timeout)
    except Exception as error:
        logger.warning("[CHT30] Health check: %s is down: %r", name, error)
        return False
    return True


async def _store(agent: Agent | None) -> None:
    if agent is None:
        raise LookupError("no agent is loaded")
    await erasable_store(agent.tracker_store).ping()


async def _actions(agent: Agent | None, own: bool) -> None:
    """Asks the action servers at ``/health``, beside the ``/webhook`` that ``endpoints.yml`` names."""
    if own:
        return
    if agent is None or agent.action_endpoint is None:
        raise LookupError("no action endpoint is configured")
    url = urljoin(agent.action_endpoint.url, "health")
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        response.raise_for_status()
