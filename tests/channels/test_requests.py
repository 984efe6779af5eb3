"""Each answer has the id of its request, whatever became of it."""

from __future__ import annotations

import json
import re
import socket

import pytest

from channels.metrics import ERRORS
from faq.metrics import REQUESTS
from faq.requests import FORM

MINE = "6f1c0a9be2d34c5f8a7b6c5d4e3f2a1b"


@pytest.mark.parametrize("path", ["/chat/health", "/chat/demo", "/chat/nothing", "/", "/chat/messages"])
def test_requests_are_answered_with_their_id(chat, path):
    answer = chat.http.get(path)
    request_id = answer.headers["x-request-id"]
    assert FORM.fullmatch(request_id)
    if answer.status_code >= 400:
        assert answer.json()["request_id"] == request_id
    assert chat.http.get(path).headers["x-request-id"] != request_id


def test_requests_that_cannot_be_read_have_an_id_too(chat):
    with socket.create_connection(("127.0.0.1", int(chat.base.rsplit(":", 1)[1]))) as connection:
        connection.settimeout(10)
        connection.sendall(b"POST /chat/session HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n")
        head, _, body = connection.recv(65_536).decode().partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 400 ")
    assert f"X-Request-ID: {json.loads(body)['request_id']}".lower() in head.lower().splitlines()


@pytest.mark.parametrize(("proxies", "taken"), [(0, False), (1, True)])
def test_requests_take_an_id_from_nginx_alone(serve, proxies, taken):
    chat = serve(trusted_proxies=proxies)
    answer = chat.http.get("/chat/demo", headers={"X-Request-ID": MINE})
    assert (answer.headers["x-request-id"] == MINE) == taken
    for forged in ("1", MINE + "0", '"}'):
        assert FORM.fullmatch(chat.http.get("/chat/demo", headers={"X-Request-ID": forged}).headers["x-request-id"])


def test_requests_hand_their_id_to_the_actions(chat):
    session = chat.session()
    answer = chat.say(session, "hello")
    assert answer.status_code == 200
    assert chat.actions.request_ids[-1] == answer.headers["x-request-id"]


def test_requests_show_their_id_to_pages_of_listed_origins(serve):
    chat = serve(allowed_origins=["https://www.example.org"])
    answer = chat.http.get("/chat/health", headers={"Origin": "https://www.example.org"})
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]


def test_requests_are_counted_by_route_and_never_by_path(chat):
    def count(route, status):
        return REQUESTS.labels("GET", route, status)._value.get()

    before = count("/chat/demo", 200), count("other", 404), ERRORS.labels("not_found")._value.get()
    chat.http.get("/chat/demo")
    for path in ("/chat/unmistakable", "/unmistakable"):
        chat.http.get(path)
    after = count("/chat/demo", 200), count("other", 404), ERRORS.labels("not_found")._value.get()
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 2, 2]
    assert not any("unmistakable" in str(sample.labels) for family in REQUESTS.collect() for sample in family.samples)


def test_requests_are_logged_with_their_id_and_without_their_path(chat, caplog):
    caplog.set_level("INFO", "faq.requests")
    answer = chat.http.get("/chat/unmistakable")
    chat.http.get("/chat/health/live")
    (record,) = [record for record in caplog.records if record.name == "faq.requests"]
    assert (record.method, record.route, record.status) == ("GET", "other", 404)
    assert 0 <= record.seconds < 10
    assert re.fullmatch(FORM, answer.headers["x-request-id"])
