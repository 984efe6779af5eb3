"""The chat API of the running server, with nothing of it replaced: sessions, repeated messages, reload, deletion."""

from __future__ import annotations

import json
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from maintain.models import Models
from maintain.settings import ROOT, Settings
from tests.conversations.reader import Reply, payloads, sections, types


def rows(database: Path) -> list[str]:
    """All rows of all tables, each as one text."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return [str(row) for table in tables for row in connection.execute(f'select * from "{table}"')]  # noqa: S608


def without_role(entry: Reply) -> Reply:
    return {key: value for key, value in entry.items() if key != "role"}


def test_chat_api_begins_with_the_notice_and_the_topics(reader):
    (greeting,) = reader.start()
    assert greeting["custom"]["type"] == "notice"
    assert "not a doctor" in greeting["text"]
    assert payloads(greeting) == ["/psychosomatic", "/prevention", "/duration"]
    assert reader.history() == [{"role": "assistant", **greeting}]


@pytest.mark.parametrize("payload", ["/psychosomatic", "/prevention", "/duration"])
def test_chat_api_button_of_the_greeting_is_answered(reader, payload):
    reply = reader.press(payload)
    assert types(reply) == ["answer"]
    assert sections(reply) == [payload[1:]]


@pytest.mark.parametrize("text", ["/duration", "/restart", "/session_start", '/thanks{"symptom": "seizure"}'])
def test_chat_api_typed_text_is_no_command(reader, assistant, text):
    """A command skips the pipeline; these words went through it, and are shown as they were typed."""
    reader.say(text)
    history = reader.history()
    assert [entry["role"] for entry in history[:2]] == ["assistant", "reader"]
    assert history[1]["text"] == text
    with closing(sqlite3.connect(assistant.folder / "conversations.db")) as connection:
        query = "select data from events where type_name = 'user' order by id desc limit 1"
        ((stored,),) = connection.execute(query).fetchall()
    message = json.loads(stored)
    assert message["text"] == text
    assert message["parse_data"]["passages"]


@pytest.mark.parametrize(
    "payload", ["/greet", "/out_of_scope", "/restart", '/duration{"symptom": "seizure"}', "duration"]
)
def test_chat_api_payload_that_was_not_offered_is_refused(reader, payload):
    before = reader.history()
    answer = reader.post(payload=payload)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith("This button was not offered")
    assert reader.history() == before


def test_chat_api_same_id_gives_the_same_answer_once(reader):
    number = str(uuid.uuid4())
    first = reader.say("its ben 3 weks", id=number)
    reader.say("how do I stop it")
    assert reader.say("its ben 3 weks", id=number) == first
    assert [entry["id"] for entry in reader.history() if entry["role"] == "reader"].count(number) == 1


def test_chat_api_history_equals_the_replies(reader):
    said = [*reader.say("can stress cause my eyelid to twitch?"), *reader.press("/duration"), *reader.say("thanks")]
    greeting, *history = reader.history()
    assert [without_role(entry) for entry in history if entry["role"] == "assistant"] == said
    readers = [entry["text"] for entry in history if entry["role"] == "reader"]
    assert readers[0] == "can stress cause my eyelid to twitch?"
    assert readers[1] == next(each["title"] for each in greeting["buttons"] if each["payload"] == "/duration")
    assert reader.history() == [greeting, *history]


def test_chat_api_delete_leaves_nothing_behind(reader, assistant):
    """No row in any table, and no byte in any file: not in a journal, not in free pages, not in the log."""
    words = f"my eyelid twitches for 3 weeks {uuid.uuid4().hex}"
    reader.say(words)
    reader.press("/duration")
    database = assistant.folder / "conversations.db"
    (conversation,) = {row.split("'")[1] for row in rows(database) if words in row}
    assert len([row for row in rows(database) if conversation in row]) > 5
    assert reader.http.delete("/session").status_code == 204
    assert [row for row in rows(database) if conversation in row or words in row] == []
    for path in assistant.folder.iterdir():
        content = path.read_bytes()
        assert words.encode() not in content, path.name
        assert conversation.encode() not in content, path.name
    assert reader.http.get("/messages").status_code == 404
    assert reader.post(text="are you still there?").status_code == 404


def test_chat_api_session_is_needed_and_cannot_be_made_up(reader):
    session = reader.http.headers.pop("Authorization")
    assert reader.http.get("/messages").status_code == 401
    reader.http.headers["Authorization"] = session[:-2] + ("aa" if session[-2:] != "aa" else "bb")
    assert reader.http.get("/messages").status_code == 401


def test_chat_api_health_names_the_model(reader):
    answer = reader.http.get("/health")
    assert answer.status_code == 200
    state = answer.json()
    current = Models(Settings().models, ROOT).current()
    assert state["model"] == current.model
    assert state["model_id"]
    assert set(state["dependencies"].values()) == {"ok"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/rest/webhook",
        "/webhooks/rest/",
        "/webhooks/callback/webhook",
        "/webhooks/socketio/webhook",
        "/socket.io/?EIO=4&transport=polling",
        "/model/parse",
        "/model/train",
        "/conversations/default/tracker",
        "/conversations/default/messages",
        "/conversations/default/execute",
        "/domain",
        "/status",
        "/version",
    ],
)
def test_chat_api_is_all_there_is(assistant, method, path):
    body = {"sender": "default", "message": "hi", "text": "hi"} if method == "POST" else None
    assert httpx.request(method, f"{assistant.url}{path}", json=body, trust_env=False).status_code == 404
