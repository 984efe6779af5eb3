"""Numbers about the Rasa server for Prometheus: what readers were told, how long it took, and how the server is now.

docs/monitoring.md has the table of all. No label holds anything of a reader, and each has few values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from concurrent.futures import CancelledError, TimeoutError
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from rasa.core.agent import Agent
from sanic import Sanic

from channels.problems import SENTENCES
from faq.metrics import serve

VARIABLE = "FAQ_METRICS_PORT"
"""The variable that names the port."""

WITHIN = 5.0
"""Seconds in which the server must say how it is: more than its checks may take, less than Prometheus waits (10)."""

FAST = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Buckets, in seconds, up to the longest that one statement of the database may take."""

WHOLE = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)
"""Buckets, in seconds, up to ``answer_timeout``."""

TYPES = ("answer", "doctor", "emergency", "clarify", "no_answer", "smalltalk", "notice")
"""Kinds of the parts of a reply."""

REPLY_SECONDS = Histogram(
    "faq_reply_duration_seconds", "From a message to its stored reply, waiting for its turn included", buckets=WHOLE
)
NLU_SECONDS = Histogram(
    "faq_nlu_duration_seconds", "Understanding one message, waiting for a process included", buckets=FAST
)
NLU_WAIT_SECONDS = Histogram(
    "faq_nlu_wait_duration_seconds", "Waiting for a process that understands messages (FAQ_NLU_PROCESSES)", buckets=FAST
)
NLU_PROCESSES = Gauge("faq_nlu_processes", "Processes that understand messages; 0: the Rasa server does")
NLU_PROCESS_ENDS = Counter(
    "faq_nlu_process_ends",
    "Processes that understand messages and ended unasked: died, hung (and killed), or failed to start",
    ["reason"],
)
ACTION_SECONDS = Histogram(
    "faq_action_call_duration_seconds",
    "One call of an action, the way there and back included",
    ["action"],
    buckets=FAST,
)
STORE_SECONDS = Histogram(
    "faq_tracker_store_duration_seconds",
    "One call of the conversations' database, waiting for a connection included",
    ["operation"],
    buckets=FAST,
)
PARTS = Counter(
    "faq_reply_parts", "Parts of stored replies by their type, and of answers by their topic", ["type", "intent"]
)
CONVERSATIONS = Counter("faq_conversations", "Conversations started, and deleted by their reader or by age", ["change"])
FEEDBACK = Counter("faq_feedback", "Answers that readers called helpful or not", ["helpful"])
ERRORS = Counter("faq_errors", "Requests answered with an error, by the code of docs/chat-api.md", ["code"])
RETENTION = Gauge(
    "faq_retention_last_success_timestamp_seconds", "When old conversations were last looked for and deleted"
)

# So that the first of each is an increase from 0 and not a series out of nowhere.
for _code in SENTENCES:
    ERRORS.labels(_code)
for _type in TYPES[1:]:
    PARTS.labels(_type, "none")
for _change in ("started", "deleted", "expired"):
    CONVERSATIONS.labels(_change)
for _helpful in ("yes", "no"):
    FEEDBACK.labels(_helpful)
for _reason in ("died", "hung", "failed"):
    NLU_PROCESS_ENDS.labels(_reason)


def count_reply(replies: Iterable[Mapping[str, Any]], intents: Collection[str]) -> None:
    """Counts the parts of a reply that was stored.

    Args:
        replies: as the API sends them.
        intents: of the model's domain; an answer to any other counts as ``other``.
    """
    for reply in replies:
        kind, intent = reply["custom"].get("type"), reply["custom"].get("intent")
        if kind == "answer":
            PARTS.labels(kind, intent if intent in intents else "other").inc()
        else:
            PARTS.labels(kind if kind in TYPES else "other", "none").inc()


@dataclass(frozen=True)
class State:
    """How a server is at one moment.

    Attributes:
        up: whether each dependency answers, by its name.
        model: the file of the model in use; None where there is none.
        model_id: what Rasa calls it.
        taken_at: when it was taken, in seconds since 1970.
        update: how the latest promotion stands: ``current``, ``loading`` or ``failed``.
        in_progress: messages that are worked on.
    """

    up: Mapping[str, bool] = field(default_factory=dict)
    model: str | None = None
    model_id: str | None = None
    taken_at: float = 0.0
    update: str = ""
    in_progress: int = 0


class StateMetrics(Collector):
    """Asks the server how it is whenever Prometheus reads the metrics.

    Args:
        state: tells how the server is, on its event loop.
        environment: where ``FAQ_METRICS_PORT`` and ``FAQ_METRICS_HOST`` may stand.
    """

    def __init__(self, state: Callable[[Agent | None], Awaitable[State]], environment: Mapping[str, str]) -> None:
        self._state, self._environment = state, environment
        self._app: Sanic | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._close: Callable[[], None] | None = None

    async def start(self, app: Sanic, _loop: object = None) -> None:
        """Called by Sanic when the server has started."""
        self._app, self._loop = app, asyncio.get_running_loop()
        self._close = serve(self._environment, VARIABLE)
        if self._close is not None:
            REGISTRY.register(self)
        agent = getattr(app.ctx, "agent", None)
        for intent in agent.domain.intents if agent and agent.domain else ():
            PARTS.labels("answer", intent)

    async def stop(self, _app: Sanic, _loop: object = None) -> None:
        """Called by Sanic before the server stops."""
        if self._close is not None:
            REGISTRY.unregister(self)
            await asyncio.to_thread(self._close)

    def describe(self) -> list[GaugeMetricFamily]:
        """The metrics without values, so that nobody is asked when they are registered."""
        return list(_families(None))

    def collect(self) -> list[GaugeMetricFamily]:
        """The metrics of now; a server whose event loop hangs is not responding, and nothing else is known of it."""
        assert self._app is not None and self._loop is not None  # noqa: S101, PT018  (it has started)
        asking = asyncio.run_coroutine_threadsafe(self._now(self._app), self._loop)
        try:
            return list(_families(asking.result(WITHIN)))
        except (TimeoutError, CancelledError):
            return list(_families(None))

    async def _now(self, app: Sanic) -> State:
        return await self._state(getattr(app.ctx, "agent", None))


def _families(state: State | None) -> Iterable[GaugeMetricFamily]:
    now = state or State()
    yield _gauge("faq_responding", "Whether the server's event loop answers", (), {(): state is not None})
    yield _gauge(
        "faq_dependency_up",
        "Whether what the server needs answers, as GET /chat/health says it",
        ("dependency",),
        {(name,): up for name, up in now.up.items()},
    )
    model = {(now.model, now.model_id or ""): 1} if now.model else {}
    yield _gauge("faq_model_info", "The model in use", ("model", "model_id"), model)
    taken = {(): now.taken_at} if now.model else {}
    yield _gauge("faq_model_taken_timestamp_seconds", "When the model in use was taken", (), taken)
    update = {(now.update,): 1} if now.update else {}
    yield _gauge("faq_model_update", "How the latest promotion stands: current, loading or failed", ("state",), update)
    in_progress = {(): now.in_progress} if state else {}
    yield _gauge("faq_messages_in_progress", "Messages that are worked on", (), in_progress)


def _gauge(name: str, what: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, what, labels=labels)
    for label, value in values.items():
        family.add_metric(label, float(value))
    return family
