"""The whole server behind the guard, with Rasa's own routes and Sanic's own errors in it."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from channels.guard import HEADERS


def assert_guarded(answer: httpx.Response) -> None:
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert "rasa" not in answer.text.lower()
    assert "sanic" not in answer.text.lower()


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD", "TRACE", "FOO"])
@pytest.mark.parametrize("path", ["/", "/version", "/chatter", "/webhooks/rest/webhook", "/CHAT/health"])
def test_guard_finds_nothing_outside_of_the_chat(chat, method, path):
    answer = chat.http.request(method, path, headers={"Origin": chat.base})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert_guarded(answer)


@pytest.mark.parametrize("path", ["/version", "/status", "/domain", "/conversations/c/tracker", "/model/parse"])
def test_guard_hides_rasas_api_even_where_it_is_switched_on(serve, path):
    chat = serve(api=True)
    for method in ("GET", "POST"):
        answer = chat.http.request(method, path, json={"text": "hi"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert chat.http.get("/chat/health").status_code == 200


@pytest.mark.parametrize("method", ["TRACE", "CONNECTS", "FOO"])
def test_guard_knows_the_methods_of_a_route(chat, method):
    answer = chat.http.request(method, "/chat/messages")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert_guarded(answer)
    assert chat.http.request(method, "/chat/nothing").status_code == 404


def test_guard_lets_other_sites_embed_the_widget_alone(serve, tmp_path):
    file = tmp_path / "faq-chat.js"
    file.write_text("export {};")
    chat = serve(widget=str(file), allowed_origins=["https://www.example.org"])
    origin = {"Origin": "https://www.example.org"}
    for path, policy in (
        ("faq-chat.js", "cross"),
        ("faq-chat-rules.json", "cross"),
        ("demo", "same"),
        ("docs", "same"),
    ):
        answer = chat.http.get(f"/chat/{path}", headers=origin)
        assert answer.status_code == 200
        assert answer.headers["cross-origin-resource-policy"] == f"{policy}-origin"
        assert answer.headers["access-control-allow-origin"] == "https://www.example.org"


def test_guard_answers_a_preflight_of_a_listed_page_only(serve):
    chat = serve(allowed_origins=["https://www.example.org"])
    codes = [
        chat.http.options("/chat/feedback", headers={"Origin": origin}).status_code
        for origin in ("https://www.example.org", chat.base, "https://evil.example")
    ]
    assert codes == [204, 204, 403]


def test_guard_ends_a_connection_with_its_answer_once_the_server_is_to_stop(chat):
    session = chat.session()
    chat.actions.delay = 1.0
    with ThreadPoolExecutor() as readers:
        answer = readers.submit(chat.say, session, "how long?")
        chat.actions.wait_for("action_answer")
        began = time.monotonic()
        chat.stop()
        assert time.monotonic() - began < 12, "Sanic itself waits 15 seconds for this connection"
        assert (answer.result().status_code, answer.result().headers["connection"]) == (200, "close")


def test_guard_has_sanic_log_no_requests_of_its_own(serve, caplog):
    """It would write each reader's address, and ``faq.requests`` logs each answer."""
    caplog.set_level(logging.INFO)
    assert serve().http.get("/chat/health/live").status_code == 200
    assert "sanic.access" not in {record.name for record in caplog.records}
