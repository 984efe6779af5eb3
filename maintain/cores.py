"""How many cores this process may use."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

LIMIT = Path("/sys/fs/cgroup/cpu.max")
"""Where a container sees how much processor time it may take (cgroup 2): microseconds, or ``max``, of each period."""


def usable_cores(limit: Path = LIMIT) -> int:
    """The cores that this process may run on, or as many whole ones as it may take processor time of; at least 1.

    Args:
        limit: the file with the limit of processor time; it counts as none where it cannot be read.
    """
    cores = len(os.sched_getaffinity(0))
    with suppress(OSError, ValueError):
        most, period = limit.read_text(encoding="ascii").split()
        cores = min(cores, max(1, int(most) // int(period)))
    return cores


def nlu_processes() -> int:
    """How many processes understand messages where nobody says it: one a core, none where there is one core alone."""
    cores = usable_cores()
    return cores if cores > 1 else 0
