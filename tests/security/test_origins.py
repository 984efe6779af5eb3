"""Promise: only pages of this site and of listed origins may use the chat."""

from __future__ import annotations

import pytest

from tests.security.attacker import Attacker, assert_problem

LISTED = "https://publisher.example"
FOREIGN = [
    "https://evil.example",
    "null",
    "",
    "*",
    "https://publisher.example.evil.example",
    "https://evilpublisher.example",
    "https://publisher.example@evil.example",
    "http://publisher.example",
    "https://publisher.example:8443",
    "https://publisher.example/",
    "https://sub.publisher.example",
    "https://publisher.exampleévil",
    "https://publisher.example, https://evil.example",
    "file://",
    "chrome-extension://abc",
]
CALLS = [
    ("POST", "/chat/session"),
    ("GET", "/chat/messages"),
    ("DELETE", "/chat/session"),
    ("POST", "/chat/feedback"),
    ("GET", "/chat/health"),
    ("GET", "/chat/faq-chat-rules.json"),
    ("GET", "/chat/openapi.json"),
]


def cors(answer) -> list[str]:
    return [name for name in answer.headers if name.startswith("access-control")]


def ask(attacker: Attacker, method: str, path: str, origin: str):
    return attacker.http.request(method, path, headers={"Origin": origin.encode()})


@pytest.mark.parametrize("origin", FOREIGN, ids=ascii)
def test_origins_that_are_not_listed_are_refused(flooder, origin):
    for method, path in CALLS:
        answer = ask(flooder, method, path, origin)
        assert_problem(answer, 403, "foreign_origin")
        assert cors(answer) == []
    asked = {"Origin": origin.encode(), "Access-Control-Request-Method": "POST"}
    preflight = flooder.http.options("/chat/messages", headers=asked)
    assert preflight.status_code == 403
    assert cors(preflight) == []


@pytest.mark.parametrize("origin", ["http://127.0.0.1:1", "http://localhost:{port}", LISTED])
def test_origins_are_refused_by_default(attacker, origin):
    """With no list, only the very site counts: not even another port or name of the same machine."""
    assert_problem(
        ask(attacker, "POST", "/chat/session", origin.format(port=attacker.server.port)), 403, "foreign_origin"
    )


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_origins_that_are_listed_may_read(flooder, method, path):
    answer = ask(flooder, method, path, LISTED)
    assert answer.headers["access-control-allow-origin"] == LISTED
    assert "Origin" in answer.headers["vary"].split(", ")
    assert "access-control-allow-credentials" not in answer.headers
    preflight = flooder.http.options(path, headers={"Origin": LISTED, "Access-Control-Request-Method": method})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == LISTED
    assert method in preflight.headers["access-control-allow-methods"]


def test_origins_of_no_page_and_of_this_site_need_no_list(attacker):
    for headers in ({}, {"Origin": attacker.server.url}):
        answer = attacker.http.post("/chat/session", headers=headers)
        assert answer.status_code == 201
        assert cors(answer) == []
