from __future__ import annotations

import pytest

from channels import limits
from channels.limits import InProgress, Rate, reader_address
from channels.problems import Problem


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_rate_allows_a_burst_then_the_rate():
    clock = Clock()
    rate = Rate(per_minute=6, burst=3, clock=clock)
    for _ in range(3):
        rate.take("a")
    with pytest.raises(Problem) as refused:
        rate.take("a")
    assert refused.value.headers["Retry-After"] == "10"
    rate.take("b")
    clock.now += 9.9
    with pytest.raises(Problem):
        rate.take("a")
    clock.now += 0.1
    rate.take("a")
    clock.now += 30
    for _ in range(3):
        rate.take("a")


def test_rate_does_not_count_what_it_refuses():
    clock = Clock()
    rate = Rate(per_minute=60, burst=1, clock=clock)
    rate.take("a")
    for _ in range(5):
        with pytest.raises(Problem):
            rate.take("a")
    clock.now += 1
    rate.take("a")


def test_rate_remembers_only_so_many(monkeypatch):
    monkeypatch.setattr(limits, "MOST_KEYS", 10)
    clock = Clock()
    rate = Rate(per_minute=1, burst=1, clock=clock)
    for number in range(1000):
        rate.take(str(number))
        assert len(rate._due) <= 10
    with pytest.raises(Problem):
        rate.take("999")


def test_rate_forgets():
    rate = Rate(per_minute=1, burst=1)
    rate.take("a")
    rate.forget("a")
    rate.forget("never seen")
    assert "a" not in rate
    rate.take("a")


def test_in_progress_is_full_and_frees_its_place_after_an_error():
    places = InProgress(1, 5)

    def fail() -> None:
        with places.one():
            with pytest.raises(Problem, match="busy"):
                places.one().__enter__()
            raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fail()


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("192.0.2.1", [], 0, "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], 0, "192.0.2.1"),
        ("127.0.0.1", [], 0, None),
        ("::1", [], 0, None),
        ("127.0.0.1", ["1.1.1.1", "198.51.100.7"], 1, "198.51.100.7"),
        ("127.0.0.1", ["1.1.1.1", "198.51.100.7", "10.0.0.1"], 2, "198.51.100.7"),
        ("192.0.2.1", [], 1, "192.0.2.1"),
        ("127.0.0.1", ["unknown"], 1, None),
        ("2001:db8:1:2:3:4:5:6", [], 0, "2001:0db8:0001:0002::/64"),
        ("2001:db8:1:2::9", [], 0, "2001:0db8:0001:0002::/64"),
        ("::ffff:192.0.2.1", [], 0, "192.0.2.1"),
    ],
)
def test_reader_address(peer, forwarded, proxies, address):
    assert reader_address(peer, forwarded, proxies) == address


def test_in_progress_is_counted_for_each_key():
    places = InProgress(1, 5, "too_many")
    with places.one("a"), places.one("b"), pytest.raises(Problem, match="too_many"):
        places.one("a").__enter__()
    assert places._counts == {}
