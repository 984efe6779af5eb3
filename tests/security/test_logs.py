"""Promise: what the servers log can be read by programs, leads from server to server, and names nobody."""

from __future__ import annotations

import json
import uuid

from tests.patience import wait_until
from tests.security.attacker import bearer

READER = "203.0.113.11"


def lines_of(server):
    """What both servers have logged."""
    whole, _, _ = (server.folder / "assistant.log").read_text().rpartition("\n")
    return [json.loads(line) for line in whole.splitlines()]


def told_of(server, request_id):
    """The routes and actions that the servers have logged of a request."""
    lines = [line for line in lines_of(server) if line.get("request_id") == request_id]
    return {line.get("route") or line.get("action") for line in lines}


def test_logs_follow_a_request_from_server_to_server(flooder):
    """The id is that of the proxy in front, which this server is told to trust."""
    mine, marker = uuid.uuid4().hex, uuid.uuid4().hex
    session = flooder.session()
    headers = {"X-Request-ID": mine, "X-Forwarded-For": READER}
    answer = flooder.say(session, f"how long? {marker}", headers=headers)
    assert answer.headers["x-request-id"] == mine
    wait_until(lambda: told_of(flooder.server, mine) >= {"action_reply", "/chat/messages"})
    lines = lines_of(flooder.server)
    assert all(line["time"].endswith("Z") and line["level"] and line["message"] for line in lines)
    for trace in (marker, session, READER):
        assert trace not in json.dumps(lines, ensure_ascii=False)


def test_logs_say_nothing_of_a_request_that_is_refused(flooder):
    marker = uuid.uuid4().hex
    answer = flooder.http.post("/chat/messages", content=f'{{"{marker}', headers=bearer(flooder.session()))
    assert answer.status_code == 415
    assert marker not in (flooder.server.folder / "assistant.log").read_text()
