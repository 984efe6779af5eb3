"""What nginx lets through, and what it answers by itself."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from channels.guard import HEADERS
from maintain.topology import Cluster, give
from tests.patience import PATIENCE, wait_until
from tests.services import cluster_folder, listens

OWN = {**HEADERS, "Cache-Control": "max-age=60", "Cross-Origin-Resource-Policy": "cross-origin", "Retry-After": "7"}
"""What the server behind nginx says of an answer."""

SEEN: list[tuple[str, dict[str, str]]] = []
"""What came through, newest last: path and headers."""


class Behind(BaseHTTPRequestHandler):
    """The server behind nginx."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        SEEN.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        if "dead" in self.path:
            self.close_connection = True
            return
        self.send_response(503 if "busy" in self.path else 200)
        for name, value in {**OWN, "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def nginx() -> Iterator[Cluster]:
    """nginx as in a cluster; behind it one server answers and the other does not."""
    with cluster_folder() as cluster:
        for name in ("log", "nginx", "tmp"):
            (cluster.folder / name).mkdir()
        cluster.folder.chmod(0o755)
        cluster._write("nginx/nginx.conf", cluster._nginx(), "www-data")
        give(cluster.folder / "nginx", "www-data")
        server = ThreadingHTTPServer(("127.0.0.1", cluster.ports["rasa-1"]), Behind)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        process = subprocess.Popen(cluster.servers()["nginx"][0], cwd=cluster.folder)
        try:
            wait_until(lambda: listens(cluster.ports["chat"]), "nginx does not listen")
            yield cluster
        finally:
            process.terminate()
            process.wait(20)
            server.shutdown()
            server.server_close()


def asked(cluster: Cluster, request: bytes, name: str = "chat") -> tuple[int, httpx.Headers, bytes]:
    """Sends bytes as they are; returns status, headers and body of what comes back."""
    with closing(socket.create_connection(("127.0.0.1", cluster.ports[name]))) as connection:
        connection.settimeout(PATIENCE)
        connection.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received or len(received) < len(received.split(b"\r\n\r\n")[0]) + 4 + length(received):
            block = connection.recv(65_536)
            if not block:
                break
            received += block
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return int(status.split()[1]), httpx.Headers([tuple(line.split(": ", 1)) for line in lines]), body


def length(received: bytes) -> int:
    lines = received.split(b"\r\n\r\n")[0].lower().split(b"\r\n")
    return next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)


def get(path: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: chat.example", *headers, "", ""]).encode()


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (get("/"), 404, "not_found"),
        (get("/chat"), 404, "not_found"),
        (get("/chatx/health"), 404, "not_found"),
        (get("/version"), 404, "not_found"),
        (get("/webhook"), 404, "not_found"),
        (get("/conversations/a/tracker"), 404, "not_found"),
        (get("/chat/../version"), 404, "not_found"),
        (get("/chat/%2e%2e/version"), 404, "not_found"),
        (get("/chat/../../etc/passwd"), 400, "bad_request"),
        (b"hello\r\n\r\n", 400, "bad_request"),
        (b"GET /chat/health HTTP/1.1\r\n\r\n", 400, "bad_request"),
        (get("/", "Host: other.example"), 400, "bad_request"),
        (get("/", f"X: {'x' * 40_000}"), 400, "bad_request"),
        (get(f"/{'x' * 9000}"), 414, "bad_request"),
        (get("/").replace(b"GET", b"TRACE"), 405, "bad_request"),
        (get("/chat/session", "Transfer-Encoding: gzip").replace(b"GET", b"POST"), 501, "bad_request"),
        (get("/chat/session", "Content-Length: 40000").replace(b"GET", b"POST"), 413, "body_too_large"),
        (get("/").replace(b"1.1", b"9.1"), 505, "bad_request"),
    ],
    ids=lambda value: value[:40].decode() if isinstance(value, bytes) else None,
)
def test_nginx_refuses_in_the_words_of_the_chat(nginx: Cluster, request_: bytes, status: int, code: str) -> None:
    before = len(SEEN)
    got, headers, body = asked(nginx, request_)
    problem = json.loads(body)
    assert (got, problem["status"], problem["code"]) == (status, status, code)
    assert headers["content-type"] == "application/problem+json"
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert headers["server"] == "nginx", "without its version"
    assert "location" not in headers
    assert len(SEEN) == before, "nothing came through"


@pytest.mark.parametrize(("path", "status"), [("/chat/health", 200), ("/chat/busy", 503)])
def test_nginx_leaves_the_headers_of_the_chat_alone(nginx: Cluster, path: str, status: int) -> None:
    got, headers, _ = asked(nginx, get(path))
    assert got == status
    assert {name: headers.get_list(name) for name in OWN} == {name: [value] for name, value in OWN.items()}


def test_nginx_names_the_reader_and_the_request_itself(nginx: Cluster) -> None:
    """What a reader claims to be comes first in the list, where a trusted proxy is not looked for."""
    forged = ("X-Forwarded-For: 192.0.2.1", "X-Request-ID: forged")
    asked(nginx, get("/chat/health", *forged))
    path, headers = SEEN[-1]
    assert path == "/chat/health"
    assert headers["x-forwarded-for"] == "192.0.2.1, 127.0.0.1"
    assert headers["x-request-id"] not in ("", "forged")


@pytest.mark.parametrize("path", ["/", "/actions", "/webhook/", "/chat/health"])
def test_nginx_lets_only_the_webhook_to_the_actions(nginx: Cluster, path: str) -> None:
    status, headers, body = asked(nginx, get(path), "actions")
    assert status == 404
    assert b"rasa" not in body.lower() + str(headers).lower().encode()


def test_nginx_without_a_server_asks_for_patience(nginx: Cluster) -> None:
    status, headers, body = asked(nginx, get("/health"), "actions")
    assert status == 502
    assert headers["retry-after"] == "5"
    assert b"127.0.0.1" not in body


def test_nginx_says_that_no_server_answers_as_a_server_would(nginx: Cluster) -> None:
    """nginx then lets the server behind it alone for a second, for which the next test is kept waiting."""
    status, headers, body = asked(nginx, get("/chat/dead"))
    assert (status, json.loads(body)["status"], json.loads(body)["code"]) == (503, 503, "not_ready")
    assert headers["retry-after"] == "5"
    wait_until(lambda: asked(nginx, get("/chat/health"))[0] == 200)
