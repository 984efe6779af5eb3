"""Readers who keep writing, try again as the widget does, and remember what they were told."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

TEXTS = ("how long does it last", "does stress do that", "what helps against it", "hello", "what does it cost")
AGAIN = 1.0
"""Seconds until a failed call is tried again, unless the answer says when."""
TURNS = 5
"""Messages of a conversation where readers begin new ones, so that what one message costs stays the same."""
PATIENCE = 90.0
"""Seconds after which a reader gives a message up."""


@dataclass
class Message:
    """One message of a reader.

    Attributes:
        id: that the client gave it.
        text: as sent.
        sent: when, on the clock of ``time.monotonic``.
        acknowledged: when its answer came; None until then.
        replies: the answer.
        failures: when a try failed, and what came.
    """

    id: str
    text: str
    sent: float
    acknowledged: float | None = None
    replies: list[dict[str, Any]] = field(default_factory=list)
    failures: list[tuple[float, str]] = field(default_factory=list)

    @property
    def waited(self) -> float:
        """Seconds until the answer."""
        return (self.acknowledged or time.monotonic()) - self.sent


class Load:
    """Readers at a steady rate.

    Args:
        url: of the assistant.
        sessions: how many readers.
        rate: messages a second of all together.
        turns: messages after which a reader begins a new conversation, the first time sooner, so that not all of them
            do so together; None for never.
    """

    def __init__(self, url: str, sessions: int, rate: float, turns: int | None = None) -> None:
        self._url, self._sessions, self._pause, self._turns = url, sessions, sessions / rate, turns
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self.messages: list[Message] = []
        self.starts_failed: list[str] = []

    async def __aenter__(self) -> Load:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=self._sessions)
        self._http = httpx.AsyncClient(base_url=self._url, timeout=30, trust_env=False, limits=limits)
        self._places = asyncio.Semaphore(8)
        tokens = await asyncio.gather(*(self._start() for _ in range(self._sessions)))
        self._tasks = [asyncio.create_task(self._write(token)) for token in tokens]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Lets every reader wait for the answer to their last message, unless something went wrong."""
        self._stopping = True
        try:
            if kind is not None:
                for task in self._tasks:
                    task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=kind is not None)
        finally:
            await self._http.aclose()

    async def _start(self) -> str:
        async with self._places:
            for _ in range(20):
                answer = await self._http.post("/chat/session")
                if answer.status_code == 201:
                    return str(answer.json()["session"])
                self.starts_failed.append(_refusal(answer))
                await asyncio.sleep(AGAIN)
        raise AssertionError(f"no session: {answer.text}")

    async def _write(self, token: str) -> None:
        await self._rest(random.random() * self._pause)  # noqa: S311
        left = random.randint(1, self._turns or 1)  # noqa: S311
        for number in itertools.count():
            if self._stopping:
                return
            if self._turns and not left:
                token, left = await self._start(), self._turns
            left -= 1
            text = f"{TEXTS[number % len(TEXTS)]} {len(self.messages)}"
            message = Message(str(uuid.uuid4()), text, time.monotonic())
            self.messages.append(message)
            await self._ask(message, token)
            await self._rest(self._pause * (0.5 + random.random()) - message.waited)  # noqa: S311

    async def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and time.monotonic() < until:
            await asyncio.sleep(min(0.5, max(0.0, until - time.monotonic())))

    async def _ask(self, message: Message, token: str) -> None:
        body, headers = {"id": message.id, "text": message.text}, {"Authorization": f"Bearer {token}"}
        while time.monotonic() < message.sent + PATIENCE:
            pause = AGAIN
            try:
                answer = await self._http.post("/chat/messages", json=body, headers=headers)
            except httpx.HTTPError as error:
                message.failures.append((time.monotonic(), type(error).__name__))
            else:
                if answer.status_code == 200:
                    message.replies, message.acknowledged = answer.json()["messages"], time.monotonic()
                    return
                message.failures.append((time.monotonic(), _refusal(answer)))
                pause = max(pause, float(answer.headers.get("Retry-After", 0)))
            await asyncio.sleep(pause)


def _refusal(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.json().get('code')}"


@dataclass(frozen=True)
class Step:
    """What was answered to readers who do not pause.

    Attributes:
        readers: how many.
        rate: messages a second that were answered.
        median: seconds until an answer.
        p95: seconds that one in twenty answers took longer than.
    """

    readers: int
    rate: float
    median: float
    p95: float


async def step(url: str, readers: int, seconds: float = 15.0) -> Step:
    """Measures how much is answered to a number of readers who do not pause."""
    async with Load(url, readers, 1000, TURNS) as load:
        await asyncio.sleep(seconds)
        waits = sorted(message.waited for message in load.messages if message.acknowledged is not None)
    return Step(readers, len(waits) / seconds, quantile(waits, 0.5), quantile(waits, 0.95))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that a share of all does not exceed."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True)
class Figures:
    """What readers saw of one fault.

    Attributes:
        fault: in words.
        messages: sent while it was observed.
        recovery: seconds from the fault, or from its end where it lasts, until no try failed any more.
    """

    fault: str
    messages: list[Message]
    recovery: float

    @property
    def sent(self) -> int:
        """How many messages."""
        return len(self.messages)

    @property
    def answered(self) -> int:
        """How many of them were answered."""
        return sum(message.acknowledged is not None for message in self.messages)

    @property
    def tried_again(self) -> int:
        """How many of them needed more than one try."""
        return sum(bool(message.failures) for message in self.messages)

    @property
    def seen(self) -> Counter[str]:
        """What came instead of an answer, and how often."""
        return Counter(what for message in self.messages for _, what in message.failures)

    @property
    def slowest(self) -> float:
        """Seconds that a reader waited at most."""
        return max((message.waited for message in self.messages), default=0.0)

    @classmethod
    def of(cls, fault: str, messages: list[Message], mended: float) -> Figures:
        """Counts.

        Args:
            fault: in words.
            messages: sent while it was observed, each answered or given up by now.
            mended: when the fault happened, or ended where it lasts.
        """
        last = max((moment for message in messages for moment, _ in message.failures), default=mended)
        return cls(fault, messages, max(0.0, last - mended))
