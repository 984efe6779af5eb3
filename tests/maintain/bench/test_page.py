"""The page says what the figures say."""

from __future__ import annotations

import pytest

from faq.errors import FaqError
from maintain.bench import LONG_PARTS, PARTS, chosen
from maintain.bench.markdown import number, shown
from maintain.bench.page import page
from maintain.bench.plots import pictures
from maintain.bench.results import RESULTS, load


def test_page_is_up_to_date() -> None:
    said = "run `python -m maintain bench --page`"
    assert RESULTS.with_suffix(".md").read_text(encoding="utf-8") == page(load()), said


def test_page_shows_every_picture_and_no_other() -> None:
    drawn = pictures(load())
    folder = RESULTS.parent / "images"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("benchmark-*.svg")} == drawn
    for name, svg in drawn.items():
        assert f"(images/{name})" in page(load())
        assert svg.startswith("<?xml")
        assert len(svg) < 30_000


def test_page_has_no_part_that_is_not_measured_any_more() -> None:
    assert load().keys() - {"machine"} <= {*PARTS, *LONG_PARTS}


def test_page_can_be_written_with_any_part_missing() -> None:
    everything = load()
    for name in everything:
        page({key: value for key, value in everything.items() if key != name})
    assert "How it is measured" in page({})


def test_page_shows_a_training_that_failed() -> None:
    assert "| 100,000 | fails: no memory |" in page(
        {"large": {"measured": "", "load": 0, "100000": {"failed": "no memory"}}}
    )


def test_page_shows_stages_where_there_are_some() -> None:
    stages = {"HTTP: Sanic": 3.0, "policy: which action": 1.0}
    floor = {"network": {"p50": 2.0}, "store": {"p50": 1.0}}
    figures = {"stages": {"measured": "", "load": 0, "messages": 9, "p50_ms": 20.0, "stages": stages}}
    rounds = [{"p50": 1.0, "p95": 1.0, "p99": 1.0, "processor": 1.0}]
    said = page({**figures, "latency": {"measured": "", "load": 0, "ours": rounds, "stock": rounds, "floor": floor}})
    assert "| HTTP: Sanic | 3.00 | 2.00 | 1.5 |" in said
    assert "| policy: which action | 1.00 |  |  |" in said


@pytest.mark.parametrize("epochs", [8, None])
def test_page_says_after_how_many_epochs_the_stock_assistant_was_judged(epochs: int | None) -> None:
    figures = load()
    said = page({"understanding": {**figures["understanding"], "epochs": epochs}})
    assert ("Its model had 8 of 100 epochs." in said) == (epochs == 8)


@pytest.mark.parametrize(("value", "said"), [(1234.5, "1,234"), (12.34, "12.3"), (1.234, "1.23")])
def test_page_numbers(value: float, said: str) -> None:
    assert number(value) == said


def test_page_shows_the_spread() -> None:
    assert shown([1.0, 3.0, 2.0]) == "2.00 (1.00–3.00)"
    assert shown([1.0]) == "1.00"


def test_bench_parts_are_checked() -> None:
    assert chosen("start,large") == ["start", "large"]
    with pytest.raises(FaqError, match=r"BEN05.*'speed'.*training"):
        chosen("speed")
