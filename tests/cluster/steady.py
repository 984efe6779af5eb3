"""What ten minutes of steady load show: errors, latency by minute, and how fast each server's memory grows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import linregress, t

from maintain.topology import Cluster
from tests.cluster.faults import pids
from tests.cluster.load import Message, Step, quantile

SERVERS = ("rasa-1", "rasa-2", "actions-1", "actions-2", "nginx", "redis")
"""Whose memory is watched; PostgreSQL's is a fixed share that all its processes have in common."""

SAMPLE = 2.0
"""Seconds between two looks at the memory."""

Memory = Mapping[str, Sequence[tuple[float, float]]]
"""Of each server, moments in seconds and its megabytes then."""


@dataclass(frozen=True)
class Slope:
    """How fast something grows, an hour.

    Attributes:
        value: the most likely.
        margin: to either side, 95 %.
    """

    value: float
    margin: float

    @classmethod
    def of(cls, minutes: Sequence[float]) -> Slope:
        """Fits a line through one value for each minute: single samples resemble the one before too much."""
        fit = linregress(np.arange(len(minutes)) / 60, minutes)
        return cls(float(fit.slope), float(fit.stderr * t.ppf(0.975, len(minutes) - 2)))

    def __str__(self) -> str:
        """For people."""
        return f"{self.value:+.1f} ± {self.margin:.1f}"


@dataclass(frozen=True)
class Minute:
    """One minute.

    Attributes:
        messages: answered, of those that were sent in it.
        median: seconds until the answer.
        p95: seconds that one in twenty answers took longer than.
        memory: megabytes of each server's own, the mean.
    """

    messages: int
    median: float
    p95: float
    memory: Mapping[str, float]

    @classmethod
    def all(cls, began: float, count: int, messages: Sequence[Message], memory: Memory) -> list[Minute]:
        """Sorts by minute what was observed from ``began`` on."""
        return [cls._of(began + 60 * number, messages, memory) for number in range(count)]

    @classmethod
    def _of(cls, since: float, messages: Sequence[Message], memory: Memory) -> Minute:
        waits = sorted(each.waited for each in messages if since <= each.sent < since + 60)
        used = {
            name: float(np.mean([value for moment, value in values if since <= moment < since + 60]))
            for name, values in memory.items()
        }
        return cls(len(waits), quantile(waits, 0.5), quantile(waits, 0.95), used)


async def watch(cluster: Cluster, memory: dict[str, list[tuple[float, float]]]) -> None:
    """Looks at the memory until it is cancelled."""
    processes = {name: pids(cluster, name) for name in SERVERS}
    while True:
        for name, those in processes.items():
            memory.setdefault(name, []).append((time.monotonic(), sum(map(resident, those))))
        await asyncio.sleep(SAMPLE)


def resident(pid: int) -> float:
    """Megabytes of a process's own in memory; what it has read from files comes and goes as the system likes."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("RssAnon:"))
    return int(line.split()[1]) / 1024


def ramp_table(ramp: Sequence[Step]) -> str:
    """What was answered to more and more readers."""
    rows = [
        f"| {each.readers} | {each.rate:.1f} | {1000 * each.median:.0f} ms | {1000 * each.p95:.0f} ms |"
        for each in ramp
    ]
    return "\n".join(["| readers | answered a second | p50 | p95 |", "|---|---|---|---|", *rows])


def minutes_table(minutes: Sequence[Minute]) -> str:
    """Latency and memory by minute, and how fast they grow."""
    names = list(minutes[0].memory)
    rows = [
        f"| {number} | {each.messages} | {1000 * each.median:.0f} ms | {1000 * each.p95:.0f} ms | "
        + " | ".join(f"{each.memory[name]:.1f}" for name in names)
        + " |"
        for number, each in enumerate(minutes, 1)
    ]
    slopes = [str(Slope.of([each.memory[name] for each in minutes])) for name in names]
    times = [str(Slope.of([1000 * value for value in those])) for those in latency(minutes)]
    return "\n".join(
        [
            f"| minute | messages | p50 | p95 | {' | '.join(f'{name}, MB' for name in names)} |",
            "|---" * (4 + len(names)) + "|",
            *rows,
            f"| an hour | | {' | '.join(f'{each} ms' for each in times)} | {' | '.join(slopes)} |",
        ]
    )


def latency(minutes: Sequence[Minute]) -> tuple[list[float], list[float]]:
    """The medians and the p95 of the minutes, in seconds."""
    return [each.median for each in minutes], [each.p95 for each in minutes]
