"""What Prometheus reads from a running server."""

from __future__ import annotations

import threading
import uuid

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from channels import metrics
from channels.metrics import count_reply
from maintain.assistant import free_ports
from tests.patience import PATIENCE

MARKER = "unmistakable"


class Watched:
    """A server with metrics."""

    def __init__(self, serve, **settings):
        (self.port,) = free_ports(1)
        self.chat = serve(metrics=str(self.port), **settings)

    def read(self):
        return httpx.get(f"http://127.0.0.1:{self.port}/metrics", timeout=20, trust_env=False).text

    def values(self):
        """Each series by its name and labels."""
        return {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.read())
            for sample in family.samples
        }


def series(name, **labels):
    return (name, *sorted(labels.items()))


@pytest.fixture
def watched(serve):
    return Watched(serve)


def test_metrics_count_what_a_conversation_does(watched):
    before = watched.values()
    chat = watched.chat
    session, number = chat.session(), str(uuid.uuid4())
    for _ in range(2):  # the second time nothing runs
        assert chat.say(session, f"how long? {MARKER}", id=number).status_code == 200
    chat.http.post(
        "/chat/feedback", json={"id": number, "helpful": True}, headers={"Authorization": f"Bearer {session}"}
    )
    chat.say(session, " ")
    chat.erase(session)
    after = watched.values()
    expected = {
        series("faq_conversations_total", change="started"): 1,
        series("faq_conversations_total", change="deleted"): 1,
        series("faq_reply_parts_total", type="answer", intent="other"): 1,
        series("faq_reply_parts_total", type="other", intent="none"): 1,
        series("faq_feedback_total", helpful="yes"): 1,
        series("faq_errors_total", code="blank_text"): 1,
        series("faq_http_requests_total", method="POST", route="/chat/messages", status="200"): 2,
        series("faq_http_requests_total", method="POST", route="/chat/messages", status="400"): 1,
        series("faq_reply_duration_seconds_count"): 2,
        series("faq_nlu_duration_seconds_count"): 1,
        series("faq_action_call_duration_seconds_count", action="action_answer"): 1,
        series("faq_tracker_store_duration_seconds_count", operation="delete"): 1,
    }
    assert {key: after[key] - before.get(key, 0) for key in expected} == expected
    text = watched.read()
    assert MARKER not in text
    assert session not in text
    assert number not in text


def test_metrics_say_how_the_server_is(watched):
    values = watched.values()
    assert values[series("faq_responding")] == 1
    assert values[series("faq_messages_in_progress")] == 0
    assert values[series("faq_model_info", model="model.tar.gz", model_id="a-model")] == 1
    for name in ("agent", "tracker_store", "actions"):
        assert values[series("faq_dependency_up", dependency=name)] == 1
    watched.chat.agent.tracker_store._tracker_store.engine.execute("DROP TABLE events")
    assert watched.values()[series("faq_dependency_up", dependency="tracker_store")] == 0


def test_metrics_begin_with_zero_and_not_with_the_first_event(watched):
    values = watched.values()
    for name in metrics.TYPES[1:]:
        assert series("faq_reply_parts_total", type=name, intent="none") in values
    assert series("faq_reply_parts_total", type="answer", intent="duration") in values
    assert series("faq_errors_total", code="no_answer") in values


def test_metrics_say_that_there_is_no_model(serve):
    values = Watched(serve, ready=False).values()
    assert values[series("faq_dependency_up", dependency="agent")] == 0
    assert not [key for key in values if key[0] == "faq_model_info"]


def test_metrics_say_that_the_server_hangs(watched, monkeypatch):
    monkeypatch.setattr(metrics, "WITHIN", 0.2)
    goes_on = threading.Event()
    watched.chat.loop.result().call_soon_threadsafe(goes_on.wait, PATIENCE)
    values = watched.values()
    goes_on.set()
    assert values[series("faq_responding")] == 0
    assert not [key for key in values if key[0] == "faq_dependency_up"]
    monkeypatch.setattr(metrics, "WITHIN", PATIENCE)
    assert watched.values()[series("faq_responding")] == 1


def test_metrics_are_not_on_the_port_of_the_chat(watched):
    for path in ("/metrics", "/chat/metrics"):
        assert watched.chat.http.get(path).status_code == 404


def test_metrics_listen_on_this_machine_alone_unless_another_address_is_named(watched):
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.2:{watched.port}/metrics", trust_env=False)


def test_metrics_count_a_part_by_an_intent_that_there_is():
    def count(kind, intent):
        return metrics.PARTS.labels(kind, intent)._value.get()

    counted = [("answer", "duration"), ("answer", "other"), ("doctor", "none"), ("other", "none")]
    before = [count(*each) for each in counted]
    parts = [("answer", "duration"), ("answer", MARKER), ("doctor", "duration"), (MARKER, None)]
    count_reply([{"custom": {"type": kind, "intent": intent}} for kind, intent in parts], {"duration"})
    assert [count(*each) - old for each, old in zip(counted, before, strict=True)] == [1, 1, 1, 1]
    assert MARKER not in str([sample.labels for family in metrics.PARTS.collect() for sample in family.samples])
