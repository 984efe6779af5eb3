from __future__ import annotations

import sys
import threading
import time

import pytest

from channels.giving_way import REST, Rests, giving_way


def work(calls: int) -> float:
    began = time.perf_counter()
    for number in range(calls):
        str(number)
    return time.perf_counter() - began


def test_giving_way_rests_while_somebody_waits():
    waiting = ["a reader"]
    threading.Timer(0.2, waiting.clear).start()
    with giving_way(waiting):
        began, calls = time.perf_counter(), 0
        while waiting:
            calls += work(1) > 0
    assert time.perf_counter() - began >= 0.1
    assert calls < 10_000, "without the rests it would be ten times as many"


def test_giving_way_rests_no_longer_than_a_moment_at_a_time():
    rests = Rests(["a reader"])
    began = time.perf_counter()
    rests.rest()
    first = time.perf_counter() - began
    rests.rest()
    assert REST <= first < 1
    assert time.perf_counter() - began - first < REST, "it runs for a stretch before it rests again"


def test_giving_way_ends_where_somebody_always_waits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("channels.giving_way.MOST", 2 * REST)
    before = sys.getprofile()
    with giving_way(["a reader"]):
        until = time.perf_counter() + 10
        while sys.getprofile() is not before and time.perf_counter() < until:
            work(1)
        assert sys.getprofile() is before, "the work goes on undisturbed"


def test_giving_way_puts_everything_back():
    before = sys.getswitchinterval(), sys.getprofile()
    with pytest.raises(ValueError, match="broken"), giving_way(()):
        raise ValueError("broken")
    assert (sys.getswitchinterval(), sys.getprofile()) == before
