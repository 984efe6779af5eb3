"""Promise: errors leak nothing, Rasa's own interfaces cannot be reached, and every answer has its security headers."""

from __future__ import annotations

import json
import re

import httpx
import pytest

from tests.security.attacker import GIVE_UP, assert_no_leak, assert_problem, bearer

OUTSIDE = [
    "/",
    "/metrics",
    "/version",
    "/status",
    "/domain",
    "/model",
    "/model/parse",
    "/model/train",
    "/model/test/intents",
    "/model/predict",
    "/conversations/default/tracker",
    "/conversations/default/tracker/events",
    "/conversations/default/messages",
    "/conversations/default/execute",
    "/conversations/default/trigger_intent",
    "/conversations/default/predict",
    "/conversations/default/story",
    "/webhooks/rest/webhook",
    "/webhooks/rest/",
    "/webhooks/callback/webhook",
    "/webhooks/socketio/webhook",
    "/webhooks/chat/session",
    "/webhooks/chat/messages",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=4&transport=websocket",
    "/chatx",
    "/chat%2Fhealth",
    "/%63hat/health",
    "/CHAT/health",
    "/.env",
    "/.git/config",
    "/favicon.ico",
    "/robots.txt",
    "/static/../credentials.yml",
]
INSIDE = [
    "",
    "/",
    "/nothing",
    "/metrics",
    "/webhook",
    "/../version",
    "/%2e%2e/version",
    "/..%2f..%2fvar/secret.key",
    "/session/",
]
INSIDE += ["/messages/1", "/demo/../../endpoints.yml", "/demo%00.html", "/%ff", "//version", "/static/demo.html"]
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_errors_nothing_but_the_chat_is_there(attacker, path):
    """Byte for byte the same as for an address that never was, but for the id that each request has."""
    nowhere = attacker.http.get("/never-was")
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE"):
        answer = attacker.http.request(method, path, json={"sender": "default", "message": "hi", "text": "hi"})
        assert_problem(answer, 404, "not_found")
        assert without_id(answer) == without_id(nowhere)


def without_id(answer):
    """All of an answer but its request's id, which is in both places the same and new."""
    request_id = answer.headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", request_id)
    text = f"{answer.text}\n{dict(answer.headers)}"
    assert text.count(request_id) == 2
    return text.replace(request_id, "")


@pytest.mark.parametrize("path", INSIDE)
def test_errors_of_addresses_in_the_chat(attacker, path):
    answer, _ = attacker.raw(f"GET /chat{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
    assert b" 404 " in answer.split(b"\r\n")[0]
    assert_no_leak(answer.decode())


@pytest.mark.parametrize(
    "head",
    [
        b"hello\r\n\r\n",
        b"GET /\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /chat/health HTTP/9.9\r\n\r\n",
        b"GET  /chat/health  HTTP/1.1\r\n\r\n",
        b"GET /chat/\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /chat/health HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET http:// HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET http://other.example/version HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"POST /chat/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /chat/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"\x00" * 100 + b"\r\n\r\n",
    ],
)
def test_errors_of_what_is_no_request(attacker, head):
    """Refused, or hung up on; and the next request is answered."""
    answer, seconds = attacker.raw(head)
    assert seconds < GIVE_UP
    assert answer == b"" or answer.split(b" ")[1] in (b"400", b"404", b"405")
    assert_no_leak(answer.decode())
    assert attacker.http.get("/chat/health").status_code == 200


@pytest.mark.parametrize("path", ["/session", "/messages", "/feedback", "/health", "/demo", "/faq-chat.js", "/docs"])
def test_errors_of_methods(attacker, path):
    for method in METHODS:
        answer = attacker.http.request(method, f"/chat{path}")
        assert answer.status_code < 500
        if answer.status_code == 405:
            assert method not in answer.headers["allow"].split(", ")
            assert answer.headers["content-type"] == "application/problem+json"
        assert_no_leak(str(answer.headers))


def test_errors_have_every_security_header(attacker):
    session = attacker.session()
    answers = [
        attacker.http.post("/chat/session"),
        attacker.history(session),
        attacker.history("x"),
        attacker.http.get("/"),
        attacker.http.get("/chat/health"),
        attacker.http.put("/chat/health"),
        attacker.http.request("FOO", "/chat/health"),
        attacker.http.options("/chat/messages"),
        attacker.http.get("/chat/health", headers={"Origin": "https://evil.example"}),
        attacker.http.post("/chat/session", content=b"x" * 40_000),
        attacker.erase(session),
    ]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, answer.request.url
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["demo", "docs", "docs.css", "openapi.json", "demo.css", "faq-chat.js"])
def test_errors_files_are_guarded_too(attacker, path):
    answer = attacker.http.get(f"/chat/{path}")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy, "no third party"
    assert answer.headers["x-content-type-options"] == "nosniff"
    embeddable = path == "faq-chat.js"
    assert answer.headers["cross-origin-resource-policy"] == ("cross-origin" if embeddable else "same-origin")


def test_errors_tell_nothing_of_what_was_sent(attacker):
    """No echo: what is sent in a bad request does not come back in the answer."""
    session, marker = attacker.session(), "<script>alert(1)</script>"
    headers = {**bearer(session), "Content-Type": "application/json"}
    for body in ({"id": marker}, {"id": marker, "text": marker}, {marker: marker}, [marker], marker):
        answer = attacker.http.post("/chat/messages", content=json.dumps(body), headers=headers)
        assert answer.status_code == 400
        assert "script" not in answer.text
    assert "script" not in attacker.http.get(f"/chat/{marker}").text
    assert "script" not in attacker.http.get("/chat/demo", params={"q": marker}).text.split("<head>")[0]


def test_errors_of_actions_and_the_database_are_not_told(target):
    """The action server listens on this machine only, and does not answer for the chat."""
    answer = httpx.get(f"{target.url}/webhook", trust_env=False)
    assert_problem(answer, 404, "not_found")
