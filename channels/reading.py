"""How a request may arrive: well framed, and whole within a time, however slowly its bytes drip.

Sanic starts its own timeouts anew with every byte, so that one connection could be held for ever. It also believes any
``Content-Length`` that Python takes for a number: a negative one makes it read in a loop without an end.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from sanic import Sanic
from sanic.exceptions import RequestTimeout
from sanic.http import Stage
from sanic.models.handler_types import SignalHandler
from sanic.request import Request

from channels.problems import Problem
from channels.quick_sanic import make_quick

MOST_DIGITS = 12
"""Of a ``Content-Length``: more than any body, fewer than Python takes long to read."""


class Reading:
    """Closes a connection whose request does not arrive in time.

    Args:
        seconds: from the opening of the connection, or from the answer before, to the last byte of a request; a
            connection that is silent between two requests is left to Rasa's keep-alive timeout.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timers: dict[asyncio.Task[Any], asyncio.TimerHandle] = {}
        self._protocols: dict[asyncio.Task[Any], Any] = {}

    def attach(self, app: Sanic) -> None:
        """Has a server tell when it begins to read, has read, and has answered."""
        make_quick()
        handlers: dict[str, SignalHandler] = {
            "http.lifecycle.begin": self._begin,
            "http.lifecycle.request": self._head,
            "http.routing.after": self._body,
            "http.lifecycle.response": self._answered,
            "http.lifecycle.complete": self._close,
        }
        for event, handler in handlers.items():
            app.add_signal(partial(handler), event)  # Sanic marks it, which a bound method does not let it do

    async def _begin(self, **_: Any) -> None:
        self._arm(_connection())

    async def _head(self, request: Request, **_: Any) -> None:
        self._protocols[_connection()] = request.transport.get_protocol()
        check_framing(request)

    async def _body(self, request: Request, **_: Any) -> None:
        """Reads the body here, where it is timed; Sanic then finds it read."""
        if request.stream.request_body:
            await request.receive_body()
        self._disarm(_connection())

    async def _answered(self, **_: Any) -> None:
        """From now on the rest of a body that was refused is read, and then the next request."""
        self._arm(_connection())

    async def _close(self, **_: Any) -> None:
        self._disarm(_connection())
        self._protocols.pop(_connection(), None)

    def _arm(self, connection: asyncio.Task[Any]) -> None:
        self._disarm(connection)
        loop = asyncio.get_running_loop()
        self._timers[connection] = loop.call_later(self._seconds, self._late, connection)

    def _disarm(self, connection: asyncio.Task[Any]) -> None:
        timer = self._timers.pop(connection, None)
        if timer is not None:
            timer.cancel()

    def _late(self, connection: asyncio.Task[Any]) -> None:
        http = getattr(self._protocols.get(connection), "_http", None)
        if http is not None and http.stage is Stage.IDLE and not http.request_body:
            self._arm(connection)
            return
        if http is not None:
            http.exception = RequestTimeout("The request did not arrive in time.")
        connection.cancel()


def _connection() -> asyncio.Task[Any]:
    """Sanic serves each connection in one task, which stands for it here."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("[CHT12] Sanic no longer serves a connection in a task: mend channels/reading.py.")
    return task


def check_framing(request: Request) -> None:
    """Makes sure that there is one way to tell where a request ends (RFC 9112, section 6.3).

    A proxy and Sanic could otherwise take different bytes for the next request.

    Raises:
        Problem: 400, if there are two lengths, a length that is no plain number, or an encoding that is not known.
    """
    lengths = request.headers.getall("content-length", [])
    encodings = request.headers.getall("transfer-encoding", [])
    good_length = len(lengths) <= 1 and all(_is_length(length) for length in lengths)
    good_encoding = encodings in ([], ["chunked"]) and not (lengths and encodings)
    good_expectation = request.headers.get("expect", "100-continue").lower() == "100-continue"
    if not (good_length and good_encoding and good_expectation):
        raise Problem("bad_request")


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
