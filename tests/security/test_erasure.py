"""Promise: deleting a conversation erases every trace of it."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing

from tests.security.attacker import Attacker, assert_problem


def in_files(attacker: Attacker, words: str) -> list[str]:
    """The files of the server, journals and logs among them, that hold some words, in either spelling of JSON."""
    spellings = {words.encode(), words.encode("utf-16-le")}
    return [
        path.name
        for path in sorted(attacker.server.folder.iterdir())
        if path.is_file() and any(spelling in path.read_bytes() for spelling in spellings)
    ]


def conversations(attacker: Attacker, words: str) -> set[str]:
    with closing(sqlite3.connect(attacker.server.database)) as connection:
        found = connection.execute("select sender_id from events where data like ?", (f"%{words}%",)).fetchall()
    return {sender for (sender,) in found}


def test_erasure_leaves_no_trace(attacker):
    """Not in a row, not in free pages, not in a journal, not in the log: of words, reason, id, session or address."""
    session, number, marker = attacker.session(), str(uuid.uuid4()), uuid.uuid4().hex
    other = uuid.uuid4().hex
    kept = attacker.session()
    attacker.say(kept, f"kept {other}")
    for n in range(6):
        assert attacker.say(session, f"my eyelid twitches {marker} " + f"{n} " * 300).status_code == 200
    assert attacker.say(session, f"how long? {marker}", id=number).status_code == 200
    assert attacker.rate(session, number, helpful=False, reason=f"because {marker}").status_code == 204
    (conversation,) = conversations(attacker, marker)
    assert in_files(attacker, marker)
    assert attacker.erase(session).status_code == 204
    for trace in (marker, conversation, number, session):
        assert in_files(attacker, trace) == []
    assert in_files(attacker, other) == ["conversations.db"]
    for answer in (attacker.history(session), attacker.say(session, "hello?"), attacker.rate(session, number)):
        assert_problem(answer, 404, "conversation_gone")
    assert in_files(attacker, conversation) == []


def test_erasure_wins_over_what_comes_at_the_same_time(flooder):
    """Whatever is written, rated and read while a conversation is deleted: nothing of it is left afterwards."""
    session, number, marker = flooder.session(), str(uuid.uuid4()), uuid.uuid4().hex
    flooder.say(session, f"first {marker}", id=number)
    (conversation,) = conversations(flooder, marker)
    answers = flooder.at_once(
        [lambda: flooder.say(session, f"race {marker}")] * 3
        + [lambda: flooder.rate(session, number, reason=marker)] * 3
        + [lambda: flooder.history(session)] * 2
        + [lambda: flooder.erase(session)]
    )
    assert answers[-1].status_code == 204
    assert {answer.status_code for answer in answers} <= {200, 204, 404, 429, 503}
    assert in_files(flooder, marker) == in_files(flooder, conversation) == []


def test_erasure_does_not_reach_another_conversation(attacker):
    mine, other = attacker.session(), attacker.session()
    attacker.say(other, "still here?")
    before = attacker.history(other).json()
    assert attacker.erase(mine).status_code == 204
    assert attacker.history(other).json() == before


def test_erasure_is_behind_files_of_the_owner_only(attacker):
    files = list(attacker.server.folder.glob("conversations.db*"))
    assert attacker.server.database in files
    assert [file.name for file in files if file.stat().st_mode & 0o077] == []
