"""What stands between the network and the routes: this chat is all that the server has, and every answer is guarded."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from typing import Any

from sanic import Blueprint, Sanic
from sanic.exceptions import MethodNotSupported, RequestTimeout, ServiceUnavailable
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

from channels.metrics import ERRORS
from channels.origins import PREFLIGHT, add_cors, is_foreign
from channels.problems import Problem, problem_of, render
from channels.reading import Reading
from channels.requests import Requests
from channels.settings import ChatSettings

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every response that does not set its own."""

FOR_OTHER_SITES = {"Cross-Origin-Resource-Policy": "cross-origin"}
"""On the files that pages of other sites embed (https://fetch.spec.whatwg.org/#cross-origin-resource-policy-header)."""

NO_REQUEST = "NONE"
"""The method of the request that Sanic makes up when it could not read one."""


class Guard:
    """Guards a whole server, not the chat's routes alone: Rasa and Sanic have answers of their own, which name them.

    Args:
        settings: which origins may come, and how large and how slow a request may be.
        prefix: where the chat is mounted; everything else is not found.
        routes: the methods of each route under the prefix.
    """

    def __init__(self, settings: ChatSettings, prefix: str, routes: Mapping[str, Collection[str]]) -> None:
        self._settings, self._prefix = settings, prefix
        self._methods = {prefix + path: sorted(methods) for path, methods in routes.items()}
        self._requests = Requests(self._methods, settings.trusted_proxies > 0)

    def attach(self, app: Sanic) -> None:
        """Takes the place of what Rasa has put in front of every route, among it its own answers to OPTIONS.

        Sanic reads a body before any route runs, so the limit of its size is the server's.
        """
        Reading(self._settings.read_timeout).attach(app)
        app.register_listener(self._take_over, "before_server_start")

    def allowed(self, path: str) -> str:
        """The methods of a route, as the header ``Allow`` names them."""
        return ", ".join(self._methods[path])

    async def _take_over(self, app: Sanic, _loop: Any) -> None:
        """Sanic-CORS, which Rasa sets up, puts itself in front only when the server starts; this comes after it."""
        app.config.REQUEST_MAX_SIZE = self._settings.max_body_size
        app.config.ACCESS_LOG = False  # ``_finish`` logs what is answered
        app.request_middleware = deque([self._check])
        app.response_middleware = deque([self._finish])
        app.error_handler = ErrorHandler()
        app.error_handler.add(Exception, self._fail)

    async def _check(self, request: Request) -> None:
        self._requests.begin(request)
        if request.method == NO_REQUEST:
            return
        if not f"{request.path}/".startswith(f"{self._prefix}/"):
            raise Problem("not_found")
        if is_foreign(request.headers, self._settings.allowed_origins):
            raise Problem("foreign_origin")

    async def _finish(self, request: Request, response: BaseHTTPResponse) -> None:
        if request.app.is_stopping:  # Sanic lets a proxy go on asking on this connection, and waits 15 s for its end
            request.stream.keep_alive = False
        if request.method == "OPTIONS" and response.status < 300:
            response.headers.update(PREFLIGHT)
        add_cors(request.headers, response, self._settings.allowed_origins)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        self._requests.answered(request, response)

    async def _fail(self, request: Request, error: Exception) -> HTTPResponse:
        if isinstance(error, MethodNotSupported):
            error = self._no_such_method(request)
        elif request.method == NO_REQUEST and isinstance(error, ServiceUnavailable):
            error = RequestTimeout("The connection was closed before a request had arrived.")
        problem = problem_of(error, self._settings.retry_after)
        ERRORS.labels(problem.code).inc()
        return render(problem, self._requests.begin(request))

    def _no_such_method(self, request: Request) -> Problem:
        """Sanic's own list of allowed methods names those that this server refuses, too."""
        if request.path not in self._methods:
            return Problem("not_found")
        return Problem("method_not_allowed", headers={"Allow": self.allowed(request.path)})


class GuardedBlueprint(Blueprint):
    """Routes whose guard reaches the server that they are added to."""

    def __init__(self, name: str, guard: Guard) -> None:
        super().__init__(name)
        self.ctx.guard = guard

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Called by Sanic when Rasa adds the routes to its server."""
        super().register(app, options)
        self.ctx.guard.attach(app)
