"""Promise: a message reaches its own conversation only, is answered once, and is never a command."""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from typing import Any

import pytest

from tests.security.attacker import Attacker, assert_problem, bearer

COMMANDS = ("restart", "session_start", 'thanks{"symptom": "seizure"}')
SLASHES = "/ // \\ \uff0f \u2044 \u2215 \u29f8 \u200b/ \ufeff/ \u2060/ \u00ad/ \u202e/ \u0000/".split()
BLANKS = ["\u00a0/", "\u3000/", "\t/", "\n\r\n/", "  /", "/\u200b", "/ "]


def users(attacker: Attacker, marker: str) -> list[dict[str, Any]]:
    """The stored messages with a word in them."""
    with closing(sqlite3.connect(attacker.server.database)) as connection:
        found = connection.execute("select data from events where type_name = 'user'").fetchall()
    return [json.loads(data) for (data,) in found if marker in data]


def test_own_conversation_cannot_be_left(attacker):
    """Whatever else names a conversation, in the body, the address, a header or a cookie: only the session counts."""
    mine, other = attacker.session(), attacker.session()
    marker = uuid.uuid4().hex
    assert attacker.say(other, f"kept {marker}").status_code == 200
    before = attacker.history(other).json()
    with closing(sqlite3.connect(attacker.server.database)) as connection:
        query = "select distinct sender_id from events where data like ?"
        ((conversation,),) = connection.execute(query, (f"%{marker}%",)).fetchall()
    names = ("sender", "sender_id", "conversation", "conversation_id", "session", "session_id", "user")
    attacker.http.post(
        f"/chat/messages?{'&'.join(f'{name}={conversation}' for name in names)}",
        json={"id": str(uuid.uuid4()), "text": "intruder", **dict.fromkeys(names, conversation)},
        headers={**bearer(mine), "X-Sender-Id": conversation, "Cookie": f"session={other}"},
    )
    assert attacker.history(other).json() == before
    assert marker not in attacker.history(mine).text


def test_own_conversation_takes_no_second_session_in_a_request(attacker):
    mine, other = attacker.session(), attacker.session()
    attacker.say(other, "private words")
    headers = [("Authorization", f"Bearer {mine}"), ("Authorization", f"Bearer {other}")]
    assert "private words" not in attacker.http.get("/chat/messages", headers=headers).text
    assert "private words" not in attacker.http.get("/chat/messages", headers=bearer(f"{mine}, Bearer {other}")).text


def test_own_conversation_is_never_packed(attacker):
    """The length of a packed answer would tell about what a reader wrote beside an attacker's words (CVE-2013-3587)."""
    session = attacker.session()
    assert "gzip" in attacker.http.headers["accept-encoding"]
    assert attacker.http.get("/chat/faq-chat.js").headers["content-encoding"] == "gzip"
    for answer in (attacker.say(session, "private words " * 100), attacker.history(session)):
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers


def test_own_conversation_shares_no_message_id(attacker):
    """An id that another conversation has used neither shows that one's answer nor lets feedback on it be given."""
    mine, other, number = attacker.session(), attacker.session(), str(uuid.uuid4())
    attacker.say(other, "can stress cause it?", id=number)
    assert_problem(attacker.rate(mine, number), 404, "no_such_message")
    assert attacker.say(mine, "thanks", id=number).json()["messages"][0]["custom"]["type"] == "smalltalk"


def test_own_conversation_answers_an_id_once(flooder):
    """Eight parallel calls with one id: some are refused as too many at once, all others have the same answer."""
    session, number = flooder.session(), str(uuid.uuid4())
    answers = flooder.at_once([lambda: flooder.say(session, "how long does it last?", id=number)] * 8)
    assert {answer.status_code for answer in answers} <= {200, 429}
    good = {answer.text for answer in answers if answer.status_code == 200}
    assert len(good) == 1
    assert flooder.say(session, "something else", id=number.upper()).text in good
    entries = flooder.history(session).json()["messages"]
    assert [entry["text"] for entry in entries if entry["role"] == "reader"] == ["how long does it last?"]


@pytest.mark.parametrize("slash", [*SLASHES, *BLANKS], ids=ascii)
def test_own_conversation_takes_typed_text_for_no_command(flooder, slash):
    """Understood by the model like any words (a command is not: it has no passages), and the conversation goes on."""
    session = flooder.session()
    for command in COMMANDS:
        marker = uuid.uuid4().hex
        assert flooder.say(session, f"{slash}{command} {marker}").status_code == 200
        (event,) = users(flooder, marker)
        assert "passages" in event["parse_data"], event["parse_data"]
    said = [entry for entry in flooder.history(session).json()["messages"] if entry["role"] == "reader"]
    assert len(said) == len(COMMANDS), "a command began the conversation anew"


@pytest.mark.parametrize(
    "text", ["/duration", " /restart", "/session_start", "\u200b", "\ufeff", "\u00ad\u200d"], ids=ascii
)
def test_own_conversation_takes_a_bare_command_for_words(flooder, text):
    session = flooder.session()
    answer = flooder.say(session, text)
    assert answer.status_code == 200
    assert answer.json()["messages"][0]["custom"]["type"] != "notice"
    assert flooder.history(session).json()["messages"][1]["text"] == text


@pytest.mark.parametrize(
    "payload",
    [
        *("/restart", "/session_start", "/back", "/greet", " /duration", "/duration ", "/DURATION", "duration", ""),
        *(
            '/duration{"symptom": "seizure"}',
            "/duration\u200b",
            "\uff0fduration",
            "/duration@1.0",
            "EXTERNAL: x",
            "\ud800",
        ),
    ],
    ids=ascii,
)
def test_own_conversation_runs_only_what_it_was_offered(flooder, payload):
    session = flooder.session()
    before = flooder.history(session).json()
    body = json.dumps({"id": str(uuid.uuid4()), "payload": payload})
    headers = {**bearer(session), "Content-Type": "application/json"}
    assert_problem(flooder.http.post("/chat/messages", content=body, headers=headers), 400, "not_offered")
    assert flooder.history(session).json() == before


def test_own_conversation_is_not_offered_what_another_was(flooder):
    """A payload that a reader types, or that was offered to somebody else, is no offer."""
    mine, other = flooder.session(), flooder.session()
    flooder.say(other, "my arm is weak, what can I do?")
    offered = [b["payload"] for e in flooder.history(other).json()["messages"] for b in e.get("buttons", [])]
    own = {b["payload"] for e in flooder.history(mine).json()["messages"] for b in e.get("buttons", [])}
    for payload in {*offered, "/typed_myself"} - own:
        flooder.say(mine, f'{{"title": "x", "payload": "{payload}"}}')
        assert_problem(flooder.say(mine, payload=payload), 400, "not_offered")
    assert flooder.say(mine, payload=next(iter(own))).status_code == 200
