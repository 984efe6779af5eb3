"""The chat API as a Rasa input channel: the routes under ``/chat`` and their limits; ``guard.py`` is before them."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.constants import HTTP_METHODS
from sanic.request import Request
from sanic.response import HTTPResponse, empty

from channels.conversations import Conversations
from channels.demo import DemoPage
from channels.feedback import read_feedback
from channels.guard import FOR_OTHER_SITES, Guard, GuardedBlueprint
from channels.health import dependencies, health, model_of
from channels.incoming import read_incoming
from channels.limits import InProgress, SharedRate, reader_address
from channels.locks import ConversationLocks
from channels.metrics import State, StateMetrics
from channels.model_watch import ModelWatch
from channels.own_actions import OwnActions
from channels.problems import Problem
from channels.quick_rasa import make_quick
from channels.reference import Reference
from channels.retention import Retention
from channels.sessions import Sessions, secret_keys
from channels.settings import ChatSettings
from channels.shared import Shared
from channels.understanding import Understanding
from faq.logs import configure

Handler = Callable[[Request], Awaitable[HTTPResponse]]
PREFIX = "/chat"

NLU_SHARE = 4
"""Part of ``answer_timeout`` after which a process that understands a message is killed, so that two can be tried."""


class ChatChannel(InputChannel):
    """Readers talk to the assistant through this channel.

    Args:
        settings: its knobs.
        environment: where ``FAQ_SECRET_KEYS``, ``FAQ_MODELS``, ``FAQ_RETENTION_DAYS``, ``FAQ_ACTIONS_URL``,
            ``FAQ_NLU_PROCESSES``, ``FAQ_METRICS_PORT``, ``FAQ_LOG_FORMAT`` and ``REDIS_URL`` may stand.
    """

    def __init__(self, settings: ChatSettings, environment: Mapping[str, str] = os.environ) -> None:
        self.settings, self._environment = settings, environment
        keys = secret_keys(environment, Path(settings.secret_file))
        self.sessions = Sessions(keys, settings.session_lifetime)
        self.shared = Shared.from_environment(environment, keys[0])
        self.actions = OwnActions.from_environment(environment)
        self.conversations = Conversations(
            self.name(),
            settings.answer_timeout,
            settings.retry_after,
            settings.max_conversation,
            ConversationLocks(self.shared),
            self.actions,
        )
        self.demo = DemoPage(Path(settings.documents), Path(settings.widget))
        self.reference = Reference(settings)
        self.in_progress = InProgress(settings.max_in_progress, settings.retry_after)
        self.understanding = Understanding.from_environment(environment, settings.answer_timeout / NLU_SHARE)
        take = self.understanding.take if self.understanding else None
        self.model_watch = ModelWatch.from_environment(environment, self.in_progress.by_key, self.shared, take)
        self.retention = Retention.from_environment(environment)
        self.metrics = StateMetrics(self._state, environment)
        self.session_in_progress = InProgress(settings.session_in_progress, settings.retry_after, "too_many")
        self.calls = self._rate_of("session", settings.session_rate, settings.session_burst)
        self.address_calls = self._rate_of("address", settings.address_rate, settings.address_burst)
        self.address_sessions = self._rate_of(
            "address_sessions", settings.address_sessions_rate, settings.address_sessions_burst
        )

    @classmethod
    def name(cls) -> str:
        """Stands in each stored message as its input channel."""
        return "chat"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> ChatChannel:
        """Called by Rasa with what ``credentials.yml`` says."""
        make_quick()
        return cls(ChatSettings.from_credentials(credentials))

    def url_prefix(self) -> str:
        """With the slash, Rasa's ``urljoin("/webhooks/", …)`` gives ``/chat`` and not ``/webhooks/chat``."""
        return PREFIX

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. ``on_new_message`` is not used: it neither tells whether a message was answered nor waits."""
        guard = Guard(self.settings, PREFIX, self.routes)
        blueprint = GuardedBlueprint("chat", guard)
        blueprint.listener("before_server_start")(partial(self._log))
        for path, handlers in self.routes.items():
            _add_route(blueprint, path, handlers, guard.allowed(PREFIX + path))
        for work in filter(None, (self.model_watch, self.understanding, self.retention, self.metrics)):
            blueprint.listener("after_server_start")(partial(work.start))
            blueprint.listener("before_server_stop")(partial(work.stop))
        for path in ("/", "/<path:path>"):
            blueprint.add_route(_not_found, path, methods=set(HTTP_METHODS), name=f"any {path}")
        return blueprint

    @cached_property
    def routes(self) -> dict[str, dict[str, Handler]]:
        """What can be asked for, by path and method."""
        return {
            "/session": {"POST": self._start, "DELETE": self._erase},
            "/messages": {"POST": self._say, "GET": self._history},
            "/feedback": {"POST": self._rate},
            "/health": {"GET": self._health},
            "/health/live": {"GET": _live},
            "/demo": {"GET": self.demo.page},
            "/demo.css": {"GET": self.demo.style},
            "/faq-chat.js": {"GET": _for_other_sites(self.demo.component)},
            "/faq-chat-rules.json": {"GET": _for_other_sites(self.demo.rules)},
            "/docs": {"GET": self.reference.page},
            "/docs.css": {"GET": self.reference.style},
            "/openapi.json": {"GET": self.reference.description},
        }

    async def _start(self, request: Request) -> HTTPResponse:
        await _take(self.address_sessions, self._address(request))
        conversation = str(uuid4())
        with self.in_progress.one():
            greeting = await self.conversations.start(_agent(request), conversation)
        session, expires_at = self.sessions.issue(conversation)
        return _json({"session": session, "expires_at": expires_at, "messages": greeting}, 201)

    async def _say(self, request: Request) -> HTTPResponse:
        conversation = await self._conversation(request)
        content_type = request.headers.get("content-type", "")
        incoming = read_incoming(content_type, request.body, self.settings.max_text_length)
        with self.session_in_progress.one(conversation), self.in_progress.one():
            return _json({"messages": await self.conversations.say(_agent(request), conversation, incoming)})

    async def _history(self, request: Request) -> HTTPResponse:
        conversation = await self._conversation(request)
        return _json({"messages": await self.conversations.history(_agent(request), conversation)})

    async def _rate(self, request: Request) -> HTTPResponse:
        conversation = await self._conversation(request)
        content_type = request.headers.get("content-type", "")
        feedback = read_feedback(content_type, request.body, self.settings.max_reason_length)
        await self.conversations.rate(_agent(request), conversation, feedback)
        return empty()

    async def _erase(self, request: Request) -> HTTPResponse:
        """Never refused for its number, nor because the session has expired: a reader can always delete."""
        conversation = self.sessions.conversation(request.headers.get("authorization"), expired_too=True)
        await self.conversations.erase(_agent(request), conversation)
        await self.calls.forget(conversation)
        return empty()

    async def _health(self, request: Request) -> HTTPResponse:
        update = self.model_watch.update.as_dict() if self.model_watch else None
        wait, later, own = self.settings.health_timeout, self.settings.retry_after, self.actions is not None
        return _json(await health(_agent(request), wait, later, update, self.shared, own))

    async def _state(self, agent: Agent | None) -> State:
        """How the server is, for its metrics."""
        model, model_id = model_of(agent)
        watch = self.model_watch
        return State(
            up=await dependencies(agent, self.settings.health_timeout, self.shared, self.actions is not None),
            model=model,
            model_id=model_id,
            taken_at=watch.taken_at if watch else 0.0,
            update=watch.update.state if watch else "",
            in_progress=sum(self.in_progress.by_key.values()),
        )

    async def _log(self, _app: Sanic, _loop: object) -> None:
        """By now Rasa and Sanic have set up their own way to log."""
        configure(self._environment)

    async def _conversation(self, request: Request) -> str:
        """The conversation a request is about, after its calls are counted."""
        await _take(self.address_calls, self._address(request))
        conversation = self.sessions.conversation(request.headers.get("authorization"))
        await self.calls.take(conversation)
        return conversation

    def _rate_of(self, name: str, per_minute: int, burst: int) -> SharedRate:
        return SharedRate(name, per_minute, burst, self.shared)

    def _address(self, request: Request) -> str | None:
        forwarded = [entry for entry in ",".join(request.headers.getall("x-forwarded-for", [])).split(",") if entry]
        return reader_address(request.ip, forwarded, self.settings.trusted_proxies)


def _add_route(blueprint: Blueprint, path: str, handlers: Mapping[str, Handler], allowed: str) -> None:
    """One path by its methods; any other method is 405."""
    for method, handler in handlers.items():
        # Sanic marks its handlers, which a bound method does not let it do.
        blueprint.add_route(partial(handler), path, methods=[method], name=f"{method} {path}")
    others = set(HTTP_METHODS) - set(handlers) - {"OPTIONS"}
    blueprint.add_route(_refuse(allowed), path, methods=others, name=f"other {path}")
    blueprint.add_route(_preflight, path, methods=["OPTIONS"], name=f"OPTIONS {path}")


def _for_other_sites(handler: Handler) -> Handler:
    async def answer(request: Request) -> HTTPResponse:
        response = await handler(request)
        response.headers.update(FOR_OTHER_SITES)
        return response

    return answer


def _refuse(allowed: str) -> Callable[[Request], Coroutine[Any, Any, HTTPResponse]]:
    async def refuse(_request: Request) -> HTTPResponse:
        raise Problem("method_not_allowed", headers={"Allow": allowed})

    return refuse


async def _preflight(_request: Request) -> HTTPResponse:
    return empty()


async def _not_found(_request: Request, path: str = "") -> HTTPResponse:
    raise Problem("not_found")


def _agent(request: Request) -> Agent | None:
    return getattr(request.app.ctx, "agent", None)


async def _live(_request: Request) -> HTTPResponse:
    """Says that this process runs, whatever the state of what it depends on: to start it anew would mend nothing."""
    return _json({"status": "live"})


async def _take(rate: SharedRate, address: str | None) -> None:
    if address is not None:
        await rate.take(address)


def _json(body: dict[str, Any], status: int = 200) -> HTTPResponse:
    return HTTPResponse(json.dumps(body, ensure_ascii=False), status, content_type="application/json")
