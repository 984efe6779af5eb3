"""Readers in a process of their own, against a server that answers at once."""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from maintain.bench.load import TURNS, asked
from maintain.bench.processes import BenchError
from maintain.bench.systems import SYSTEMS, Running
from tests.patience import PATIENCE


class Server(ThreadingHTTPServer):
    """Answers as both assistants do, and remembers who asked what."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: dict[str, list[str]] = defaultdict(list)
        self.status = 200


def work() -> None:
    """Takes processor time enough to be seen in what Linux counts, which is hundredths of a second."""
    until = time.thread_time() + 0.005
    while time.thread_time() < until:
        continue


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        work()
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = json.loads(body) if body else {}
        if self.path == "/chat/session":
            self._answer(201, {"session": str(len(self.server.heard)), "messages": []})
        elif self.path == "/chat/messages":
            self.server.heard[self.headers["Authorization"]].append(content["text"])
            self._answer(self.server.status, {"messages": [{"text": "yes"}]})
        else:
            self.server.heard[content["sender"]].append(content["message"])
            self._answer(self.server.status, [{"text": "yes"}])

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def running(server: Server, system: str) -> Running:
    return Running(system, f"http://127.0.0.1:{server.server_port}", os.getpid(), 0.0)


@pytest.mark.parametrize("system", SYSTEMS)
def test_load_asks_each_text_once_a_few_in_a_conversation(server: Server, system: str) -> None:
    texts = [f"question {number}" for number in range(2 * TURNS + 1)]
    seen = asked(running(server, system), texts)
    assert [text for heard in server.heard.values() for text in heard] == texts
    assert [len(heard) for heard in server.heard.values()] == [TURNS, TURNS, 1]
    assert len(seen["times"]) == len(texts)
    assert all(time > 0 for time in seen["times"])
    assert min(seen["rate"], seen["client"], seen["processor"]) > 0


def test_load_goes_on_for_as_long_as_it_is_told(server: Server) -> None:
    seen = asked(running(server, "stock"), ["one", "two"], readers=3, seconds=0.5)
    assert len(seen["times"]) == sum(map(len, server.heard.values())) >= 3
    assert len(seen["times"]) / PATIENCE < seen["rate"] <= len(seen["times"]) / 0.5


def test_load_says_what_failed(server: Server) -> None:
    server.status = 503
    with pytest.raises(BenchError, match=r"BEN03.*'ours'.*503"):
        asked(running(server, "ours"), ["one"])
