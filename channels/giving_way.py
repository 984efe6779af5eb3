"""Work in a thread that steps back while others wait: Python runs one thread at a time, and readers come first."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sized
from contextlib import contextmanager

REST = 0.05
"""Seconds of one rest at most: the work may hold a lock that somebody waits for, such as that of the log."""

STRETCH = 0.005
"""Seconds that it then runs, whoever waits."""

MOST = 8.0
"""Seconds of all rests together; then it runs beside the others, so that it ends on a server that is always busy."""

TURN = 0.001
"""Seconds after which Python lets another thread go on; an answer waits its own value, 0.005, again and again."""


@contextmanager
def giving_way(waiting: Sized) -> Iterator[None]:
    """What this thread does until the end of the block steps back, at the next call, while somebody waits.

    Python calls a profiler at each call and return of a thread; this one sleeps. It is called some million times, so it
    does next to nothing while nobody waits.

    Args:
        waiting: those who wait, changed by others; empty while nobody does.
    """
    rests = Rests(waiting)
    interval, profiler = sys.getswitchinterval(), sys.getprofile()

    def at_a_call(*_: object) -> None:
        if waiting:
            rests.rest()
            if rests.left <= 0:
                sys.setprofile(profiler)

    sys.setswitchinterval(TURN)
    sys.setprofile(at_a_call)
    try:
        yield
    finally:
        sys.setprofile(profiler)
        sys.setswitchinterval(interval)


class Rests:
    """When to rest, and for how long.

    Args:
        waiting: those who wait.

    Attributes:
        left: seconds of rests that are left.
    """

    def __init__(self, waiting: Sized) -> None:
        self._waiting = waiting
        self._runs_until = 0.0
        self.left = MOST

    def rest(self) -> None:
        """Rests until nobody waits, if it is time to, and not for long."""
        began = time.perf_counter()
        if began < self._runs_until or self.left <= 0:
            return
        while self._waiting and time.perf_counter() < began + REST:
            time.sleep(0.002)
        ended = time.perf_counter()
        self.left -= ended - began
        self._runs_until = ended + STRETCH
