"""What a process is that the server has forked to work for it: it does that work, and nothing of the server's."""

from __future__ import annotations

import ctypes
import gc
import json
import logging
import os
import signal
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from faq.logs import traced

Work = Callable[[Sequence[Any]], Sequence[Any]]
"""What is done with requests: one result for each, the same whichever others come with it."""

LENGTH = struct.Struct("!I")
"""In front of what goes either way: its bytes. What goes is JSON, as which it is stored later, too."""

NAME = b"faq-nlu"
"""What ``ps`` and ``top`` show; the command line stays the server's."""

ENDS_FIRST = "500"
"""Added to the score by which Linux chooses what to end when memory runs out: rather this than the server."""

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15


@dataclass(frozen=True)
class Answer:
    """What comes back for a request.

    Attributes:
        result: of the work, of what JSON has.
        trace: of the exception that the work ended with, without a reader's words; empty where it went well.
        records: what was logged meanwhile, each with its ``name``, ``levelno``, ``levelname`` and ``msg``.
    """

    result: Any
    trace: str = ""
    records: list[dict[str, Any]] = field(default_factory=list)


def serve(connection: socket.socket, work: Work, server: int) -> NoReturn:
    """Answers requests until the server closes the connection or ends; call it in the process that was forked.

    Args:
        connection: to the server, blocking.
        work: what is done with requests.
        server: the server's process id.
    """
    status = 1
    try:
        _part(connection.fileno(), server)
        _answer_all(connection, work)
        status = 0
    except ConnectionError:  # the server no longer listens
        status = 0
    except BaseException:
        os.write(2, f"A process that understands messages ends.\n{traced(sys.exc_info())}\n".encode())
    finally:
        os._exit(status)  # nothing of the server's is finished here: no connection, no file, no thread


def _part(connection: int, server: int) -> None:
    """Leaves everything that is the server's alone: its memory, its signals, its connections, its log."""
    gc.freeze()  # what was there is never looked at for garbage: it stays shared, and no connection is closed by it
    _LIBC.prctl(_PR_SET_NAME, NAME, 0, 0, 0)
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != server:  # it has ended meanwhile
        raise ConnectionResetError
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(ENDS_FIRST, encoding="ascii")
    _reset_signals()
    _close_files(connection)


def _reset_signals() -> None:
    """What asks the server to end goes to its whole group; these end when it has finished with them."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _close_files(connection: int) -> None:
    """All but the connection and the standard ones. Each number then stands for nothing, so that an object that still
    has it, of a database say, cannot speak to what would have the number next."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number > 2 and number not in (connection, nothing):
            os.dup2(nothing, number, inheritable=False)


def _answer_all(connection: socket.socket, work: Work) -> None:
    records = _Records()
    records.put_in_place()
    while head := _read(connection, LENGTH.size):
        requests = json.loads(_read(connection, *LENGTH.unpack(head)))
        connection.sendall(packed([vars(answer) for answer in _answers(work, requests, records)]))


def _answers(work: Work, requests: Sequence[Any], records: _Records) -> list[Answer]:
    """Those of requests that are worked on together. If one fails, or anything is logged, they are worked on one by
    one, so that each has what is its own."""
    if len(requests) == 1:
        return [_answer(work, requests[0], records)]
    with suppress(Exception):
        results = work(requests)
        if not records.taken():
            return [Answer(result) for result in results]
    records.taken()
    return [_answer(work, request, records) for request in requests]


def _answer(work: Work, request: Any, records: _Records) -> Answer:
    try:
        (result,) = work([request])
        return Answer(result, records=records.taken())
    except Exception:
        return Answer(None, traced(sys.exc_info()), records.taken())


def packed(content: Any) -> bytes:
    """Content as it goes either way."""
    written = json.dumps(content).encode()
    return LENGTH.pack(len(written)) + written


def _read(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size and (more := connection.recv(size - len(content))):
        content += more
    return content


class _Records(logging.Handler):
    """Keeps what is logged, for the server to log it: it has the id of the request, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Formatter())
        self._kept: list[dict[str, Any]] = []

    def put_in_place(self) -> None:
        """Makes this the only place where anything is logged."""
        for each in logging.root.manager.loggerDict.values():
            if isinstance(each, logging.Logger) and each.handlers:
                each.handlers[:], each.propagate = [], True
        logging.root.handlers[:] = [self]

    def emit(self, record: logging.LogRecord) -> None:
        """Called for each record."""
        kept = {name: getattr(record, name) for name in ("name", "levelno", "levelname")}
        self._kept.append({**kept, "msg": self.format(record)})

    def taken(self) -> list[dict[str, Any]]:
        """What was logged since this was last called."""
        found, self._kept = self._kept, []
        return found


class _Formatter(logging.Formatter):
    def formatException(self, ei: Any) -> str:
        return traced(ei)
