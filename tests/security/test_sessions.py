"""Promise: sessions are signed and opaque, expire, and their keys rotate."""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import httpx
import pytest
from itsdangerous import TimestampSigner, URLSafeSerializer, URLSafeTimedSerializer

from tests.security.attacker import Attacker, assert_problem, bearer
from tests.security.server import DROPPED_KEY, NEW_KEY, OLD_KEY

SALT = "faq.chat.session"
DAY = 86_400


def refused(attacker: Attacker, session: str, code: str = "no_session") -> None:
    """Neither reading nor writing nor rating; nor deleting, unless it is only too late."""
    assert_problem(attacker.history(session), 401, code)
    assert_problem(attacker.say(session, "hello"), 401, code)
    assert_problem(attacker.rate(session, str(uuid.uuid4())), 401, code)
    if code == "no_session":
        assert_problem(attacker.erase(session), 401, code)


def signed(conversation: Any, key: str, age: int = 0, salt: str = SALT, digest: Any = hashlib.sha256) -> str:
    """A session as the server makes it, with one thing or another changed."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(time.time()) - age

    options = {"digest_method": digest}
    return str(URLSafeTimedSerializer(key, salt=salt, signer=Signer, signer_kwargs=options).dumps(conversation))


def conversation_of(session: str) -> str:
    _, conversation = URLSafeTimedSerializer("").loads_unsafe(session)
    return str(conversation)


def b64(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def test_sessions_cut_short_are_refused(attacker):
    session = attacker.session()
    for length in range(0, len(session), 6):
        refused_read = attacker.http.get("/chat/messages", headers=bearer(session[:length]))
        assert_problem(refused_read, 401, "no_session")
    assert attacker.history(session).status_code == 200


def test_sessions_with_parts_of_two_are_refused(attacker):
    mine, other = attacker.session().split("."), attacker.session().split(".")
    for parts in ([other[0], *mine[1:]], [other[0], other[1], mine[2]], [mine[0], other[1], "A" + other[2][1:]]):
        refused(attacker, ".".join(parts))


@pytest.mark.parametrize(
    "junk", ["", ".", "..", "...", "a.b.c", "null", "0" * 5000, "%00", "../../etc/passwd", "' OR 1=1"]
)
def test_sessions_made_up_are_refused(attacker, junk):
    refused(attacker, junk)


def test_sessions_that_are_no_text_are_refused(attacker):
    for junk in (b"\xff\xfe", b"\xc3\x28.a.b", "ü.ü.ü".encode()):
        answer = attacker.http.get("/chat/messages", headers={b"Authorization": b"Bearer " + junk})
        assert_problem(answer, 401, "no_session")


@pytest.mark.parametrize("scheme", ["Basic", "Digest", "bearer:", ""])
def test_sessions_come_as_bearer_only(attacker, scheme):
    session = attacker.session()
    answer = attacker.http.get("/chat/messages", headers={"Authorization": f"{scheme} {session}".strip()})
    assert_problem(answer, 401, "no_session")
    for place in ({"params": {"session": session}}, {"cookies": {"session": session}}):
        assert_problem(httpx.get(f"{attacker.server.url}/chat/messages", trust_env=False, **place), 401, "no_session")


def test_sessions_know_no_other_algorithm(flooder):
    """Unsigned, signed with nothing, as a JWT without an algorithm, with SHA-1, another salt, or without a time."""
    conversation = conversation_of(flooder.session())
    refused(flooder, f"{b64(conversation)}..")
    refused(flooder, signed(conversation, ""))
    refused(flooder, f"{b64({'alg': 'none', 'typ': 'JWT'})}.{b64({'sub': conversation})}.")
    refused(flooder, signed(conversation, NEW_KEY, digest=hashlib.sha1))
    refused(flooder, signed(conversation, NEW_KEY, salt="itsdangerous"))
    refused(flooder, str(URLSafeSerializer(NEW_KEY, salt=SALT).dumps(conversation)))


def test_sessions_expire(flooder):
    session = flooder.session()
    conversation = conversation_of(session)
    assert flooder.history(signed(conversation, NEW_KEY, age=DAY - 60)).status_code == 200
    refused(flooder, signed(conversation, NEW_KEY, age=DAY + 60), "session_expired")
    assert flooder.erase(signed(conversation, NEW_KEY, age=DAY + 60)).status_code == 204
    assert_problem(flooder.history(session), 404, "conversation_gone")


def test_sessions_rotate_their_keys(flooder):
    """New ones have the first key, those of the second are still good, and those of a dropped key are not."""
    session = flooder.session()
    conversation = conversation_of(session)
    serializer = URLSafeTimedSerializer(NEW_KEY, salt=SALT, signer_kwargs={"digest_method": hashlib.sha256})
    assert serializer.loads(session) == conversation
    assert flooder.history(signed(conversation, OLD_KEY)).status_code == 200
    refused(flooder, signed(conversation, DROPPED_KEY))


def test_sessions_say_when_they_end(flooder):
    answer = flooder.http.post("/chat/session").json()
    assert answer["expires_at"].endswith("Z")
    assert bearer(answer["session"])["Authorization"].count(".") == 2
