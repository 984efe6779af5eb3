"""The chat API as a Rasa input channel: the routes under ``/chat``, their limits and their headers."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.constants import HTTP_METHODS
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse, empty

from channels.conversations import Conversations
from channels.demo import DemoPage
from channels.health import health
from channels.incoming import read_incoming
from channels.limits import InProgress, Rate, reader_address
from channels.origins import PREFLIGHT, add_cors, is_foreign
from channels.problems import Problem, problem_of, render
from channels.sessions import Sessions, secret_keys
from channels.settings import ChatSettings

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""On every response that does not set its own."""


class ChatChannel(InputChannel):
    """Readers talk to the assistant through this channel.

    Args:
        settings: its knobs.
        environment: where ``FAQ_SECRET_KEYS`` may stand.
    """

    def __init__(self, settings: ChatSettings, environment: Mapping[str, str] = os.environ) -> None:
        self.settings = settings
        self.sessions = Sessions(secret_keys(environment, Path(settings.secret_file)), settings.session_lifetime)
        self.conversations = Conversations(self.name(), settings.answer_timeout, settings.retry_after)
        self.demo = DemoPage(Path(settings.documents), Path(settings.widget))
        self.in_progress = InProgress(settings.max_in_progress, settings.retry_after)
        self.calls = Rate(settings.session_rate, settings.session_burst)
        self.address_calls = Rate(settings.address_rate, settings.address_burst)
        self.address_sessions = Rate(settings.address_sessions_rate, settings.address_sessions_burst)

    @classmethod
    def name(cls) -> str:
        """Stands in each stored message as its input channel."""
        return "chat"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> ChatChannel:
        """Called by Rasa with what ``credentials.yml`` says."""
        return cls(ChatSettings.from_credentials(credentials))

    def url_prefix(self) -> str:
        """With the slash, Rasa's ``urljoin("/webhooks/", …)`` gives ``/chat`` and not ``/webhooks/chat``."""
        return "/chat"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. ``on_new_message`` is not used: it neither tells whether a message was answered nor waits."""
        blueprint = Blueprint("chat")
        _add_routes(
            blueprint,
            {
                "/session": {"POST": self._start, "DELETE": self._erase},
                "/messages": {"POST": self._say, "GET": self._history},
                "/health": {"GET": self._health},
                "/demo": {"GET": self.demo.page},
                "/demo.js": {"GET": self.demo.script},
                "/demo.css": {"GET": self.demo.style},
                "/faq-chat.js": {"GET": self.demo.component},
            },
        )
        blueprint.listener("before_server_start")(self._limit_bodies)
        blueprint.middleware("request")(self._check_origin)
        blueprint.middleware("response")(self._finish)
        blueprint.exception(Exception)(self._fail)
        return blueprint

    async def _start(self, request: Request) -> HTTPResponse:
        _take(self.address_sessions, self._address(request))
        conversation = str(uuid4())
        with self.in_progress.one():
            greeting = await self.conversations.start(_agent(request), conversation)
        session, expires_at = self.sessions.issue(conversation)
        return _json({"session": session, "expires_at": expires_at, "messages": greeting}, 201)

    async def _say(self, request: Request) -> HTTPResponse:
        conversation = self._conversation(request)
        content_type = request.headers.get("content-type", "")
        incoming = read_incoming(content_type, request.body, self.settings.max_text_length)
        with self.in_progress.one():
            return _json({"messages": await self.conversations.say(_agent(request), conversation, incoming)})

    async def _history(self, request: Request) -> HTTPResponse:
        conversation = self._conversation(request)
        return _json({"messages": await self.conversations.history(_agent(request), conversation)})

    async def _erase(self, request: Request) -> HTTPResponse:
        """Never refused for its number, nor because the session has expired: a reader can always delete."""
        conversation = self.sessions.conversation(request.headers.get("authorization"), expired_too=True)
        await self.conversations.erase(_agent(request), conversation)
        self.calls.forget(conversation)
        return empty()

    async def _health(self, request: Request) -> HTTPResponse:
        return _json(await health(_agent(request), self.settings.health_timeout, self.settings.retry_after))

    def _conversation(self, request: Request) -> str:
        """The conversation a request is about, after its calls are counted."""
        _take(self.address_calls, self._address(request))
        conversation = self.sessions.conversation(request.headers.get("authorization"))
        self.calls.take(conversation)
        return conversation

    def _address(self, request: Request) -> str | None:
        forwarded = [entry for entry in ",".join(request.headers.getall("x-forwarded-for", [])).split(",") if entry]
        return reader_address(request.ip, forwarded, self.settings.trusted_proxies)

    async def _limit_bodies(self, app: Sanic, _loop: Any) -> None:
        """Sanic reads a body before any route runs, so the limit is the whole server's; nothing else listens there."""
        app.config.REQUEST_MAX_SIZE = self.settings.max_body_size

    async def _check_origin(self, request: Request) -> None:
        if is_foreign(request.headers, self.settings.allowed_origins):
            raise Problem("foreign_origin")

    async def _finish(self, request: Request, response: BaseHTTPResponse) -> None:
        """Gives every response its headers. Rasa answers OPTIONS before the origin is checked: that is mended here."""
        foreign = is_foreign(request.headers, self.settings.allowed_origins)
        if request.method == "OPTIONS":
            response.status = 403 if foreign else 204
            response.headers.update({} if foreign else PREFLIGHT)
        add_cors(request.headers, response, self.settings.allowed_origins)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)

    async def _fail(self, _request: Request, error: Exception) -> HTTPResponse:
        return render(problem_of(error, self.settings.retry_after))


def _add_routes(blueprint: Blueprint, routes: dict[str, dict[str, Callable[..., Any]]]) -> None:
    """The routes by path and method; any other method is 405, any other path 404, both as problem+json."""
    for path, handlers in routes.items():
        for method, handler in handlers.items():
            # Sanic marks its handlers, which a bound method does not let it do.
            blueprint.add_route(partial(handler), path, methods=[method], name=f"{method} {path}")
        others = set(HTTP_METHODS) - set(handlers) - {"OPTIONS"}
        blueprint.add_route(_refuse(sorted(handlers)), path, methods=others, name=f"other {path}")
        blueprint.add_route(_preflight, path, methods=["OPTIONS"], name=f"OPTIONS {path}")
    for path in ("/", "/<path:path>"):
        blueprint.add_route(_not_found, path, methods=set(HTTP_METHODS), name=f"any {path}")


def _refuse(allowed: list[str]) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
    async def refuse(_request: Request) -> HTTPResponse:
        raise Problem("method_not_allowed", headers={"Allow": ", ".join(allowed)})

    return refuse


async def _preflight(_request: Request) -> HTTPResponse:
    return empty()


async def _not_found(_request: Request, path: str = "") -> HTTPResponse:
    raise Problem("not_found")


def _agent(request: Request) -> Agent | None:
    return getattr(request.app.ctx, "agent", None)


def _take(rate: Rate, address: str | None) -> None:
    if address is not None:
        rate.take(address)


def _json(body: dict[str, Any], status: int = 200) -> HTTPResponse:
    return HTTPResponse(json.dumps(body, ensure_ascii=False), status, content_type="application/json")
