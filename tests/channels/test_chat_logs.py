"""Promise: whatever fails, no log holds what a reader wrote, nor their session, nor their address."""

from __future__ import annotations

import io
import json
import sys
import uuid

import pytest
from rasa.utils.endpoints import ClientResponseError

from faq.logs import configure
from tests.channels.conftest import bearer

MARKER = "unmistakable"
READER = "198.51.100.77"


@pytest.fixture
def log(logging_restored, monkeypatch):
    """What the server logs as in production, at the level of this test."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    configure({"FAQ_LOG_FORMAT": "json"})
    return stream


def full_disk(chat):
    """Says what SQLAlchemy says with it, the values of the statement."""
    chat.agent.tracker_store._tracker_store.engine.execute(
        "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )


def failing_action(chat):
    """Answers as rasa-sdk does, with all that it was sent."""

    async def request(*_, json, **__):
        raise ClientResponseError(500, "Internal Server Error", str(json).encode())

    chat.actions.request = request


def failing_action_in_this_process(chat):
    async def request(*_, json, **__):
        return {}[json["tracker"]["latest_message"]["text"]]

    chat.actions.request = request


def failing_nlu(chat):
    def parse(message, *_, **__):
        raise ValueError(f"no features for {message.text!r}")

    chat.agent.processor._parse_message_with_graph = parse


def mute_action(chat):
    chat.actions.mute = True


def nothing(_chat):
    pass


@pytest.mark.parametrize(
    "fault", [nothing, full_disk, failing_action, failing_action_in_this_process, failing_nlu, mute_action]
)
def test_chat_logs_hold_nothing_of_a_reader(serve, log, fault):
    chat = serve(trusted_proxies=1)
    chat.http.headers["X-Forwarded-For"] = READER
    session = chat.session()
    stored = chat.stored()
    fault(chat)
    answer = chat.say(session, f"how long? {MARKER}")
    assert answer.status_code == (200 if fault is nothing else 503)
    chat.http.post("/chat/messages", content=f'{{"text": "{MARKER}', headers=bearer(session))
    chat.http.get(f"/chat/{MARKER}")
    written = log.getvalue()
    lines = [json.loads(line) for line in written.splitlines()]
    for trace in (MARKER, session, READER, stored[0].sender_id):
        assert trace not in written
    assert ("disk full" in written) == (fault is full_disk)  # an operator has to know
    mine = [line for line in lines if line.get("request_id") == answer.headers["x-request-id"]]
    assert {"method": "POST", "route": "/chat/messages", "status": answer.status_code}.items() <= mine[-1].items()
    codes = {line["code"] for line in mine if "code" in line}
    assert codes == (
        set() if fault is nothing else {"CHT20"} if "disk" in fault.__name__ or "nlu" in fault.__name__ else {"CHT21"}
    )


def test_chat_logs_name_no_conversation_that_two_servers_answered_at_once(serve, log, monkeypatch):
    """Its id would be a trace of it after its deletion."""
    chat = serve()
    session, number = chat.session(), str(uuid.uuid4())
    (conversation,) = {row.sender_id for row in chat.stored()}
    store = chat.agent.tracker_store._tracker_store
    append, first = type(store).append, []

    async def append_late(self, sender_id, events, last):
        late = not first
        first.append(last)
        return await append(self, sender_id, events, last + late)

    monkeypatch.setattr(type(store), "append", append_late)
    assert chat.say(session, "hello", id=number).status_code == 200
    assert "CHT08" in log.getvalue()
    assert conversation not in log.getvalue()
