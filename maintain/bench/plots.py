"""The pictures of the benchmark's page, as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from maintain.bench.results import Spread
from maintain.bench.systems import OURS, STOCK
from maintain.pictures import BLUE, ORANGE, STYLE

LOOKS = {OURS: ("this assistant", BLUE, "o-"), STOCK: ("stock assistant", ORANGE, "s--")}
"""Name, colour and line of each system."""

Points = Mapping[float, Spread]


def pictures(figures: Mapping[str, Any]) -> dict[str, str]:
    """Draws what there are figures of.

    Args:
        figures: of ``results.load``.

    Returns:
        SVG by file name.
    """
    made = {}
    if part := figures.get("throughput"):
        made["throughput"] = _draw(
            {
                system: {int(n): Spread.of(r["rate"] for r in rounds) for n, rounds in part[system].items()}
                for system in LOOKS
            },
            ("readers at once", "replies a second"),
            log="x",
        )
    if part := figures.get("turns"):
        made["turns"] = _draw(
            {
                system: {int(end): Spread.of(r[end] for r in part[system]) for end in part[system][0]}
                for system in LOOKS
            },
            ("turns of one conversation", "median reply, ms"),
        )
    sizes = {**figures.get("examples", {}), **figures.get("large", {})}
    trainings = {OURS: _points(sizes, "seconds"), STOCK: _points(figures.get("stock_examples", {}), "seconds")}
    if trainings[OURS]:
        made["examples"] = _draw(trainings, ("phrasings", "training, s"), log="xy")
    if part := figures.get("sections"):
        made["sections"] = _draw({OURS: _points(part, "p50")}, ("sections", "median reply, ms"), log="x")
    return {f"benchmark-{name}.svg": svg for name, svg in made.items()}


def _points(sizes: Mapping[str, Any], key: str) -> dict[float, Spread]:
    return {int(n): Spread.of([each[key]]) for n, each in sizes.items() if n.isdigit() and "failed" not in each}


def _draw(lines: Mapping[str, Points], labels: tuple[str, str], log: str = "") -> str:
    """A line for each system, with the spread of its rounds."""
    with rc_context({**STYLE, "svg.hashsalt": "benchmark"}):
        figure = Figure(figsize=(5.6, 3.0), layout="constrained")
        axes = figure.subplots()
        for system, points in lines.items():
            if points:
                _line(axes, system, points)
        axes.set(xlabel=labels[0], ylabel=labels[1])
        axes.spines[["top", "right"]].set_visible(False)
        if "x" in log:
            axes.set_xscale("log")
            ticks = sorted({x for points in lines.values() for x in points})
            axes.set_xticks(ticks, [f"{x:,}" for x in ticks])
            axes.minorticks_off()
        if "y" in log:
            axes.set_yscale("log")
        else:
            axes.set_ylim(bottom=0)
        axes.legend(frameon=False)
        written = StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


def _line(axes: Axes, system: str, points: Points) -> None:
    name, colour, style = LOOKS[system]
    xs = sorted(points)
    axes.plot(xs, [points[x].middle for x in xs], style, color=colour, label=name, markersize=4)
    axes.fill_between(
        xs, [points[x].low for x in xs], [points[x].high for x in xs], color=colour, alpha=0.2, linewidth=0
    )
