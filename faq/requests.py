"""The id of a request, which every server on its way writes into its log, and what is logged and counted of its end."""

from __future__ import annotations

import logging
import re
import time
from uuid import uuid4

from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from faq.metrics import REQUESTS

logger = logging.getLogger(__name__)

HEADER = "X-Request-ID"
"""The header with the id: from nginx to a Rasa server, from there to an action server, and back to the reader."""

FORM = re.compile(r"[0-9a-f]{32}")
"""What nginx makes, and we. Anything else is not taken, so that nobody can write into a log."""

KEY = "request_id"
"""Name of the id in logs and in the body of an error."""

METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS".split())
"""Methods by which requests are counted; all others are ``other``."""


def begin(given: str | None) -> str:
    """Begins a request: what is logged from here on, in this task and those that it starts, carries its id.

    Args:
        given: the id that a server of ours in front of this one has given it, if any.

    Returns:
        That id, or a new one where there is none or it has not our form.
    """
    request_id = given if given and FORM.fullmatch(given) else uuid4().hex
    clear_contextvars()
    bind_contextvars(**{KEY: request_id})
    return request_id


def current_id() -> str | None:
    """The id of the request that is worked on, None outside of any."""
    return get_contextvars().get(KEY)


def answered(method: str, route: str, status: int, began: float, quiet: bool = False) -> None:
    """Counts and logs the end of a request.

    Args:
        method: of the request.
        route: one of a server's own; never a path as it was sent.
        status: of the answer.
        began: when, by ``time.perf_counter``.
        quiet: whether it is not logged if it went well, as the calls of those who watch.
    """
    method = method if method in METHODS else "other"
    REQUESTS.labels(method, route, status).inc()
    if not (quiet and status < 400):
        seconds = round(time.perf_counter() - began, 4)
        logger.info("answered", extra={"method": method, "route": route, "status": status, "seconds": seconds})
