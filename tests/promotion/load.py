"""Readers who keep writing while models are promoted and rolled back under them, and what they got."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx

READERS = 10
PAUSE = 4.0
"""Seconds between a reader's answer and the next message: together about 2.5 messages a second."""

CALM = 6.0
"""Seconds without a change before each one: what the machine gives then is what the changes are held against."""

GOAL = 1.0
"""Seconds of the p99, on a machine that nothing else uses."""

IN_USE_WITHIN = 15.0
TEXTS = ("how long does it last", "does stress do that", "what helps against it", "hello", "what does it cost")


Span = tuple[float, float]
"""From and until when, in seconds of the monotonic clock."""


@dataclass
class Reader:
    """One reader in one conversation.

    Attributes:
        url: of the assistant.
        sent: the texts written, each of its own.
        answers: when each answer was waited for: from and until when.
        faults: answers that were none.
    """

    url: str
    number: int
    sent: list[str] = field(default_factory=list)
    answers: list[Span] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def write(self, most: int, stop: threading.Event) -> None:
        """Writes until there are enough messages and somebody says stop."""
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as http:
            session = http.post("/chat/session").json()["session"]
            http.headers["Authorization"] = f"Bearer {session}"
            time.sleep(PAUSE * self.number / READERS)
            while len(self.sent) < most or not stop.is_set():
                self._ask(http)
                time.sleep(PAUSE)
            self._compare(http.get("/chat/messages").json()["messages"])

    def _ask(self, http: httpx.Client) -> None:
        text = f"{TEXTS[len(self.sent) % len(TEXTS)]} {self.number}-{len(self.sent)}"
        self.sent.append(text)
        began = time.monotonic()
        answer = http.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": text})
        self.answers.append((began, time.monotonic()))
        if answer.status_code != 200 or not answer.json()["messages"]:
            self.faults.append(f"{text}: {answer.status_code} {answer.text[:200]}")

    def _compare(self, kept: Sequence[dict[str, str]]) -> None:
        """Holds what the server kept against what was sent: each message once, in order, with an answer behind it."""
        written = [each["text"] for each in kept if each["role"] == "reader"]
        if written != self.sent:
            self.faults.append(f"sent {self.sent}, kept {written}")
        roles = [each["role"] for each in kept]
        if ("reader", "reader") in pairwise([*roles, "reader"]):
            self.faults.append(f"a message has no answer: {roles}")


@dataclass(frozen=True)
class Figures:
    """What came of it.

    Attributes:
        during: seconds of each answer that was waited for while a promotion or roll-back was under way.
        between: seconds of each other answer.
        in_use_after: seconds until each promoted model was in use.
        faults: what was lost, doubled or no answer.
    """

    during: list[float]
    between: list[float]
    in_use_after: list[float]
    faults: list[str]

    @classmethod
    def of(cls, readers: Sequence[Reader], changes: Sequence[Span], in_use_after: list[float]) -> Figures:
        """Sorts the answers by whether a change was under way."""
        sides: tuple[list[float], list[float]] = ([], [])
        for began, ended in (span for reader in readers for span in reader.answers):
            sides[any(began < until and since < ended for since, until in changes)].append(ended - began)
        faults = [fault for reader in readers for fault in reader.faults]
        return cls(during=sides[True], between=sides[False], in_use_after=in_use_after, faults=faults)

    @property
    def answers(self) -> list[float]:
        """Seconds of all answers."""
        return [*self.during, *self.between]

    @property
    def allowed(self) -> float:
        """Seconds that the p99 may take: one, or what this machine takes without a change, and half of that again."""
        return max(GOAL, 1.5 * quantile(self.between, 0.99))

    @property
    def slower(self) -> float:
        """How many times slower the median answer is during a change."""
        return quantile(self.during, 0.5) / quantile(self.between, 0.5)

    def __str__(self) -> str:
        """For people."""
        return (
            f"{len(self.answers)} messages and {len(self.in_use_after)} changes of model: {len(self.faults)} faults, "
            f"{spread(self.answers)}; {len(self.during)} of them during a change, {spread(self.during)}, and "
            f"{len(self.between)} between, {spread(self.between)}; the median {self.slower:.1f} times slower; "
            f"in use after at most {max(self.in_use_after):.1f} s"
        )


def quantile(seconds: Sequence[float], share: float) -> float:
    """The value that a share of all does not exceed."""
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


def spread(seconds: Sequence[float]) -> str:
    """Quantiles for people."""
    return ", ".join(f"p{100 * share:g} {1000 * quantile(seconds, share):.0f} ms" for share in (0.5, 0.95, 0.99))


def under_load(url: str, folder: Path, root: Path, models: Sequence[str], changes: int, messages: int) -> Figures:
    """Changes models while readers write.

    Args:
        url: of a running assistant, with the first model.
        folder: of its models.
        root: the project's top folder.
        models: two names; every second change is a roll-back.
        changes: how many promotions and roll-backs.
        messages: at least, during the changes and between them.

    Returns:
        What came of it.
    """
    readers, stop = [Reader(url, number) for number in range(READERS)], threading.Event()
    threads = [threading.Thread(target=each.write, args=(-(-messages // READERS), stop)) for each in readers]
    for each in threads:
        each.start()
    spans: list[Span] = []
    after: list[float] = []
    try:
        for number in range(changes):
            time.sleep(CALM)
            began = time.monotonic()
            after.append(_change(url, folder, root, models, number))
            spans.append((began, time.monotonic()))
    finally:
        stop.set()
        for each in threads:
            each.join()
    return Figures.of(readers, spans, after)


def _change(url: str, folder: Path, root: Path, models: Sequence[str], number: int) -> float:
    """Promotes the second model, or rolls back to the first; returns the seconds until it is in use."""
    words = ["rollback"] if number % 2 else ["promote", models[1]]
    done = maintain(root, folder, *words, "--json")
    assert done.returncode == 0, done.stderr
    model, began = json.loads(done.stdout)["model"], time.monotonic()
    while httpx.get(f"{url}/chat/health", timeout=30, trust_env=False).json()["model"] != model:
        assert time.monotonic() - began < 8 * IN_USE_WITHIN, f"{model} is not taken"
        time.sleep(0.25)
    return time.monotonic() - began


def maintain(root: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a maintainer's command on a folder of models."""
    environment = {**os.environ, "FAQ_MODELS": str(folder)}
    command = [sys.executable, "-m", "maintain", *words]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, timeout=600)
