"""One reader's connection over HTTP/1.1, which takes little of the processor that the assistants are measured on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from httptools import HttpResponseParser


class Connection(asyncio.Protocol):
    """A connection that is kept open, for one call after the other."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._transport: Any = None
        self._parser: HttpResponseParser | None = None
        self._content = b""
        self._answer: asyncio.Future[tuple[int, Any]] | None = None

    @classmethod
    async def open(cls, url: str) -> Connection:
        """Connects to a server.

        Args:
            url: with host and port.

        Raises:
            OSError: nobody listens there.
        """
        parts = urlsplit(url)
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: cls(parts.netloc), parts.hostname, parts.port)
        return connection

    async def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Calls the server; one call at a time.

        Args:
            path: of the call.
            body: that is sent as JSON; None: nothing is sent.
            headers: further ones.

        Returns:
            Status and JSON of the answer.

        Raises:
            ConnectionError: the server has closed the connection.
        """
        content = b"" if body is None else json.dumps(body).encode()
        lines = {"Host": self._host, "Content-Type": "application/json", "Content-Length": len(content)}
        head = "".join(f"{name}: {value}\r\n" for name, value in {**lines, **(headers or {})}.items())
        self._parser, self._content = HttpResponseParser(self), b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + content)
        return await self._answer

    def close(self) -> None:
        """Ends the connection."""
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        """Called by the event loop."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by the event loop with the next bytes."""
        if self._parser is not None:
            self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Called by the event loop when the connection has ended."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server has closed the connection"))

    def on_body(self, part: bytes) -> None:
        """Called by the parser."""
        self._content += part

    def on_message_complete(self) -> None:
        """Called by the parser at the end of an answer."""
        if self._answer is not None and self._parser is not None and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), json.loads(self._content)))
