"""Starts ``python -m maintain run`` and looks after its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from maintain.assistant import START_WITHIN, free_ports
from maintain.run import health


@dataclass(frozen=True)
class Started:
    """An assistant that answers.

    Attributes:
        url: where it runs.
        process: the command; its server is another process.
        log: the file that both write to.
        database: its conversations.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    database: Path

    def pids(self, word: str = "") -> list[int]:
        """The processes that are alive and belong to this assistant: the database's path is in their environment.

        Args:
            word: what must stand in the command line.
        """
        mark = f"FAQ_DATABASE={self.database}".encode()
        return [
            int(folder.name)
            for folder in Path("/proc").iterdir()
            if folder.name.isdigit()
            and mark in _content(folder / "environ").split(b"\0")
            and word in _content(folder / "cmdline").decode(errors="replace")
        ]


@contextmanager
def started(root: Path, folder: Path) -> Iterator[Started]:
    """Runs the assistant of a project on free ports until the end of the block, however it ends.

    Args:
        root: the project's top folder.
        folder: for its log and its database.

    Yields:
        The assistant, ready to answer.
    """
    (port,) = map(str, free_ports(1))
    database, log = folder / "conversations.db", folder / "assistant.log"
    settings = {"FAQ_PORT": port, "FAQ_DATABASE": str(database)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "maintain", "run"],
            cwd=root,
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    assistant = Started(f"http://127.0.0.1:{port}", process, log, database)
    try:
        _wait(assistant)
        yield assistant
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        finally:
            for pid in assistant.pids():
                os.kill(pid, signal.SIGKILL)
            process.wait()


def _wait(assistant: Started) -> None:
    deadline = time.monotonic() + START_WITHIN
    while (state := health(assistant.url)) != "ready":
        assert assistant.process.poll() is None, assistant.log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, f"{state}\n{assistant.log.read_text(encoding='utf-8')}"
        time.sleep(0.3)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # it ended meanwhile, or belongs to somebody else
