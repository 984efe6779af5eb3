"""The two assistants that are compared: how each is started and how a reader asks it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from maintain.assistant import free_ports
from maintain.bench.processes import BenchError, end, last_lines, tree
from maintain.settings import QUIET, ROOT

OURS, STOCK = "ours", "stock"
SYSTEMS = (OURS, STOCK)

START_WITHIN = 300
"""Seconds until a start counts as failed."""

NO_LIMITS = {
    "FAQ_CHAT_SESSION_RATE": "1000000",
    "FAQ_CHAT_SESSION_BURST": "1000000",
    "FAQ_CHAT_MAX_CONVERSATION": "10000",
    "FAQ_CHAT_MAX_IN_PROGRESS": "1000",
    "FAQ_CHAT_ANSWER_TIMEOUT": "120",
}
"""Our limits still count, but so high that nobody is turned away: the stock assistant turns nobody away either."""


@dataclass(frozen=True)
class Running:
    """An assistant that has answered once.

    Attributes:
        system: ``ours`` or ``stock``.
        url: where it listens.
        pid: of the process that was started; its servers are its descendants.
        seconds: from the start of the process to the first answer to a question.
    """

    system: str
    url: str
    pid: int
    seconds: float

    @property
    def pids(self) -> list[int]:
        """All its processes."""
        return tree(self.pid)


@contextmanager
def running(
    system: str, project: Path, scratch: Path, model: Path | None = None, own: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Starts an assistant, waits for its first answer, and stops it at the end of the block.

    Args:
        system: ``ours`` or ``stock``.
        project: the folder that it runs in.
        scratch: for its conversations and its log.
        model: of the stock assistant; ours takes the current one of the project.
        own: further variables.

    Yields:
        The assistant.

    Raises:
        BenchError: it did not answer; its last lines are in the message.
    """
    (port,) = map(str, free_ports(1))
    command, settings = _ours(port, scratch) if system == OURS else _stock(port, model)
    url, log, started = f"http://127.0.0.1:{port}", scratch / f"{system}.log", time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=project,
            env={**os.environ, **QUIET, **settings, **(own or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(system, url, process, log)
        yield Running(system, url, process.pid, time.monotonic() - started)
    finally:
        end(process)


def _ours(port: str, scratch: Path) -> tuple[list[str], dict[str, str]]:
    database = scratch / f"conversations-{port}.db"
    settings = {"FAQ_PORT": port, "FAQ_DATABASE": str(database), **NO_LIMITS}
    return [sys.executable, "-m", "maintain", "run"], settings


def _stock(port: str, model: Path | None) -> tuple[list[str], dict[str, str]]:
    files = ["--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    interface = ["--interface", "127.0.0.1", "--port", port]
    return [sys.executable, "-m", "rasa", "run", *files, *interface], {"LOG_LEVEL": "WARNING"}


def _wait(system: str, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    with httpx.Client(base_url=url, timeout=30, trust_env=False) as http:
        while not _answers(system, http):
            if process.poll() is not None or time.monotonic() > deadline:
                raise BenchError(f"[BEN02] The assistant {system!r} did not start. Its last lines:\n{last_lines(log)}")
            time.sleep(0.05)


def _answers(system: str, http: httpx.Client) -> bool:
    try:
        opened = http.post("/chat/session") if system == OURS else None
        if opened is not None and opened.status_code != 201:
            return False
        conversation = opened.json()["session"] if opened is not None else str(uuid.uuid4())
        path, body, headers = question(system, conversation, "how long does it last?")
        answer = http.post(path, json=body, headers=headers)
        return answer.status_code == 200 and bool(replies(answer.json()))
    except httpx.TransportError:
        return False


def question(system: str, conversation: str, text: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """A reader's message as a call.

    Args:
        system: ``ours`` or ``stock``.
        conversation: the session, or the sender.
        text: what the reader writes.

    Returns:
        Path, JSON body and headers.
    """
    if system == OURS:
        return "/chat/messages", {"id": str(uuid.uuid4()), "text": text}, {"Authorization": f"Bearer {conversation}"}
    return "/webhooks/rest/webhook", {"sender": conversation, "message": text}, {}


def replies(content: Any) -> list[Mapping[str, Any]]:
    """What an assistant said, from the JSON of its answer."""
    return list(content["messages"] if isinstance(content, dict) else content)


def stock_model() -> Path:
    """Where the stock assistant's model lies."""
    return stock_project() / "models" / "stock.tar.gz"


def stock_project() -> Path:
    """The stock assistant's project."""
    return ROOT / "var" / "bench" / "stock"
