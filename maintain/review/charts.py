"""Lays out the charts of the page of numbers; the template draws them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from maintain.review.numbers import Day


@dataclass(frozen=True)
class Bar:
    """One rectangle of a chart, in units of its drawing."""

    x: float
    y: float
    width: float
    height: float
    series: str


@dataclass(frozen=True)
class Chart:
    """Stacked bars, one stack a day, ready to be drawn.

    Attributes:
        width: of the drawing.
        height: of the drawing.
        bars: the rectangles.
        ticks: height of each line of the grid, and its number.
        labels: place of each day that is named, and its name.
    """

    width: float
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, int], ...]
    labels: tuple[tuple[float, str], ...]


LEFT, BOTTOM, TOP = 34.0, 22.0, 8.0
"""Room for the numbers of the grid, for the names of days, and above the highest bar."""
WIDTH, HEIGHT = 640.0, 180.0
WIDEST = 48.0
"""Width of a bar at most, so that a single day is no wall."""
NAMED = 8
"""Days that are named at most."""

Series = Mapping[str, Callable[[Day], int]]
"""Name of each part of a bar, the lowest first, and how many there are of it on a day."""


def chart(shown: Sequence[Day], series: Series) -> Chart:
    """Lays out a chart.

    Args:
        shown: of ``numbers.days``.
        series: what is stacked.

    Returns:
        The chart.
    """
    top = nice(max((sum(count(day) for count in series.values()) for day in shown), default=1))
    step = (WIDTH - LEFT) / max(len(shown), 1)
    floor, scale = HEIGHT - BOTTOM, (HEIGHT - BOTTOM - TOP) / top
    middles = [LEFT + (number + 0.5) * step for number in range(len(shown))]
    every = -(-len(shown) // NAMED) or 1
    return Chart(
        width=WIDTH,
        height=HEIGHT,
        bars=tuple(
            bar
            for middle, day in zip(middles, shown, strict=True)
            for bar in _stack(
                middle, min(step * 0.76, WIDEST), floor, [(n, count(day) * scale) for n, count in series.items()]
            )
        ),
        ticks=tuple((round(floor - half * top * scale / 2, 2), half * top // 2) for half in range(3)),
        labels=tuple((round(middles[n], 2), f"{shown[n].day:%d %b}") for n in range(0, len(shown), every)),
    )


def _stack(middle: float, width: float, floor: float, heights: Sequence[tuple[str, float]]) -> Iterator[Bar]:
    for name, height in heights:
        floor -= height
        if height:
            yield Bar(round(middle - width / 2, 2), round(floor, 2), round(width, 2), round(height, 2), name)


def nice(number: int) -> int:
    """The next even round number, as the top of a scale."""
    power = 1
    while 10 * power < number:
        power *= 10
    return next(factor * power for factor in (2, 4, 6, 8, 10) if factor * power >= number)
