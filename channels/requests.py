"""Each request of the chat has an id, and is counted and logged when it is answered."""

from __future__ import annotations

import time
from collections.abc import Collection

from sanic.request import Request
from sanic.response import BaseHTTPResponse

from faq import requests

WATCHING = ("/chat/health", "/chat/health/live")
"""Routes that are asked all the time; they are logged only when they fail."""


class Requests:
    """The requests of a server.

    Args:
        routes: the paths that there are; every other path is one route, ``other``.
        behind_nginx: whether the header with the id is nginx's; otherwise it could be anybody's and does not count.
    """

    def __init__(self, routes: Collection[str], behind_nginx: bool) -> None:
        self._routes, self._behind_nginx = routes, behind_nginx

    def begin(self, request: Request) -> str:
        """Returns a request's id, which it is given when this is first called."""
        if not hasattr(request.ctx, "id"):
            request.ctx.began = time.perf_counter()
            request.ctx.id = requests.begin(request.headers.get(requests.HEADER) if self._behind_nginx else None)
        return str(request.ctx.id)

    def answered(self, request: Request, response: BaseHTTPResponse) -> None:
        """Sends the id back, and counts and logs the answer."""
        response.headers[requests.HEADER] = self.begin(request)
        route = request.path if request.path in self._routes else "other"
        requests.answered(request.method, route, response.status, request.ctx.began, quiet=route in WATCHING)
