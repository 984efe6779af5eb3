"""Starts the assistant's own two servers with settings of a test's own."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from maintain.assistant import START_WITHIN, free_ports
from maintain.models import Models
from maintain.run import commands, health
from maintain.settings import QUIET, ROOT, Settings

NEW_KEY, OLD_KEY, DROPPED_KEY = "n" * 40, "o" * 40, "d" * 40


@dataclass(frozen=True)
class Server:
    """A running assistant.

    Attributes:
        url: where it runs.
        folder: what it writes: its database ``conversations.db`` and its log.
    """

    url: str
    folder: Path

    @property
    def port(self) -> int:
        """The port of the chat."""
        return int(self.url.rsplit(":", 1)[1])

    @property
    def database(self) -> Path:
        """The file of the conversations."""
        return self.folder / "conversations.db"


@contextmanager
def serving(folder: Path, credentials: Path, secret_keys: str) -> Iterator[Server]:
    """Runs the servers as ``python -m maintain run`` does, but with other credentials, until the end of the block.

    Args:
        folder: for the database and the log.
        credentials: takes the place of ``credentials.yml``.
        secret_keys: ``FAQ_SECRET_KEYS``.
    """
    port, actions_port = free_ports(2)
    database = folder / "conversations.db"
    settings = Settings(
        port=port, actions_port=actions_port, database=database, secret_keys=secret_keys, log_format="json"
    )
    processes = _start(settings, credentials, folder / "assistant.log")
    try:
        _wait(settings.url, processes, folder / "assistant.log")
        yield Server(settings.url, folder)
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """A server that an attack has hung up does not hear that it shall end."""
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _start(settings: Settings, credentials: Path, log: Path) -> list[subprocess.Popen[bytes]]:
    model = Models(settings.models, ROOT).checked()
    environment = {**os.environ, **QUIET, "LOG_LEVEL": "WARNING", **settings.as_environment()}
    with log.open("wb") as output:
        return [
            subprocess.Popen(
                [str(credentials) if word == "credentials.yml" else word for word in command],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=output,
            )
            for command in commands(settings, model).values()
        ]


def _wait(url: str, processes: list[subprocess.Popen[bytes]], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while health(url) != "ready":
        assert all(process.poll() is None for process in processes), log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.3)
