from __future__ import annotations

import sys
import threading
import time
from types import SimpleNamespace

import pytest

from channels.giving_way import REST, STRETCH, Rests, giving_way
from tests.patience import PATIENCE


def work() -> None:
    """Something with calls in it."""
    for number in range(100):
        str(number)


def test_giving_way_rests_while_somebody_waits():
    waiting = ["a reader"]
    threading.Timer(0.3, waiting.clear).start()
    with giving_way(waiting):
        began, busy = time.perf_counter(), time.thread_time()
        while waiting:
            work()
        busy, passed = time.thread_time() - busy, time.perf_counter() - began
    assert busy < passed / 3, "it runs for a tenth of the time; a machine that is busy itself gives it less"


def test_giving_way_rests_no_longer_than_a_moment_at_a_time(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr("channels.giving_way.time", SimpleNamespace(perf_counter=lambda: now[0], sleep=sleep))
    rests = Rests(["a reader"])
    rests.rest()
    ended = now[0]
    assert REST <= ended - 100 < 1.1 * REST
    rests.rest()
    assert now[0] == ended, "it runs for a stretch before it rests again"
    now[0] += STRETCH
    rests.rest()
    assert now[0] > ended + REST


def test_giving_way_ends_where_somebody_always_waits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.giving_way.MOST", 2 * REST)
    before = sys.getprofile()
    with giving_way(["a reader"]):
        until = time.perf_counter() + PATIENCE
        while sys.getprofile() is not before and time.perf_counter() < until:
            work()
        assert sys.getprofile() is before, "the work goes on undisturbed"


def test_giving_way_puts_everything_back():
    before = sys.getswitchinterval(), sys.getprofile()
    with pytest.raises(ValueError, match="broken"), giving_way(()):
        raise ValueError("broken")
    assert (sys.getswitchinterval(), sys.getprofile()) == before
