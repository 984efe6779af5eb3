"""The chat API over HTTP, as a page uses it."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta, timezone
from itertools import islice

import httpx
import pytest
from rasa.core.lock_store import LockStore

from tests.patience import PATIENCE, wait_until

ID = "0b9c2a3e-5d0f-4c60-9a62-0c6d3a4a1f10"


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"].endswith(".")
    assert body["type"]
    return body


def test_chat_session_greets_and_says_when_it_ends(chat):
    answer = chat.http.post("/chat/session")
    assert answer.status_code == 201
    body = answer.json()
    assert body["messages"] == [
        {
            "text": "Hello.\n\nAsk me.",
            "custom": {"type": "smalltalk"},
            "buttons": [{"title": "How long?", "payload": "/duration"}],
        }
    ]
    assert body["expires_at"].endswith("Z")
    ends = datetime.fromisoformat(body["expires_at"].replace("Z", "+00:00"))
    assert timedelta(hours=23, minutes=59) < ends - datetime.now(timezone.utc) <= timedelta(hours=24)


def test_chat_keeps_each_reply_whole(chat):
    replies = chat.say(chat.session(), "how long?").json()["messages"]
    assert [reply["text"] for reply in replies] == ["other: how long?\n\nsecond paragraph", "two"]
    assert replies[0]["custom"]["type"] == "answer"
    assert replies[1] == {"text": "two", "custom": {}, "buttons": []}


def test_chat_history_equals_the_first_answers(chat):
    session = chat.session()
    first = chat.say(session, "how long?", id=ID).json()["messages"]
    press = chat.say(session, payload="/duration").json()["messages"]
    lines = chat.history(session).json()["messages"]
    assert "".join(line["role"][0] for line in lines) == "araaraa"
    assert lines[1] == {"role": "reader", "id": ID, "text": "how long?"}
    assert lines[2:4] == [{"role": "assistant", **reply} for reply in first]
    assert lines[4]["text"] == "How long?"
    assert lines[5:] == [{"role": "assistant", **reply} for reply in press]


def test_chat_same_id_gives_the_same_answer_and_runs_nothing(chat):
    session = chat.session()
    first = chat.say(session, "how long?", id=ID)
    chat.say(session, "and then?")
    calls, stored = len(chat.actions.calls), len(chat.stored())
    again = chat.say(session, "how long?", id=ID.upper())
    assert again.json() == first.json()
    assert (len(chat.actions.calls), len(chat.stored())) == (calls, stored)


def test_chat_same_id_in_another_conversation_is_another_message(chat):
    first = chat.say(chat.session(), "one", id=ID).json()
    assert chat.say(chat.session(), "two", id=ID).json() != first


def at_once(chat, session, texts, **fields):
    """The answers to messages that are all there before the first one is answered."""
    with ThreadPoolExecutor(len(texts)) as pool, chat.actions.hold():
        calls = [pool.submit(chat.say, session, text, **fields) for text in texts]
        wait_until(lambda: list(chat.channel.session_in_progress.by_key.values()) == [len(texts)])
    return [call.result() for call in calls]


@pytest.fixture
def slow_lock(monkeypatch):
    """Who waits for Rasa's lock, which looks once a second, now waits for longer than any answer may take."""
    acquire = LockStore._acquire_lock
    monkeypatch.setattr(LockStore, "_acquire_lock", lambda store, name, ticket, _: acquire(store, name, ticket, 60))


def test_chat_same_id_at_once_runs_once(chat, slow_lock):
    answers = at_once(chat, chat.session(), ["how long?"] * 4, id=ID)
    assert {answer.text for answer in answers} == {answers[0].text}
    assert answers[0].status_code == 200
    assert chat.actions.calls.count("action_answer") == 1


def test_chat_two_messages_at_once_do_not_wait_for_rasas_lock(chat, slow_lock):
    session = chat.session()
    answers = at_once(chat, session, [f"question {n}" for n in range(3)])
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len(chat.history(session).json()["messages"]) == 1 + 3 * 3


@pytest.mark.parametrize(
    "text", ["/duration", " /duration", "\n\t/duration", "//duration", '/duration{"a": 1}', "/", "/restart"]
)
def test_chat_typed_text_is_never_a_command(chat, text):
    session = chat.session()
    answer = chat.say(session, text).json()["messages"]
    assert answer[0]["text"].startswith("other: ")
    assert chat.history(session).json()["messages"][1]["text"] == text
    parsed = json.loads(next(row for row in chat.stored() if row.type_name == "user").data)
    assert parsed["text"] == parsed["parse_data"]["text"] == text
    assert parsed["parse_data"]["intent"]["name"] == "other"


def test_chat_entity_offsets_fit_the_stored_text(chat):
    text = "  /duration of three weeks"
    chat.say(chat.session(), text)
    parsed = json.loads(next(row for row in chat.stored() if row.type_name == "user").data)["parse_data"]
    entity = parsed["entities"][0]
    assert parsed["text"][entity["start"] : entity["end"]] == "weeks"


def test_chat_payload_counts_only_if_this_conversation_offered_it(chat):
    session = chat.session()
    chat.say(session, "something else first")
    pressed = chat.say(session, payload="/duration")
    assert pressed.json()["messages"][0]["text"].startswith("duration: /duration")
    stored = len(chat.stored())
    assert_problem(chat.say(session, payload="/other"), 400, "not_offered")
    assert_problem(chat.say(session, payload="/restart"), 400, "not_offered")
    assert len(chat.stored()) == stored
    row = json.loads([row for row in chat.stored() if row.type_name == "user"][-1].data)
    assert row["metadata"]["title"] == "How long?"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, "bad_json"),
        (b"[" * 20_000, 400, "bad_json"),
        (b"[]", 400, "not_an_object"),
        (b'{"text": "a"}', 400, "bad_id"),
        (json.dumps({"id": ID.replace("-", ""), "text": "a"}).encode(), 400, "bad_id"),
        (json.dumps({"id": 7, "text": "a"}).encode(), 400, "bad_id"),
        (json.dumps({"id": ID}).encode(), 400, "text_or_payload"),
        (json.dumps({"id": ID, "text": "a", "payload": "/duration"}).encode(), 400, "text_or_payload"),
        (json.dumps({"id": ID, "text": 7}).encode(), 400, "text_or_payload"),
        (json.dumps({"id": ID, "text": " \n\u0000\u202e"}).encode(), 400, "blank_text"),
        (json.dumps({"id": ID, "text": "a" * 2001}).encode(), 413, "text_too_long"),
        (json.dumps({"id": ID, "text": "a", "more": "b" * 40_000}).encode(), 413, "body_too_large"),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else None,
)
def test_chat_refuses_a_body(chat, body, status, code):
    session = chat.session()
    stored = len(chat.stored())
    headers = {"Authorization": f"Bearer {session}", "Content-Type": "application/json"}
    assert_problem(chat.http.post("/chat/messages", content=body, headers=headers), status, code)
    assert len(chat.stored()) == stored


def test_chat_takes_the_longest_text_in_escapes_and_ignores_unknown_fields(chat):
    assert chat.say(chat.session(), "\U0001f600" * 2000, more="b").status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_chat_takes_json_only(chat, content_type):
    headers = {"Authorization": f"Bearer {chat.session()}", "Content-Type": content_type}
    answer = chat.http.post("/chat/messages", content=json.dumps({"id": ID, "text": "a"}), headers=headers)
    assert_problem(answer, 415, "not_json")


def test_chat_limits_the_body_of_every_call(chat):
    for method, path in (("POST", "/chat/session"), ("DELETE", "/chat/session"), ("POST", "/chat/nothing")):
        assert_problem(chat.http.request(method, path, content=b"x" * 40_000), 413, "body_too_large")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x.y.z", "Basic abc", b"Bearer \xff.\xfe"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/chat/messages"), ("GET", "/chat/messages"), ("DELETE", "/chat/session")]
)
def test_chat_wants_a_session(chat, header, method, path):
    answer = chat.http.request(method, path, headers={} if header is None else {"Authorization": header})
    assert_problem(answer, 401, "no_session")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_chat_session_expires_but_may_still_be_deleted(serve):
    chat = serve(session_lifetime=1)
    session = chat.session()
    time.sleep(2.1)
    assert_problem(chat.history(session), 401, "session_expired")
    assert chat.erase(session).status_code == 204
    assert chat.stored() == []


def test_chat_delete_leaves_no_trace(chat, tmp_path):
    other = chat.session()
    session = chat.session()
    chat.say(session, "my unmistakable-words")
    chat.say(other, "kept-words")
    conversation = chat.channel.sessions.conversation(f"Bearer {session}")
    assert chat.stored(conversation)
    assert conversation in chat.channel.calls
    answer = chat.erase(session)
    assert (answer.status_code, answer.content) == (204, b"")
    assert chat.stored(conversation) == []
    assert conversation not in chat.channel.calls
    assert len(chat.channel.conversations._locks) == 0
    assert chat.agent.lock_store.conversation_locks == {}
    assert chat.agent.tracker_store._fallback_tracker_store is None
    files = b"".join(path.read_bytes() for path in (tmp_path / "var").iterdir())
    assert b"unmistakable-words" not in files
    assert b"kept-words" in files
    assert chat.history(other).status_code == 200


def test_chat_deleted_conversation_stays_gone(chat):
    session = chat.session()
    assert chat.erase(session).status_code == 204
    assert_problem(chat.say(session, "hello again"), 404, "conversation_gone")
    assert_problem(chat.history(session), 404, "conversation_gone")
    assert chat.erase(session).status_code == 204
    assert chat.stored() == []


def test_chat_delete_waits_for_a_message_in_flight(chat):
    session = chat.session()
    with ThreadPoolExecutor(2) as pool, chat.actions.hold():
        saying = pool.submit(chat.say, session, "slow")
        chat.actions.wait_for("action_answer")
        erasing = pool.submit(chat.erase, session)
        time.sleep(0.3)
        assert not erasing.done()
    assert (saying.result().status_code, erasing.result().status_code) == (200, 204)
    assert chat.stored() == []


@pytest.mark.parametrize("trouble", ["down", "mute"])
def test_chat_stores_nothing_of_a_failed_turn(chat, trouble):
    session = chat.session()
    stored = len(chat.stored())
    setattr(chat.actions, trouble, True)
    answer = chat.say(session, "how long?", id=ID)
    assert "secret" not in json.dumps(assert_problem(answer, 503, "no_answer"))
    assert int(answer.headers["retry-after"]) > 0
    assert len(chat.stored()) == stored
    setattr(chat.actions, trouble, False)
    assert len(chat.say(session, "how long?", id=ID).json()["messages"]) == 2
    assert "".join(line["role"][0] for line in chat.history(session).json()["messages"]) == "araa"


def test_chat_stores_nothing_of_a_failed_session(chat):
    chat.actions.down = True
    answer = chat.http.post("/chat/session")
    assert_problem(answer, 503, "no_answer")
    assert "retry-after" in answer.headers
    assert chat.stored() == []


def test_chat_gives_up_on_a_slow_action(serve):
    chat = serve(answer_timeout=1)
    session = chat.session()
    stored = len(chat.stored())
    with chat.actions.hold():
        assert_problem(chat.say(session, "how long?", id=ID), 503, "no_answer")
    assert chat.say(session, "how long?", id=ID).status_code == 200
    assert len(chat.stored()) > stored
    assert chat.agent.lock_store.conversation_locks == {}


def test_chat_tells_when_the_database_fails(chat):
    session = chat.session()
    chat.agent.tracker_store._tracker_store.engine.execute("ALTER TABLE events RENAME TO lost")
    answers = [chat.say(session, "a"), chat.history(session), chat.erase(session), chat.http.post("/chat/session")]
    for answer in answers:
        assert "lost" not in str(assert_problem(answer, 503, "no_answer"))


@pytest.mark.parametrize("loaded", [True, False], ids=["agent without a model", "no agent"])
def test_chat_without_a_model_is_not_ready(serve, agent, loaded):
    agent.processor = None
    chat = serve(ready=loaded)
    session, _ = chat.channel.sessions.issue("c")
    for answer in (chat.http.post("/chat/session"), chat.say(session, "a")):
        assert_problem(answer, 503, "not_ready")
        assert "retry-after" in answer.headers


def test_chat_bug_is_not_told(chat):
    chat.channel.sessions.issue = lambda _: 1 / 0
    assert "zero" not in str(assert_problem(chat.http.post("/chat/session"), 500, "internal"))


def test_chat_limits_one_session(serve):
    chat = serve(session_burst=3, session_rate=6)
    session = chat.session()
    assert [chat.history(session).status_code for _ in range(3)] == [200] * 3
    answer = chat.history(session)
    assert_problem(answer, 429, "too_many")
    assert 1 <= int(answer.headers["retry-after"]) <= 10
    assert chat.history(chat.session()).status_code == 200
    assert chat.erase(session).status_code == 204


def test_chat_limits_one_address(serve):
    chat = serve(trusted_proxies=1, address_burst=2, address_rate=1, address_sessions_burst=2, address_sessions_rate=1)
    session = chat.session()

    def call(path: str, method: str, address: str) -> int:
        headers = {"X-Forwarded-For": f"9.9.9.9, {address}", "Authorization": f"Bearer {session}"}
        return chat.http.request(method, path, headers=headers).status_code

    assert [call("/chat/messages", "GET", "192.0.2.1") for _ in range(3)] == [200, 200, 429]
    assert call("/chat/messages", "GET", "192.0.2.2") == 200
    assert [call("/chat/session", "POST", "192.0.2.1") for _ in range(3)] == [201, 201, 429]
    assert call("/chat/session", "POST", "192.0.2.2") == 201


def test_chat_limits_what_is_in_progress(serve):
    chat = serve(max_in_progress=1)
    session, other = chat.session(), chat.session()
    with ThreadPoolExecutor(1) as pool, chat.actions.hold():
        slow = pool.submit(chat.say, session, "slow")
        chat.actions.wait_for("action_answer")
        answer = chat.say(other, "too much")
        assert_problem(answer, 503, "busy")
        assert "retry-after" in answer.headers
    assert slow.result().status_code == 200
    assert chat.say(other, "now").status_code == 200


def test_chat_limits_what_one_conversation_has_in_progress(serve):
    chat = serve(session_in_progress=2)
    session, other = chat.session(), chat.session()
    with ThreadPoolExecutor(5) as pool, chat.actions.hold():
        calls = [pool.submit(chat.say, session, f"question {n}") for n in range(4)]
        for call in islice(as_completed(calls, PATIENCE), 2):
            assert call.result().status_code == 429
            assert "retry-after" in call.result().headers
        another = pool.submit(chat.say, other, "not my fault")
        chat.actions.wait_for("action_answer", 2)
    assert sorted(call.result().status_code for call in calls) == [200, 200, 429, 429]
    assert another.result().status_code == 200
    assert chat.say(session, "now").status_code == 200


def test_chat_limits_the_length_of_a_conversation(serve):
    chat = serve(max_conversation=2)
    session = chat.session()
    first = chat.say(session, "one", id=ID)
    chat.say(session, "two")
    assert assert_problem(chat.say(session, "three"), 413, "conversation_too_long")["limit"] == 2
    assert chat.say(session, "one", id=ID).json() == first.json()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "garbage"])
def test_chat_refuses_a_foreign_page(serve, origin):
    chat = serve(allowed_origins=["https://www.example.org"])
    for method, path in (
        ("POST", "/chat/session"),
        ("GET", "/chat/messages"),
        ("GET", "/chat/health"),
        ("GET", "/chat/no"),
    ):
        answer = chat.http.request(method, path, headers={"Origin": origin})
        assert_problem(answer, 403, "foreign_origin")
        assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = chat.http.options("/chat/session", headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 403
    assert "access-control-allow-origin" not in preflight.headers
    assert chat.stored() == []


def test_chat_serves_its_own_page_without_cors(chat):
    answer = chat.http.post("/chat/session", headers={"Origin": chat.base})
    assert answer.status_code == 201
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_chat_serves_an_allowed_page(serve):
    chat = serve(allowed_origins=["https://www.example.org"])
    origin = {"Origin": "https://www.example.org"}
    preflight = chat.http.options("/chat/messages", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == "https://www.example.org"
    assert "authorization" in preflight.headers["access-control-allow-headers"].lower()
    assert "DELETE" in preflight.headers["access-control-allow-methods"]
    for answer in (chat.http.post("/chat/session", headers=origin), chat.http.get("/chat/messages", headers=origin)):
        assert answer.headers["access-control-allow-origin"] == "https://www.example.org"
        assert answer.headers["vary"] == "Origin"
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/webhook", "/messages/1", "/%2e%2e/secret.key", "/%ff"])
def test_chat_unknown_address(chat, path):
    assert_problem(chat.http.get(f"/chat{path}"), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/session", "DELETE, POST"),
        ("PUT", "/messages", "GET, POST"),
        ("POST", "/health", "GET"),
        ("POST", "/demo", "GET"),
    ],
)
def test_chat_unknown_method(chat, method, path, allow):
    answer = chat.http.request(method, f"/chat{path}")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allow


def test_chat_headers_are_on_every_answer(chat):
    for answer in (
        chat.http.post("/chat/session"),
        chat.http.get("/chat/messages"),
        chat.http.get("/chat/health"),
        chat.http.get("/chat/nothing"),
        chat.http.post("/chat/session", content=b"x" * 40_000),
        chat.erase(chat.session()),
    ):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_chat_nothing_else_of_rasa_is_open(chat):
    for path in ("/webhooks/rest/webhook", "/webhooks/chat/session", "/conversations/x/tracker", "/model/parse"):
        assert chat.http.post(path, json={}).status_code == 404


def test_chat_goes_on_after_a_long_pause(chat):
    """Rasa would greet anew after an hour, in the middle of a turn; sessions are the chat API's."""
    session = chat.session()
    chat.say(session, "before", id=ID)
    store = chat.agent.tracker_store._tracker_store
    with store.session_scope() as database:
        for row in database.query(store.SQLEvent):
            data = json.loads(row.data)
            row.timestamp -= 7200
            row.data = json.dumps({**data, "timestamp": data["timestamp"] - 7200})
        database.commit()
    later = str(uuid.uuid4())
    answer = chat.say(session, "after", id=later).json()
    assert [reply["text"][:5] for reply in answer["messages"]] == ["other", "two"]
    assert chat.say(session, "after", id=later).json() == answer
    assert chat.say(session, "before", id=ID).status_code == 200
    assert chat.actions.calls.count("action_answer") == 2
    assert len(chat.history(session).json()["messages"]) == 1 + 3 + 3
