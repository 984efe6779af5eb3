from __future__ import annotations

import socket
import time
from contextlib import closing
from types import SimpleNamespace

import pytest
from sanic.compat import Header

from channels.problems import Problem
from channels.reading import check_framing

ENOUGH = 20.0
"""Seconds after which a connection counts as never closed."""


def dripped(base: str, head: bytes) -> tuple[bytes, float]:
    """Sends a head, then one letter after the other, until the server hangs up."""
    began, received = time.monotonic(), b""
    with closing(socket.create_connection(("127.0.0.1", int(base.rsplit(":", 1)[1])))) as connection:
        connection.settimeout(0.05)
        connection.sendall(head)
        while time.monotonic() - began < ENOUGH:
            try:
                connection.sendall(b"x")
                chunk = connection.recv(65_536)
            except TimeoutError:
                continue
            except OSError:
                break
            if not chunk:
                break
            received += chunk
    return received, time.monotonic() - began


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /chat/session HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", b"408"),
        (b"POST /chat/session HTTP/1.1\r\nHo", b"408"),
        (b"POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", b"404"),
        (b"GET /chat/health HTTP/1.1\r\nHost: a\r\n\r\nGET /chat/health HTTP/1.1\r\nHo", b"200"),
    ],
    ids=["body", "head", "body that nobody wants", "second request"],
)
def test_reading_ends_though_bytes_drip(serve, head, status):
    answer, seconds = dripped(serve(read_timeout=0.5).base, head)
    assert answer.split(b" ")[1] == status
    assert seconds < ENOUGH


def test_reading_leaves_a_silent_connection_open_for_the_next_request(serve):
    chat = serve(read_timeout=0.5)
    first = chat.http.get("/chat/health")
    time.sleep(1.2)
    again = chat.http.get("/chat/health")
    stream = "network_stream"
    assert first.extensions[stream].get_extra_info("client_addr") == again.extensions[stream].get_extra_info(
        "client_addr"
    )


def test_reading_does_not_count_the_time_of_an_answer(serve):
    chat = serve(read_timeout=0.5)
    session = chat.session()
    chat.actions.delay = 1.2
    assert chat.say(session, "how long?").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        [("content-length", "-5")],
        [("content-length", "+5")],
        [("content-length", "1_0")],
        [("content-length", "٥")],
        [("content-length", "")],
        [("content-length", "9" * 13)],
        [("content-length", "5"), ("content-length", "5")],
        [("content-length", "5"), ("transfer-encoding", "chunked")],
        [("transfer-encoding", "gzip")],
        [("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
        [("expect", "x")],
    ],
)
def test_reading_refuses_a_request_without_a_clear_end(headers):
    with pytest.raises(Problem, match="bad_request"):
        check_framing(SimpleNamespace(headers=Header(headers)))


@pytest.mark.parametrize(
    "headers", [[], [("content-length", "5"), ("expect", "100-continue")], [("transfer-encoding", "chunked")]]
)
def test_reading_takes_a_clear_end(headers):
    check_framing(SimpleNamespace(headers=Header(headers)))
