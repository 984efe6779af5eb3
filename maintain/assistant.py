"""Runs the whole assistant for a while beside one in use: real processes, other ports, its own database."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from faq.errors import SetupError
from maintain.run import health
from maintain.settings import ROOT

START_WITHIN = 300
"""Seconds for a start, training included; without training it takes about 20."""


@contextmanager
def running_assistant(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Starts the assistant on free ports and stops it at the end.

    Args:
        folder: for its database and its log.
        environment: further settings, such as FAQ_MODELS.

    Yields:
        Its address.

    Raises:
        SetupError: it ended, or was not ready in time; its last lines are in the message.
    """
    (port,) = map(str, free_ports(1))
    settings = {**os.environ, "FAQ_PORT": port, "FAQ_DATABASE": str(folder / "conversations.db"), **(environment or {})}
    log = folder / "assistant.log"
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "maintain", "run"], cwd=ROOT, env=settings, stdout=output, stderr=subprocess.STDOUT
        )
    url = f"http://127.0.0.1:{settings['FAQ_PORT']}"
    try:
        _wait(process, url, log)
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@contextmanager
def assistant_at(server: str | None) -> Iterator[str]:
    """Gives the address of an assistant: one that runs already, or a new one for as long as it is needed.

    Args:
        server: the address of the one that runs, or None.

    Yields:
        An address.
    """
    if server:
        yield server
        return
    with tempfile.TemporaryDirectory() as folder, running_assistant(Path(folder)) as url:
        yield url


def free_ports(number: int) -> list[int]:
    """Finds ports that nobody listens on.

    Args:
        number: how many.

    Returns:
        Different ports of the loopback address.
    """
    sockets = [socket.socket() for _ in range(number)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    while (state := health(url)) != "ready":
        if process.poll() is not None or time.monotonic() > deadline:
            last = "\n".join(log.read_text(encoding="utf-8").splitlines()[-15:])
            raise SetupError(f"[RUN05] The assistant did not start ({state}). Its last lines:\n{last}")
        time.sleep(0.3)
