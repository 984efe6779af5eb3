"""The action server of rasa-sdk with ours attached: the request's id, the metrics, and what a failure tells."""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from types import ModuleType
from typing import Any

import httpx
import pytest
from rasa_sdk import Action, Tracker
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.plugin import plugin_manager
from sanic import Sanic

from actions import watching
from actions.watching import RUN_SECONDS, RUNS, watched
from faq.requests import begin, current_id
from maintain.assistant import free_ports
from tests.patience import PATIENCE

MARKER = "unmistakable"
MINE = "6f1c0a9be2d34c5f8a7b6c5d4e3f2a1b"


class ActionEcho(Action):
    """Says which request it runs for, or fails on the words of the reader."""

    def name(self) -> str:
        return "action_echo"

    @watched
    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        text = tracker.latest_message["text"]
        if text:
            raise KeyError(text)
        dispatcher.utter_message(text=current_id())
        return []


def call(text: str = "") -> dict[str, Any]:
    tracker = {"sender_id": "c", "slots": {}, "latest_message": {"text": text}, "events": [], "paused": False}
    tracker |= {"latest_input_channel": None, "active_loop": {}, "latest_action_name": None}
    return {"next_action": "action_echo", "sender_id": "c", "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The action server with the action above; its metrics are on the port in the environment."""
    monkeypatch.setattr(Sanic, "test_mode", True)
    monkeypatch.setenv("FAQ_ACTIONS_METRICS_PORT", str(free_ports(1)[0]))
    app = create_app(ModuleType("no_actions"))
    plugin_manager().hook.attach_sanic_app_extensions(app=app)
    listening, loop = socket.create_server(("127.0.0.1", 0)), Future[Any]()
    app.register_listener(lambda _, running: loop.set_result(running), "after_server_start")
    options = {"sock": listening, "register_sys_signals": False, "motd": False, "access_log": False}
    thread = threading.Thread(target=app.run, kwargs=options, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    loop.result(PATIENCE)
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as http:
        yield http
    loop.result().call_soon_threadsafe(loop.result().stop)
    thread.join(10)


def test_watching_is_a_plugin_of_rasa_sdk() -> None:
    assert watching in plugin_manager().get_plugins()


def test_watching_hands_the_id_of_the_request_on(server: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "faq.requests")
    answer = server.post("/webhook", json=call(), headers={"X-Request-ID": MINE})
    assert answer.json()["responses"][0]["text"] == MINE
    assert answer.headers["x-request-id"] == MINE
    ran, answered = (record for record in caplog.records if record.name == "faq.requests")
    assert (ran.action, ran.outcome) == ("action_echo", "ok")
    assert (answered.method, answered.route, answered.status) == ("POST", "/webhook", 200)


def test_watching_tells_nothing_of_the_conversation_when_an_action_fails(
    server: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    failed = RUNS.labels("action_echo", "error")
    before = failed._value.get()
    answer = server.post("/webhook", json=call(MARKER))
    assert (answer.status_code, answer.json()) == (500, {"error": "the action failed"})
    assert failed._value.get() == before + 1
    assert "ACT01" in caplog.text
    assert MARKER not in " ".join(record.getMessage() for record in caplog.records)
    assert server.get(f"/{MARKER}").status_code == 404
    assert server.post("/webhook", json={**call(), "next_action": "action_none"}).status_code == 404


def test_watching_serves_metrics_on_a_port_of_their_own(server: httpx.Client) -> None:
    before = RUN_SECONDS.labels("action_echo")._sum.get()
    server.post("/webhook", json=call())
    port = os.environ["FAQ_ACTIONS_METRICS_PORT"]
    text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text
    assert 'faq_http_requests_total{method="POST",route="/webhook",status="200"}' in text
    assert 'faq_action_runs_total{action="action_echo",outcome="ok"}' in text
    assert RUN_SECONDS.labels("action_echo")._sum.get() > before
    assert server.get("/metrics").status_code == 404


def test_watching_works_where_actions_run_inside_another_server() -> None:
    """Without any server of rasa-sdk's: the id that is in force stays."""
    request_id, before = begin(None), RUNS.labels("action_echo", "ok")._value.get()
    dispatcher = CollectingDispatcher()
    ActionEcho().run(dispatcher, Tracker.from_dict(json.loads(json.dumps(call()["tracker"]))), {})
    assert dispatcher.messages[0]["text"] == request_id
    assert RUNS.labels("action_echo", "ok")._value.get() == before + 1
