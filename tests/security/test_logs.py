"""Promise: what the servers log can be read by programs, leads from server to server, and names nobody."""

from __future__ import annotations

import json
import time
import uuid

from tests.security.attacker import bearer

READER = "203.0.113.9"


def lines_of(server, request_id):
    """What both servers have logged of a request; they write it when they have answered."""
    until = time.monotonic() + 5
    while True:
        lines = [json.loads(line) for line in (server.folder / "assistant.log").read_text().splitlines()]
        found = [line for line in lines if line.get("request_id") == request_id]
        if any(line.get("route") == "/chat/messages" for line in found) or time.monotonic() > until:
            return lines, found
        time.sleep(0.05)


def test_logs_follow_a_request_from_server_to_server(flooder):
    """The id is that of the proxy in front, which this server is told to trust."""
    mine, marker = uuid.uuid4().hex, uuid.uuid4().hex
    session = flooder.session()
    headers = {"X-Request-ID": mine, "X-Forwarded-For": READER}
    answer = flooder.say(session, f"how long? {marker}", headers=headers)
    assert answer.headers["x-request-id"] == mine
    lines, found = lines_of(flooder.server, mine)
    assert {line.get("route") or line.get("action") for line in found} >= {"action_reply", "/chat/messages"}
    assert all(line["time"].endswith("Z") and line["level"] and line["message"] for line in lines)
    for trace in (marker, session, READER):
        assert trace not in json.dumps(lines, ensure_ascii=False)


def test_logs_say_nothing_of_a_request_that_is_refused(flooder):
    marker = uuid.uuid4().hex
    answer = flooder.http.post("/chat/messages", content=f'{{"{marker}', headers=bearer(flooder.session()))
    assert answer.status_code == 415
    assert marker not in (flooder.server.folder / "assistant.log").read_text()
