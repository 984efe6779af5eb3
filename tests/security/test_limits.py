"""Promise: length, rate, size, time and concurrency have caps, and say when to come again."""

from __future__ import annotations

import json
import uuid

import httpx
import pytest

from tests.security.attacker import GIVE_UP, assert_problem, bearer

CHUNK = b"1000\r\n" + b"x" * 4096 + b"\r\n"


def test_limits_length(attacker):
    session = attacker.session()
    assert_problem(attacker.say(session, "a" * 2001), 413, "text_too_long")
    assert_problem(attacker.say(session, "\U0001f600" * 2001), 413, "text_too_long")
    assert_problem(attacker.say(session, "\u202e" * 2001), 413, "text_too_long")
    assert attacker.say(session, "\U0001f600" * 2000).status_code == 200
    number = str(uuid.uuid4())
    attacker.say(session, "how long?", id=number)
    assert_problem(attacker.rate(session, number, reason="a" * 501), 413, "text_too_long")
    assert attacker.rate(session, number, reason="\U0001f600" * 500).status_code == 204


@pytest.mark.parametrize("path", ["/chat/session", "/chat/messages", "/chat/feedback", "/chat/nothing", "/model/parse"])
def test_limits_body(attacker, path):
    def chunks():
        yield from [b"x" * 4096] * 16

    for content in (b"x" * 40_000, chunks()):  # each on a connection of its own: the server hangs up on an unread body
        answer = httpx.post(f"{attacker.server.url}{path}", content=content, trust_env=False)
        assert_problem(answer, *expected(path))


def expected(path: str) -> tuple[int, str]:
    """Outside of the chat nothing is read before it is not found."""
    return (413, "body_too_large") if path.startswith("/chat/") else (404, "not_found")


def test_limits_body_that_never_ends(attacker):
    head = b"POST /chat/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer, seconds = attacker.raw(head, *[CHUNK] * 100)
    assert answer == b"" or b" 413 " in answer.split(b"\r\n")[0]
    assert seconds < GIVE_UP


def test_limits_head(attacker):
    answer, _ = attacker.raw(b"GET /chat/health HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000 + b"\r\n\r\n")
    assert b" 413 " in answer.split(b"\r\n")[0]


@pytest.mark.parametrize(
    "parts",
    [
        (b"POST /chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"POST /chat/messages HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"POST /chat/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"POST /model/parse HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n", b"x"),
        (b"GET /chat/health HTTP/1.1\r\nHost: a\r\nX-Y: ", b"x"),
        (b"GET /chat/health HTTP/1.1\r\nHost: a\r\n\r\n" + b"GET /chat/health HTTP/1.1\r\nX-Y: ", b"x"),
    ],
    ids=["body", "body of a websocket", "chunks", "elsewhere", "head", "second head"],
)
def test_limits_time_of_a_request_that_drips(flooder, parts):
    """One second is allowed here; every byte would make Sanic's own timeout begin anew."""
    answer, seconds = flooder.raw(*parts, pause=0.1)
    assert seconds < GIVE_UP
    assert b"408" in answer or b"404" in answer


@pytest.mark.parametrize("length", ["-5", "-1", "+5", "1_0", "0x10", "abc", "", "5, 5", "9" * 5000, "\u0665"])
def test_limits_reading_of_a_strange_length(flooder, length):
    """A negative length once made the server read for ever, and answer nobody any more."""
    line = f"Content-Length: {length}".encode()
    answer, _ = flooder.raw(b"POST /chat/session HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\nab")
    assert answer.split(b"\r\n")[0].split(b" ")[1] in (b"400", b"413")
    assert flooder.http.get("/chat/health").status_code == 200


def test_limits_one_way_to_end_a_request(flooder):
    for lines in (
        b"Content-Length: 4\r\nTransfer-Encoding: chunked",
        b"Content-Length: 4\r\nContent-Length: 5",
        b"Transfer-Encoding: gzip",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Expect: everything\r\nContent-Length: 4",
    ):
        answer, _ = flooder.raw(b"POST /chat/session HTTP/1.1\r\nHost: a\r\n" + lines + b"\r\n\r\n0\r\n\r\n")
        assert answer.count(b"HTTP/1.1 ") == 1
        assert answer.startswith(b"HTTP/1.1 400 ")


def test_limits_rate_of_a_session(attacker):
    """With the defaults: thirty calls at once, then one in two seconds; other conversations do not notice."""
    session, other = attacker.session(), attacker.session()
    answers = [attacker.history(session) for _ in range(45)]
    codes = [answer.status_code for answer in answers]
    assert codes[:30] == [200] * 30
    assert 429 in codes
    late = next(answer for answer in answers if answer.status_code == 429)
    assert_problem(late, 429, "too_many")
    assert 1 <= int(late.headers["retry-after"]) <= 2
    for answer in (attacker.history(session), attacker.say(session, "x"), attacker.rate(session, str(uuid.uuid4()))):
        assert answer.status_code in (429, 200, 404)
    assert attacker.history(other).status_code == 200
    assert attacker.erase(session).status_code == 204, "a reader can always delete"


def test_limits_rate_of_an_address(flooder):
    """What the attacker writes into X-Forwarded-For stands before what the proxy adds, and counts for nothing."""
    session = flooder.session()

    def call(address: str, spoofed: str = "") -> int:
        headers = {**bearer(session), "X-Forwarded-For": f"{spoofed}{address}"}
        return flooder.http.get("/chat/messages", headers=headers).status_code

    assert [call("198.51.100.7", f"10.0.0.{n}, ") for n in range(7)] == [200] * 5 + [429] * 2
    assert call("198.51.100.8") == 200
    network = [call(f"2001:db8::{n:x}") for n in range(1, 8)]
    assert network == [200] * 5 + [429] * 2, "one household has a whole /64"


def test_limits_new_sessions_of_an_address(flooder):
    headers = {"X-Forwarded-For": "203.0.113.9"}
    answers = [flooder.http.post("/chat/session", headers=headers) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429]
    assert_problem(answers[3], 429, "too_many")
    assert int(answers[3].headers["retry-after"]) >= 1


def test_limits_guessing_of_sessions(flooder):
    """A wrong session costs as much as a right one."""
    headers = {**bearer("a.b.c"), "X-Forwarded-For": "203.0.113.10"}
    codes = [flooder.http.get("/chat/messages", headers=headers).status_code for _ in range(7)]
    assert codes == [401] * 5 + [429] * 2


def test_limits_what_is_in_progress(flooder):
    """Four places here. Nothing hangs, nobody is forgotten, and afterwards all is as before."""
    sessions = [flooder.session() for _ in range(16)]
    calls = [lambda s=session: flooder.say(s, "can stress cause it? " * 60) for session in sessions]
    answers = flooder.at_once(calls)
    assert {answer.status_code for answer in answers} == {200, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert_problem(answer, 503, "busy")
            assert int(answer.headers["retry-after"]) >= 1
    assert flooder.say(sessions[0], "and now?").status_code == 200


def test_limits_what_is_in_progress_of_a_session(flooder):
    """One conversation cannot take all the places."""
    session = flooder.session()
    answers = flooder.at_once([lambda n=n: flooder.say(session, f"question {n} " * 100) for n in range(8)])
    codes = [answer.status_code for answer in answers]
    assert set(codes) == {200, 429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 429)
    entries = flooder.history(session).json()["messages"]
    assert sum(entry["role"] == "reader" for entry in entries) == codes.count(200)


def test_limits_depth_of_json(attacker):
    session = attacker.session()
    for body in ("[" * 30_000, '{"a":' * 6_000, json.dumps({"id": 1e400}), '{"id": NaN}', "1" * 30_000):
        headers = {**bearer(session), "Content-Type": "application/json"}
        answer = attacker.http.post("/chat/messages", content=body, headers=headers)
        assert answer.status_code == 400, answer.text
