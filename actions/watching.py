"""Each run of an action is timed, counted and logged, wherever it runs; and what the action server has besides.

rasa-sdk imports every module of this folder and then asks its plugins to extend the server, of which this is one. Where
actions run inside the Rasa server nobody asks, and that server's port, log and request id serve.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import pluggy
from prometheus_client import Counter, Histogram
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse, json

from faq import requests
from faq.logs import configure
from faq.metrics import serve

logger = logging.getLogger(__name__)

VARIABLE = "FAQ_ACTIONS_METRICS_PORT"
"""The variable that names the port of the action server's metrics."""

ROUTES = ("/webhook", "/health", "/actions")
"""What rasa-sdk's server answers."""

RUNS = Counter("faq_action_runs", "Actions run, by how it went: ok or error", ["action", "outcome"])
RUN_SECONDS = Histogram(
    "faq_action_run_duration_seconds",
    "One run of an action, without the way there and back",
    ["action"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)


def watched(run: Callable[..., Any]) -> Callable[..., Any]:
    """Times, counts and logs an action's ``run``; put it above the method."""

    @wraps(run)
    def watching(action: Any, *args: Any) -> Any:
        RUNS.labels(action.name(), "error")  # so that the first failure is an increase from 0
        began, outcome = time.perf_counter(), "error"
        try:
            done = run(action, *args)
            outcome = "ok"
            return done
        finally:
            seconds = time.perf_counter() - began
            RUNS.labels(action.name(), outcome).inc()
            RUN_SECONDS.labels(action.name()).observe(seconds)
            facts = {"action": action.name(), "outcome": outcome, "seconds": round(seconds, 4)}
            requests.logger.info("ran an action", extra=facts)

    return watching


@pluggy.HookimplMarker("rasa_sdk")
def attach_sanic_app_extensions(app: Sanic) -> None:
    """Called by rasa-sdk before its server starts."""
    configure(os.environ)
    app.register_middleware(_begin, "request")
    app.register_middleware(_answered, "response")
    app.error_handler.add(Exception, _fail)
    app.register_listener(_open_metrics, "after_server_start")
    app.register_listener(_close_metrics, "before_server_stop")


async def _begin(request: Request) -> None:
    """The Rasa servers alone reach this one, so the id in the header is theirs."""
    request.ctx.began = time.perf_counter()
    request.ctx.id = requests.begin(request.headers.get(requests.HEADER))


async def _answered(request: Request, response: BaseHTTPResponse) -> None:
    response.headers[requests.HEADER] = request.ctx.id
    route = request.path if request.path in ROUTES else "other"
    requests.answered(request.method, route, response.status, request.ctx.began, quiet=route == "/health")


async def _fail(_request: Request, error: Exception) -> HTTPResponse:
    """In place of rasa-sdk's own answer, which sends the whole conversation back for the Rasa server to log."""
    if isinstance(error, SanicException):
        return json({"error": "no such call"}, error.status_code)
    logger.error("[ACT01] An action failed; the reader is told that there is no answer now.", exc_info=error)
    return json({"error": "the action failed"}, 500)


async def _open_metrics(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
    app.ctx.close_metrics = serve(os.environ, VARIABLE)


async def _close_metrics(app: Sanic, _loop: asyncio.AbstractEventLoop) -> None:
    if app.ctx.close_metrics is not None:
        await asyncio.to_thread(app.ctx.close_metrics)


plugin_manager().register(sys.modules[__name__], "faq")
