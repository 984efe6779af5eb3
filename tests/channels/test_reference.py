"""The description of the API, the code and ``docs/chat-api.md`` say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from channels.chat import ChatChannel
from channels.problems import SENTENCES
from channels.reference import load_description
from channels.reference_page import resolved
from channels.settings import ChatSettings

API = load_description(ChatSettings())
DOCS = Path("docs/chat-api.md").read_text(encoding="utf-8")


def described() -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, methods in API["paths"].items() for method in methods}


def errors() -> Iterator[tuple[str, int]]:
    """Each code of each answer of each call, with the status that it stands under."""
    for methods in API["paths"].values():
        for call in methods.values():
            for status, reference in call["responses"].items():
                content = resolved(API, reference).get("content", {}).get("application/problem+json")
                if content:
                    _, own = content["schema"]["allOf"]
                    yield from ((code, int(status)) for code in own["properties"]["code"]["enum"])


def settings_table() -> str:
    rows = ["| setting | default | unit | why |", "|---|---|---|---|"]
    for knob in fields(ChatSettings):
        default = "none" if knob.default == () else f"`{knob.default}`"
        why = knob.metadata["why"].replace("|", "\\|")
        rows.append(f"| `{knob.name}` | {default} | {knob.metadata['unit']} | {why} |")
    return "\n".join(rows)


def errors_table() -> str:
    rows = ["| status | code | what the reader may be told |", "|---|---|---|"]
    rows += [f"| {status} | `{code}` | {sentence} |" for code, (status, sentence) in SENTENCES.items()]
    return "\n".join(rows)


def test_reference_names_every_route_and_no_other(tmp_path):
    channel = ChatChannel(ChatSettings(secret_file=str(tmp_path / "secret.key")), environment={})
    routes = {(method, f"/chat{path}") for path, methods in channel.routes.items() for method in methods}
    assert described() == routes


def test_reference_names_every_error_and_no_other():
    assert set(errors()) == {(code, status) for code, (status, _) in SENTENCES.items()}


@pytest.mark.parametrize(("code", "status"), [(code, status) for code, (status, _) in SENTENCES.items()])
def test_reference_promises_the_headers_of_an_error(code, status):
    wanted = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}
    for response in API["components"]["responses"].values():
        enum = response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]
        if code in enum:
            assert list(response.get("headers", {})) == ([wanted[status]] if status in wanted else [])


@pytest.mark.parametrize(("method", "path"), sorted(described()))
def test_reference_call_says_who_may_call(method, path):
    call = API["paths"][path][method.lower()]
    assert call["summary"]
    assert ("security" in call) == (path in ("/chat/messages", "/chat/feedback") or method == "DELETE")
    assert {"401" in call["responses"]} == {"security" in call}


def test_reference_serves_the_limits_in_force(serve):
    chat = serve(max_text_length=7, max_reason_length=3)
    answer = chat.http.get("/chat/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    schemas = answer.json()["components"]["schemas"]
    assert schemas["Message"]["properties"]["text"]["maxLength"] == 7
    assert schemas["Feedback"]["properties"]["reason"]["maxLength"] == 3
    assert "at most 7 characters" in chat.http.get("/chat/docs").text


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += f" {data} "


def test_reference_page_shows_every_call_and_error(chat):
    page = Page(chat.http.get("/chat/docs").text)
    for method, path in described():
        assert f"{method} {path}" in page.text
    for code, (status, _) in SENTENCES.items():
        assert re.search(rf"\b{code}\b", page.text), code
        assert str(status) in page.text
    targets = {attributes["href"][1:] for tag, attributes in page.tags if tag == "a" and attributes["href"][0] == "#"}
    assert targets == {attributes["id"] for tag, attributes in page.tags if tag == "section"}


def test_reference_page_is_strict_and_has_nothing_inline(chat):
    answer = chat.http.get("/chat/docs")
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
    for tag, attributes in Page(answer.text).tags:
        assert tag not in ("script", "style", "iframe", "img")
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert not str(attributes.get("href", "")).startswith("http")
    style = chat.http.get("/chat/docs.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "url(" not in style.text
    assert "@import" not in style.text


def test_reference_document_has_the_table_of_limits():
    table = settings_table()
    assert table in DOCS, f"docs/chat-api.md, Settings: put this table there.\n\n{table}"


def test_reference_document_has_the_table_of_errors():
    table = errors_table()
    assert table in DOCS, f"docs/chat-api.md, Errors: put this table there.\n\n{table}"


@pytest.mark.parametrize(("method", "path"), sorted(described()))
def test_reference_document_names_every_call(method, path):
    assert re.search(rf"`{method} {re.escape(path)}`", DOCS)


def test_reference_document_names_no_call_that_is_not_there():
    named = set(re.findall(r"`(GET|POST|DELETE|PUT) (/chat/[\w./-]+)`", DOCS))
    assert named <= described()


def test_reference_statuses_are_those_of_http():
    assert all(HTTPStatus(status) for status, _ in SENTENCES.values())
