from __future__ import annotations

import socket

from rasa.utils.endpoints import EndpointConfig

from channels.own_actions import OwnActions
from channels.shared import Shared
from tests.patience import PATIENCE


def dependencies(answer, status):
    assert answer.status_code == status
    return answer.json()["dependencies"]


def test_health_of_a_working_assistant(chat):
    answer = chat.http.get("/chat/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "model": "model.tar.gz",
        "model_id": "a-model",
        "dependencies": {"agent": "ok", "tracker_store": "ok", "actions": "ok"},
    }


def test_health_without_an_agent(serve):
    answer = serve(ready=False).http.get("/chat/health")
    assert dependencies(answer, 503) == {"agent": "down", "tracker_store": "down", "actions": "down"}
    assert answer.headers["content-type"] == "application/problem+json"
    assert "retry-after" in answer.headers


def test_health_without_a_model(chat):
    chat.agent.processor = None
    assert dependencies(chat.http.get("/chat/health"), 503) == {"agent": "down", "tracker_store": "ok", "actions": "ok"}


def test_health_without_the_database(chat):
    chat.agent.tracker_store._tracker_store.engine.execute("DROP TABLE events")
    answer = chat.http.get("/chat/health")
    assert dependencies(answer, 503)["tracker_store"] == "down"
    assert "events" not in answer.text


def test_health_without_the_action_server(chat):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    chat.agent.action_endpoint = EndpointConfig(url=f"http://127.0.0.1:{port}/webhook")
    answer = chat.http.get("/chat/health")
    assert dependencies(answer, 503)["actions"] == "down"
    assert str(port) not in answer.text
    chat.agent.action_endpoint = None
    assert dependencies(chat.http.get("/chat/health"), 503)["actions"] == "down"


def test_health_of_actions_in_the_server(chat):
    chat.agent.action_endpoint = None
    chat.channel.actions = OwnActions()
    assert dependencies(chat.http.get("/chat/health"), 200)["actions"] == "ok"


def test_health_does_not_wait_for_a_hanging_action_server(serve):
    chat = serve(health_timeout=0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        chat.agent.action_endpoint = EndpointConfig(url=f"http://127.0.0.1:{silent.getsockname()[1]}/webhook")
        answer = chat.http.get("/chat/health", timeout=PATIENCE)
    assert dependencies(answer, 503)["actions"] == "down"


def test_health_tells_live_from_ready(serve):
    chat = serve(ready=False)
    assert chat.http.get("/chat/health").status_code == 503
    answer = chat.http.get("/chat/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


def test_health_without_redis_is_told_and_does_not_matter(chat):
    chat.channel.shared = Shared("redis://127.0.0.1:1/0", "k" * 32)
    answer = chat.http.get("/chat/health")
    assert dependencies(answer, 200)["shared"] == "down"
