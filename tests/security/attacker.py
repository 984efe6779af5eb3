"""An attacker: a client of the chat that may also send raw bytes, many calls at once, and headers of its choice."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from itertools import chain, repeat
from types import TracebackType
from typing import Any

import httpx

from tests.security.server import Server

GIVE_UP = 20.0
"""Seconds after which a connection that is still open counts as hanging."""

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""There is no TLS here, and loading certificates for each client would take longer than most attacks."""

LEAKS = (
    "rasa",
    "sanic",
    "traceback",
    "exception",
    "python",
    ".py",
    "/work",
    "/usr",
    "/home",
    "sqlalchemy",
    "tensorflow",
)
"""What no error may name, in lower case."""


class Attacker:
    """Talks to one server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, timeout=30, trust_env=False, verify=PLAIN)

    def __enter__(self) -> Attacker:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.http.close()

    def session(self, **headers: str) -> str:
        """Begins a conversation."""
        answer = self.http.post("/chat/session", headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["session"])

    def say(self, session: str, text: str | None = None, id: str | None = None, **more: Any) -> httpx.Response:
        """Writes a message, or with ``payload`` presses a button; ``headers`` are added."""
        headers = {**bearer(session), **more.pop("headers", {})}
        body = {"id": id or str(uuid.uuid4()), **({} if text is None else {"text": text}), **more}
        return self.http.post("/chat/messages", json=body, headers=headers)

    def history(self, session: str) -> httpx.Response:
        """Reads the conversation."""
        return self.http.get("/chat/messages", headers=bearer(session))

    def rate(self, session: str, id: str, helpful: Any = True, **more: Any) -> httpx.Response:
        """Says whether an answer helped."""
        return self.http.post("/chat/feedback", json={"id": id, "helpful": helpful, **more}, headers=bearer(session))

    def erase(self, session: str) -> httpx.Response:
        """Deletes the conversation."""
        return self.http.delete("/chat/session", headers=bearer(session))

    def at_once(self, calls: Iterable[Callable[[], httpx.Response]]) -> list[httpx.Response]:
        """Makes all calls at the same time."""
        calls = list(calls)
        begin = threading.Barrier(len(calls))

        def together(call: Callable[[], httpx.Response]) -> httpx.Response:
            begin.wait()
            return call()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(together, calls))

    def raw(self, *parts: bytes, pause: float = 0.0) -> tuple[bytes, float]:
        """Sends bytes as they are.

        Args:
            parts: sent one after the other, the last one over and over if there is a pause.
            pause: seconds between the parts.

        Returns:
            All that came back, and the seconds until the server closed the connection.
        """
        began, received = time.monotonic(), b""
        waiting = chain(parts, repeat(parts[-1])) if pause else iter(parts)
        with closing(socket.create_connection(("127.0.0.1", self.server.port))) as connection:
            connection.settimeout(pause or 0.2)
            while time.monotonic() - began < GIVE_UP:
                chunk = exchanged(connection, next(waiting, b""))
                if chunk == b"":
                    break
                received += chunk or b""
        return received, time.monotonic() - began


def exchanged(connection: socket.socket, part: bytes) -> bytes | None:
    """Sends and receives; returns nothing where nothing came yet, and no bytes where the server hung up."""
    with suppress(OSError):  # who hung up may have answered before
        connection.sendall(part)
    try:
        return connection.recv(65_536)
    except TimeoutError:
        return None
    except OSError:
        return b""


def bearer(session: str) -> dict[str, str]:
    """The header that carries a session."""
    return {"Authorization": f"Bearer {session}".strip()}


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    """A clean error: the right one, with a sentence, and with nothing of the inside in its body or its headers."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["detail"].endswith(".")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert_no_leak(answer.text + str(answer.headers))


def assert_no_leak(text: str) -> None:
    """Nothing names what the server is made of."""
    assert [word for word in LEAKS if word in text.lower()] == []
