"""Waiting for something to happen, however slow the machine is: a test looks again and again, and never only once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds after which something counts as never happening."""


def wait_until(
    look: Callable[[], T], otherwise: object = "it does not happen", pause: Callable[[float], object] = time.sleep
) -> T:
    """Looks until there is something, and returns it.

    Args:
        look: returns what is waited for, or something that is not true.
        otherwise: said where it does not come; a function is called for it.
        pause: waits for some seconds.

    Raises:
        AssertionError: with those words, after ``PATIENCE``.
    """
    until = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < until, otherwise() if callable(otherwise) else otherwise
        pause(0.02)
    return seen
