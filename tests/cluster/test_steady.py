"""`make cluster-test`: ten minutes of steady load at 70 % of capacity, with no error, flat memory and flat latency."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter

import pytest

from maintain.settings import ROOT
from maintain.topology import Cluster
from tests.cluster.conftest import publish
from tests.cluster.load import TURNS, Load, step
from tests.cluster.steady import Minute, Slope, minutes_table, ramp_table, watch
from tests.cluster.stored import compared

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

MINUTES = int(os.environ.get("STEADY_MINUTES", "10"))
WARM_UP = 90.0
"""Seconds of the same load before: caches fill, and conversations get the length that they then keep."""
SHARE = 0.7
SESSIONS = 200
RAMP = (2, 4, 8, 16)
"""Readers who do not pause. Capacity is the most that is answered to any of these."""
GROWTH = 30.0
"""MB an hour that a server may be shown to grow by."""
SLOWER = 1.5
"""Times that the median of the last three minutes may be that of the first three."""
REPORT = ROOT / "var" / "cluster-test" / "steady.md"


async def steady(cluster: Cluster, rate: float) -> tuple[Load, list[Minute]]:
    """Readers for ten minutes, and what was seen in each of them."""
    memory: dict[str, list[tuple[float, float]]] = {}
    async with Load(cluster.url, SESSIONS, rate, TURNS) as load:
        await asyncio.sleep(WARM_UP)
        watching, began = asyncio.create_task(watch(cluster, memory)), time.monotonic()
        await asyncio.sleep(60 * MINUTES)
        watching.cancel()
    return load, Minute.all(began, MINUTES, load.messages, memory)


def test_steady_load_shows_no_error_and_stays_flat(cluster: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    ramp = [asyncio.run(step(cluster.url, readers)) for readers in RAMP]
    rate = SHARE * max(each.rate for each in ramp)
    load, minutes = asyncio.run(steady(cluster, rate))
    errors = [what for message in load.messages for _, what in message.failures] + load.starts_failed
    kept = compared(cluster.database_url, load.messages)
    lost = len({*kept.lost, *kept.unanswered})
    head = f"{SESSIONS} readers, {len(load.messages)} messages, {rate:.1f} a second ({SHARE:.0%} of capacity)"
    said = f"{head}: {len(errors)} errors, {lost} lost, {len(kept.doubled)} doubled."
    shown = f"{ramp_table(ramp)}\n\n{said}\n\n{minutes_table(minutes)}\n"
    publish(REPORT, shown, capsys)
    assert Counter(errors) == Counter()
    assert kept.is_good, kept
    for name in minutes[0].memory:
        slope = Slope.of([minute.memory[name] for minute in minutes])
        assert slope.value - slope.margin < GROWTH, f"{name} grows by {slope} MB an hour"
    first, last = ([each.median for each in part] for part in (minutes[:3], minutes[-3:]))
    assert sorted(last)[1] < SLOWER * sorted(first)[1]
