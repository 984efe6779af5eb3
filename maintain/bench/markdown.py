"""Figures and tables as the page of the benchmark shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from maintain.bench.results import Spread


def shown(values: Sequence[float]) -> str:
    """The median of several measurements, and their ends where there are several."""
    spread = Spread.of(values)
    ends = f" ({number(spread.low)}–{number(spread.high)})" if spread.number > 1 else ""
    return number(spread.middle) + ends


def number(value: float) -> str:
    """A figure with as many digits as mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def plural(count: str, thing: str) -> str:
    """``1 reader``, ``8 readers``."""
    return f"{count} {thing}{'' if count == '1' else 's'}"


def picture(name: str, alt: str) -> list[str]:
    """The lines that show a picture."""
    return [f"![{alt}](images/benchmark-{name}.svg)", ""]


def table(head: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[str]:
    """A table in Markdown, line by line."""
    return [_line(head), "|" + "---|" * len(head), *map(_line, rows)]


def _line(cells: Sequence[Any]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
