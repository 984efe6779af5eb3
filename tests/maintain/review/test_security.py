"""Who may use the review page, and what its answers forbid browsers."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from maintain.review.app import make_app
from maintain.review.desk import Desk
from maintain.review.security import HEADERS, LONGEST_FORM, Door
from tests.maintain.review.conftest import Browser

PAGES = ("/", "/numbers", "/changes")


@pytest.mark.parametrize("path", PAGES)
def test_security_needs_a_login(browser: Browser, path: str) -> None:
    answer = browser.client.get(path)
    assert answer.status_code == 401
    assert "terminal" in answer.text


@pytest.mark.parametrize("path", ["/decide", "/undo", "/logout"])
def test_security_changes_nothing_without_a_login(browser: Browser, path: str) -> None:
    assert browser.client.post(path, data={"action": "ignore"}).status_code == 401


def test_security_link_works_once_and_the_terminal_shows_the_next(browser: Browser) -> None:
    first = browser.links[0]
    answer = browser.client.get("/login", params={"token": first}, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert browser.client.get("/login", params={"token": first}).status_code == 401
    assert len(browser.links) == 2


@pytest.mark.parametrize("token", ["", "wrong", "ü"])
def test_security_refuses_a_wrong_link(browser: Browser, token: str) -> None:
    assert browser.client.get("/login", params={"token": token}).status_code == 401


def test_security_logout_ends_the_session(browser: Browser) -> None:
    browser.login().open()
    assert "logged out" in browser.client.post("/logout", data={"csrf": browser.hidden("csrf")}).text
    assert browser.client.get("/").status_code == 401


def test_security_session_ends_by_itself(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    browser.login().open()
    monkeypatch.setattr("maintain.review.security.SESSION_LASTS", 0)
    browser.login()
    assert browser.client.get("/").status_code == 401


@pytest.mark.parametrize(
    ("form", "headers", "status"),
    [
        ({}, {}, 403),
        ({"csrf": "wrong"}, {}, 403),
        ({"csrf": None}, {"origin": "http://evil.example"}, 403),
        ({"csrf": None}, {"origin": "null"}, 403),
        ({"csrf": None, "phrase": "a" * LONGEST_FORM}, {}, 413),
        ({"csrf": None}, {"content-type": "application/json"}, 415),
    ],
)
def test_security_refuses_forms_from_elsewhere(
    browser: Browser, form: dict[str, str | None], headers: dict[str, str], status: int
) -> None:
    browser.login().open()
    data = {name: value or browser.hidden("csrf") for name, value in form.items()}
    answer = browser.client.post(
        "/decide", data={**data, "key": browser.hidden("key"), "action": "ignore"}, headers=headers
    )
    assert answer.status_code == status
    assert browser.desk.decisions.decided() == set()


@pytest.mark.parametrize("host", ["evil.example", "evil.example:5006", "127.0.0.1", ""])
def test_security_refuses_other_host_names(browser: Browser, host: str) -> None:
    browser.login()
    assert browser.client.get("/", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("path", [*PAGES, "/static/review.css", "/nowhere", "/login"])
def test_security_says_the_security_headers(browser: Browser, path: str) -> None:
    headers = browser.login().client.get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS


def test_security_cookie_keeps_to_tls_behind_a_server_with_it(desk: Desk) -> None:
    links: list[str] = []
    app = make_app(desk, Door("review", links.append, secure=True), {"review.example.org"})
    with TestClient(app, base_url="https://review.example.org") as client:
        answer = client.get("/login", params={"token": links[0]}, follow_redirects=False)
        assert "; Secure" in answer.headers["set-cookie"]
        assert client.get("/").status_code == 200
