"""One process that understands messages, as the server sees it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from channels.forked import LENGTH, Answer, Work, packed, serve

REAPED_AFTER = 0.02
"""Seconds after which a process that is ending is looked at again."""


class EndedError(Exception):
    """The process has ended, and what it was asked is not answered."""


class NluProcess(asyncio.Protocol):
    """A fork of the server that does one thing, for some requests at a time.

    Args:
        pid: its process id.
        within: seconds in which it must answer what it was asked; it is killed if it does not.
        ended: called when it has ended without being asked to.

    Attributes:
        hung: whether it was killed because it did not answer in time.
        gone: whether it has ended.
    """

    def __init__(self, pid: int, within: float, ended: Callable[[NluProcess], None]) -> None:
        self.pid, self.hung, self.gone = pid, False, False
        self._within, self._ended = within, ended
        self._transport: asyncio.BaseTransport | None = None
        self._answers: asyncio.Future[list[Answer]] | None = None
        self._limit: asyncio.TimerHandle | None = None
        self._received = bytearray()
        self._dismissed = False

    @classmethod
    async def fork(cls, work: Work, within: float, ended: Callable[[NluProcess], None]) -> NluProcess:
        """Forks this process; call it on the event loop.

        Args:
            work: what is done there with requests.
            within: seconds in which it must answer what it is asked.
            ended: called when the process has ended without being asked to.

        Raises:
            OSError: no process can be made.
        """
        ours, theirs = socket.socketpair()
        try:
            server, pid = os.getpid(), os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if pid == 0:
            serve(theirs, work, server)
        theirs.close()
        process = cls(pid, within, ended)
        await asyncio.get_running_loop().create_unix_connection(lambda: process, sock=ours)
        return process

    def ask(self, requests: Sequence[Any]) -> asyncio.Future[list[Answer]]:
        """Sends requests; call it when those before are answered.

        Args:
            requests: of what JSON has.

        Returns:
            Their answers to come, or ``EndedError``.
        """
        loop = asyncio.get_running_loop()
        self._answers = loop.create_future()
        if self.gone:
            self._answers.set_exception(EndedError())
        else:
            self._limit = loop.call_later(self._within, self._hang)
            self._transport.write(packed(requests))  # type: ignore[union-attr]
        return self._answers

    def dismiss(self) -> None:
        """Lets it end by itself."""
        self._dismissed = True
        if self._transport is not None:
            self._transport.close()

    def kill(self) -> None:
        """Ends it at once."""
        if not self.gone:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by the event loop with the next bytes."""
        self._received += data
        if len(self._received) < LENGTH.size:
            return
        (size,) = LENGTH.unpack_from(self._received)
        if len(self._received) < LENGTH.size + size:
            return
        content = bytes(self._received[LENGTH.size :])
        self._received.clear()
        self._settle([Answer(**each) for each in json.loads(content)])

    def connection_lost(self, _error: Exception | None) -> None:
        """Called by the event loop when the process has ended, or was dismissed."""
        self.gone = True
        self._reap()
        self._settle(None)
        if not self._dismissed:
            self._ended(self)

    def _hang(self) -> None:
        self.hung = True
        self.kill()

    def _settle(self, answers: list[Answer] | None) -> None:
        if self._limit is not None:
            self._limit.cancel()
        if self._answers is None or self._answers.done():
            return
        if answers is None:
            self._answers.set_exception(EndedError())
        else:
            self._answers.set_result(answers)

    def _reap(self) -> None:
        """Leaves no zombie."""
        with suppress(ChildProcessError):
            if os.waitpid(self.pid, os.WNOHANG) == (0, 0):
                asyncio.get_running_loop().call_later(REAPED_AFTER, self._reap)
