"""Figures that are kept part by part."""

from __future__ import annotations

from pathlib import Path

from maintain.bench.results import Spread, keep, load


def test_results_of_a_part_take_the_place_of_its_last_ones(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "figures.json"
    keep(path, "start", {"ours": {"seconds": [1.23456, 2.0]}}, {"load": 0.5, "measured": "today"})
    keep(path, "latency", {"ours": [{"p50": 12345.6}]}, {"load": 0.0, "measured": "today"})
    keep(path, "start", {"ours": {"seconds": [3.0]}}, {"load": 0.5, "measured": "today"})
    kept = load(path)
    assert kept["start"]["ours"] == {"seconds": [3.0]}
    assert kept["start"]["load"] == 0.5
    assert kept["latency"]["ours"] == [{"p50": 12350.0}]
    assert kept["machine"]["cores"] >= 1
    assert load(tmp_path / "missing.json") == {}


def test_results_spread() -> None:
    assert Spread.of([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0, 3)
