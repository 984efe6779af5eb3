"""The terminal client, against a fake of the chat API."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import httpx
import pytest
from rich.console import Console

from maintain.chat import Conversation
from maintain.chat_client import TRIES, ChatClient, ChatError, ConversationOver
from maintain.chat_view import ChatView

GREETING = {
    "text": "Hello.",
    "custom": {"type": "smalltalk"},
    "buttons": [{"title": "First offer", "payload": "/first"}, {"title": "Second offer", "payload": "/second"}],
}
ANSWER = {
    "text": "In plain words.",
    "custom": {
        "type": "answer",
        "source": {
            "heading": "A heading [bold]",
            "url": "https://example.org/#one",
            "quotes": [{"text": "First quote."}, {"text": "Second quote."}],
            "section_text": "The whole section.",
        },
    },
}
DOCTOR = {"text": "See somebody.", "custom": {"type": "doctor"}}
EMERGENCY = {"text": "Call now.", "custom": {"type": "emergency"}}


class FakeServer:
    """Answers like the chat API and keeps what it was asked."""

    def __init__(self, replies: list[dict[str, Any]] | None = None) -> None:
        self.replies = replies or []
        self.asked: list[tuple[str, str, dict[str, Any], str | None]] = []
        self.sessions = 0
        self.fault: Callable[[httpx.Request], httpx.Response | None] = lambda request: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content or "{}")
        self.asked.append((request.method, request.url.path, body, request.headers.get("Authorization")))
        return self.fault(request) or self.answer(request)

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "DELETE":
            return httpx.Response(204)
        if request.url.path == "/chat/session":
            self.sessions += 1
            return httpx.Response(201, json={"session": f"s{self.sessions}", "expires_at": "…", "messages": [GREETING]})
        return httpx.Response(200, json={"messages": self.replies})

    def bodies(self) -> list[dict[str, Any]]:
        return [body for _, path, body, _ in self.asked if path == "/chat/messages"]


def problem(status: int, detail: str, **headers: str) -> httpx.Response:
    kind = {"Content-Type": "application/problem+json", **headers}
    return httpx.Response(status, content=json.dumps({"title": "A title", "detail": detail}), headers=kind)


def talk(server: FakeServer, lines: Iterable[str]) -> str:
    """Types lines and returns what the screen shows."""
    screen = io.StringIO()
    console = Console(file=screen, width=80, highlight=False)
    source = iter(lines)

    def read() -> str:
        try:
            return next(source)
        except StopIteration:
            raise EOFError from None

    with ChatClient("http://server", httpx.MockTransport(server)) as client:
        assert Conversation(client, ChatView(console)).talk(read) == 0
    return screen.getvalue()


def test_chat_greets_and_says_goodbye() -> None:
    shown = talk(FakeServer(), [])
    assert "Hello." in shown
    assert "1  First offer" in shown
    assert shown.rstrip().endswith("Goodbye.")


def test_chat_sends_what_is_typed_within_the_session() -> None:
    server = FakeServer([ANSWER])
    talk(server, ["  how long? ", "", "   ", "/quit", "never sent"])
    ((_, _, body, authorization),) = server.asked[1:]
    assert body["text"] == "how long?"
    assert str(uuid.UUID(body["id"])) == body["id"]
    assert authorization == "Bearer s1"


def test_chat_gives_every_message_its_own_id() -> None:
    server = FakeServer()
    talk(server, ["a", "a"])
    first, second = server.bodies()
    assert first["id"] != second["id"]


def test_chat_shows_quotes_under_their_heading() -> None:
    shown = talk(FakeServer([ANSWER]), ["a"])
    assert "A heading [bold]" in shown
    assert "First quote. […] Second quote." in shown
    assert "https://example.org/#one" in shown
    assert "The whole section." not in shown


def test_chat_more_shows_the_section() -> None:
    assert "The whole section." in talk(FakeServer([ANSWER]), ["a", "/more"])
    assert "There is no answer yet." in talk(FakeServer([ANSWER]), ["/more"])


@pytest.mark.parametrize(("reply", "heading"), [(DOCTOR, "A doctor should see this"), (EMERGENCY, "Emergency")])
def test_chat_sets_urgent_replies_apart(reply: dict[str, Any], heading: str) -> None:
    lines = talk(FakeServer([reply]), ["a"]).splitlines()
    above = next(number for number, line in enumerate(lines) if heading in line)
    assert "─" in lines[above]
    assert reply["text"] in lines[above + 1]


@pytest.mark.parametrize(
    ("line", "sent"),
    [("2", {"payload": "/second"}), ("3", {"text": "3"}), ("0", {"text": "0"}), ("2 weeks", {"text": "2 weeks"})],
)
def test_chat_takes_the_number_of_an_offer(line: str, sent: dict[str, str]) -> None:
    server = FakeServer()
    talk(server, [line])
    (body,) = server.bodies()
    assert sent.items() <= body.items()
    assert len(body) == 2


def test_chat_offers_last_until_the_next_reply() -> None:
    server = FakeServer([ANSWER])
    talk(server, ["a", "1"])
    assert server.bodies()[1]["text"] == "1"


def test_chat_new_begins_another_session() -> None:
    server = FakeServer()
    assert talk(server, ["/new", "a"]).count("Hello.") == 2
    assert server.asked[1][3] is None
    assert server.asked[-1][3] == "Bearer s2"


def test_chat_delete_has_the_server_forget() -> None:
    server = FakeServer()
    assert "has forgotten" in talk(server, ["/delete"])
    assert [(method, key) for method, _, _, key in server.asked] == [
        ("POST", None),
        ("DELETE", "Bearer s1"),
        ("POST", None),
    ]


def test_chat_sends_no_unknown_command() -> None:
    server = FakeServer()
    assert "/help shows" in talk(server, ["/restart", "/help"])
    assert server.bodies() == []


def test_chat_help_names_every_command() -> None:
    shown = talk(FakeServer(), ["/help"])
    with ChatClient("http://server") as client:
        commands = Conversation(client, ChatView(Console(file=io.StringIO()))).commands
    assert [command for command in [*commands, "/quit"] if command not in shown] == []


def test_chat_retries_with_the_same_id() -> None:
    server = FakeServer([ANSWER])

    def break_once(request: httpx.Request) -> httpx.Response | None:
        if len(server.bodies()) == 1 and request.url.path == "/chat/messages":
            raise httpx.ReadError("broken", request=request)
        return None

    server.fault = break_once
    assert "First quote." in talk(server, ["a"])
    first, second = server.bodies()
    assert first == second


def test_chat_says_how_to_start_a_server_that_is_not_there() -> None:
    server = FakeServer()

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    server.fault = refuse
    with pytest.raises(ChatError, match=r"CLI02.*http://server.*make run"):
        talk(server, [])
    assert len(server.asked) == TRIES


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(404, json={"error": "not found"}),
        httpx.Response(200, json={"messages": []}),
        httpx.Response(200, json=[]),
        httpx.Response(502, text=""),
    ],
)
def test_chat_notices_another_server(answer: httpx.Response) -> None:
    server = FakeServer()
    server.fault = lambda request: answer
    with pytest.raises(ChatError, match=r"CLI03.*make run"):
        talk(server, [])


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        (problem(401, "The conversation has expired."), "[CLI04] The conversation has expired. /new begins"),
        (problem(429, "Too many.", **{"Retry-After": "7"}), "[CLI05] Too many. Try again in 7 seconds."),
        (problem(503, "No model."), "[CLI06] No model. Look at the terminal where `make run` runs"),
        (problem(413, ""), "[CLI07] A title."),
    ],
)
def test_chat_goes_on_after_a_problem(answer: httpx.Response, shown: str) -> None:
    server = FakeServer([ANSWER])
    server.fault = lambda request: answer if len(server.bodies()) == 1 else None
    screen = talk(server, ["a", "b"])
    assert shown in screen.replace("\n", " ")
    assert "First quote." in screen


def test_chat_client_tells_an_ended_conversation_apart() -> None:
    server = FakeServer()
    with ChatClient("http://server/", httpx.MockTransport(server)) as client:
        client.start()
        server.fault = lambda request: problem(401, "Expired.")
        with pytest.raises(ConversationOver):
            client.send("a")


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, EOFError])
def test_chat_ends_politely(interrupt: type[BaseException]) -> None:
    def read() -> str:
        raise interrupt

    screen = io.StringIO()
    with ChatClient("http://server", httpx.MockTransport(FakeServer())) as client:
        assert Conversation(client, ChatView(Console(file=screen))).talk(read) == 0
    assert screen.getvalue().rstrip().endswith("Goodbye.")


def test_chat_refuses_what_is_no_address() -> None:
    with pytest.raises(ChatError, match="CLI01"):
        ChatClient("http://server:port")
