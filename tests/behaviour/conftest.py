"""Asks the real assistant, one conversation a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from maintain.chat_client import ChatClient
from maintain.scoring import Labelled, Outcome, outcome

START_WITHIN = 900
"""Seconds that the first test may take: it waits for a training and a start, perhaps on a busy machine."""

Ask = Callable[[str], Outcome]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of this folder that ask talk to real processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents and "ask" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.server)
            item.add_marker(pytest.mark.timeout(START_WITHIN))


@pytest.fixture(scope="session")
def ask(assistant: Any) -> Iterator[Ask]:
    """What the assistant makes of a message; the same one is asked once."""
    with ChatClient(assistant.url) as client:

        @cache
        def asked(text: str) -> Outcome:
            client.start()
            reply = client.send(text)
            client.delete()
            return outcome(Labelled("", text, frozenset(), (), "none", ""), reply)

        yield asked
