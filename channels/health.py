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
    asked = {"tracker_store": _store(agent), "actions": _actions(agent, own_actions)}
    checks = [_answers(name, call, timeout) for name, call in asked.items()]
    checks += [_answers("shared", shared.ping(), timeout)] if shared else []
    store, actions, *others = await asyncio.gather(*checks)
    loaded = agent if agent is not None and agent.is_ready() else None
    dependencies = {"agent": _word(bool(loaded)), "tracker_store": _word(store), "actions": _word(actions)}
    if others:
        dependencies["shared"] = _word(others[0])
    state = {
        "model": loaded.processor.model_filename if loaded else None,
        "model_id": loaded.model_id if loaded else None,
        "dependencies": dependencies,
        **({} if update is None else {"update": update}),
    }
    if not (loaded and store and actions):
        raise Problem("unhealthy", retry_after, **state)
    return {"status": "ok", **state}


def _word(up: bool) -> str:
    return "ok" if up else "down"


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
