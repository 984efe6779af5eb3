from __future__ import annotations

import asyncio
import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from channels.feedback import Feedback, read_feedback
from channels.problems import Problem
from channels.tracker_store import erasable_store

ID = "0b9c2a3e-5d0f-4c60-9a62-0c6d3a4a1f10"


def rate(chat, session, **fields):
    return chat.http.post("/chat/feedback", json=fields, headers={"Authorization": f"Bearer {session}"})


def kept(chat) -> list[Feedback]:
    store = erasable_store(chat.agent.tracker_store)
    return [feedback for _, feedback in asyncio.run(store.all_feedback())]


@pytest.mark.parametrize(
    ("fields", "feedback"),
    [
        ({"id": ID, "helpful": True}, Feedback(ID, True)),
        ({"id": ID.upper(), "helpful": False, "reason": None, "more": 1}, Feedback(ID, False)),
        (
            {"id": ID, "helpful": False, "reason": " not \u202ewhat\r\nI asked\x00 "},
            Feedback(ID, False, "not what\nI asked"),
        ),
        ({"id": ID, "helpful": True, "reason": "a" * 500}, Feedback(ID, True, "a" * 500)),
    ],
)
def test_feedback_is_read(fields, feedback):
    assert read_feedback("application/json", json.dumps(fields).encode(), 500) == feedback


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([], "not_an_object"),
        ({"helpful": True}, "bad_id"),
        ({"id": "1", "helpful": True}, "bad_id"),
        ({"id": ID}, "bad_helpful"),
        ({"id": ID, "helpful": 1}, "bad_helpful"),
        ({"id": ID, "helpful": "yes"}, "bad_helpful"),
        ({"id": ID, "helpful": True, "reason": 7}, "bad_reason"),
        ({"id": ID, "helpful": True, "reason": "a" * 501}, "text_too_long"),
    ],
)
def test_feedback_is_refused(fields, code):
    with pytest.raises(Problem) as refused:
        read_feedback("application/json", json.dumps(fields).encode(), 500)
    assert refused.value.code == code


def test_feedback_of_a_message_is_kept_and_replaced(chat):
    session = chat.session()
    chat.say(session, "how long?", id=ID)
    answer = rate(chat, session, id=ID, helpful=True)
    assert (answer.status_code, answer.content) == (204, b"")
    assert kept(chat) == [Feedback(ID, True)]
    assert rate(chat, session, id=ID.upper(), helpful=False, reason="too long").status_code == 204
    assert kept(chat) == [Feedback(ID, False, "too long")]


def test_feedback_on_a_pressed_button_is_kept(chat):
    session = chat.session()
    chat.say(session, payload="/duration", id=ID)
    assert rate(chat, session, id=ID, helpful=True).status_code == 204


def test_feedback_latest_is_listed_first(chat):
    session, numbers = chat.session(), [str(uuid.uuid4()) for _ in range(3)]
    for number in numbers:
        chat.say(session, "how long?", id=number)
        rate(chat, session, id=number, helpful=True)
    assert [feedback.message_id for feedback in kept(chat)] == numbers[::-1]


def test_feedback_is_for_messages_of_the_same_conversation(chat):
    mine, other = chat.session(), chat.session()
    chat.say(other, "how long?", id=ID)
    for session, number in ((mine, ID), (other, str(uuid.uuid4()))):
        answer = rate(chat, session, id=number, helpful=True)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_message")
    assert kept(chat) == []


def test_feedback_is_erased_with_its_conversation_only(chat, tmp_path):
    mine, other = chat.session(), chat.session()
    for session in (mine, other):
        chat.say(session, "how long?", id=ID)
        rate(chat, session, id=ID, helpful=False, reason=f"unmistakable-{session == mine}")
    assert chat.erase(mine).status_code == 204
    assert [feedback.reason for feedback in kept(chat)] == ["unmistakable-False"]
    assert b"unmistakable-True" not in (tmp_path / "var" / "conversations.db").read_bytes()
    answer = rate(chat, mine, id=ID, helpful=True)
    assert (answer.status_code, answer.json()["code"]) == (404, "conversation_gone")


def test_feedback_and_conversation_are_erased_together_or_not_at_all(chat):
    session = chat.session()
    chat.say(session, "how long?", id=ID)
    rate(chat, session, id=ID, helpful=True)
    events = len(chat.stored())
    store = erasable_store(chat.agent.tracker_store)
    store.engine.execute("CREATE TRIGGER stop BEFORE DELETE ON feedback BEGIN SELECT RAISE(ABORT, 'no'); END")
    assert chat.erase(session).status_code == 503
    assert (len(chat.stored()), len(kept(chat))) == (events, 1)


def test_feedback_does_not_come_back_after_the_conversation_is_erased(chat):
    session = chat.session()
    chat.say(session, "how long?", id=ID)
    with ThreadPoolExecutor(6) as pool:
        given = [pool.submit(rate, chat, session, id=ID, helpful=True) for _ in range(5)]
        assert pool.submit(chat.erase, session).result().status_code == 204
    assert {each.result().status_code for each in given} <= {204, 404}
    assert kept(chat) == []


def test_feedback_counts_as_a_call(serve):
    chat = serve(session_burst=3, session_rate=1)
    session = chat.session()
    chat.say(session, "how long?", id=ID)
    codes = [rate(chat, session, id=ID, helpful=True).status_code for _ in range(3)]
    assert codes == [204, 204, 429]
