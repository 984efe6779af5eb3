"""A reader for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maintain.settings import ROOT
from tests.conversations.reader import Reader

START_WITHIN = 900
"""Seconds that the first test may take: it waits for a training and a start, perhaps on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder talks to real processes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.server)
            item.add_marker(pytest.mark.timeout(START_WITHIN))


@pytest.fixture
def reader(assistant: Any) -> Iterator[Reader]:
    """Somebody in a new conversation."""
    reader = Reader(assistant.url, ROOT / "data" / "documents")
    reader.start()
    yield reader
    reader.http.close()
