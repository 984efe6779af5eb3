"""An attacker's tools, and a second server whose limits are those that the attacks need."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.security.attacker import Attacker
from tests.security.server import NEW_KEY, OLD_KEY, Server, serving

START_WITHIN = 900
"""Seconds that the first test may take: it waits for a training and a start, perhaps on a busy machine."""

SETTINGS = {
    "allowed_origins": ["https://publisher.example"],
    "trusted_proxies": 1,
    "session_rate": 60_000,
    "session_burst": 60_000,
    "address_rate": 1,
    "address_burst": 5,
    "address_sessions_rate": 1,
    "address_sessions_burst": 3,
    "max_in_progress": 4,
    "session_in_progress": 2,
    "read_timeout": 1,
}
"""One session may call without an end, so that fuzzing reaches everything; one address (which the tests name in
``X-Forwarded-For``; without it they come from this very machine, which is not counted) only a few times, and again
after a minute: a slow test is not let through."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder talks to real processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.server)
            item.add_marker(pytest.mark.timeout(START_WITHIN))


@pytest.fixture(scope="session")
def target(assistant: Any) -> Server:
    """The server as operators run it, with every default."""
    return Server(assistant.url, assistant.folder)


@pytest.fixture(scope="session")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with other limits, two signing keys and an allowed origin."""
    subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], check=True)
    folder = tmp_path_factory.mktemp("limited")
    credentials = folder / "credentials.yml"
    credentials.write_text(json.dumps({"channels.chat.ChatChannel": SETTINGS}), encoding="utf-8")
    with serving(folder, credentials, f"{NEW_KEY},{OLD_KEY}") as server:
        yield server


@pytest.fixture
def attacker(target: Server) -> Iterator[Attacker]:
    """Somebody who attacks the server with every default."""
    with Attacker(target) as attacker:
        yield attacker


@pytest.fixture
def flooder(limited: Server) -> Iterator[Attacker]:
    """Somebody who attacks the server with other limits."""
    with Attacker(limited) as attacker:
        yield attacker
