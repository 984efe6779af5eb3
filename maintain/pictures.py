"""Pictures of a measurement, each as a picture file that stands inside a page."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from faq.reply import OUT_OF_SCOPE
from maintain.cases import Case
from maintain.learning_curve import MEASURED, Point

BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#555555"
"""Colours that people with any colour vision can tell apart (Okabe and Ito, 2008)."""

SOLID: dict[str, Any] = {"color": BLUE, "alpha": 0.75}
HATCHED: dict[str, Any] = {"color": ORANGE, "alpha": 0.65, "hatch": "//"}
BESIDE: dict[str, Any] = {"frameon": False, "loc": "center left", "bbox_to_anchor": (1, 0.5)}
BINS = 20
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "pictures", "font.family": "sans-serif", "font.size": 10}


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        data: ``data:`` address of the SVG.
        alt: what it shows, in words.
    """

    data: str
    alt: str


def confusion_matrix(counts: Mapping[tuple[str, str], int], topics: frozenset[str]) -> Picture:
    """What was taken for what.

    Args:
        counts: messages by what they ask and what was understood, of ``scoring.confusion``.
        topics: the intents that the documents answer; they come first.

    Returns:
        One row for each set of intents that is asked, coloured by its shares.
    """
    names = sorted({name for cell in counts for name in cell}, key=lambda name: _place(name, topics))
    rows = [name for name in names if any(asked == name for asked, _ in counts)]
    matrix = np.array([[counts.get((asked, taken), 0) for taken in names] for asked in rows])
    shares = matrix / matrix.sum(axis=1, keepdims=True)
    figure, axes = _figure(2 + 0.5 * len(names), 1.6 + 0.32 * len(rows))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            colour = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour, size=8)
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel="understood", ylabel="asked")
    wrong = sorted(((n, cell) for cell, n in counts.items() if cell[0] != cell[1]), reverse=True)[:3]
    most = "; ".join(f"{asked} taken for {taken}, {n} times" for n, (asked, taken) in wrong) or "no mistake"
    right = sum(n for (asked, taken), n in counts.items() if asked == taken)
    return _picture(
        figure, f"Confusion matrix of {matrix.sum()} messages, {right} of them right. Most frequent mistakes: {most}."
    )


def score_histograms(cases: Sequence[Case]) -> Picture:
    """Scores of what is known and of what is not.

    Args:
        cases: whose labels say firmly whether they are in scope.

    Returns:
        Two histograms over one axis, with the threshold.
    """
    known, unknown = scores(cases)
    threshold = threshold_of(cases)
    figure, axes = _figure(8.5, 3.2)
    edges = np.linspace(0, 1, BINS + 1)
    for values, name, style in ((known, "in scope", SOLID), (unknown, "out of scope", HATCHED)):
        weights = np.full(len(values), 1 / len(values))
        axes.hist(values, edges, weights=weights, label=f"{name} ({len(values)})", **style)
    axes.axvline(threshold, color=GREY, linestyle="--", label=f"threshold {threshold:g}")
    axes.set(xlabel="score of refusal (refused on the left of the threshold)", ylabel="share of its kind")
    axes.legend(**BESIDE)
    return _picture(
        figure,
        f"Histograms of the score: median {np.median(known):.2f} of {len(known)} messages in scope, median "
        f"{np.median(unknown):.2f} of {len(unknown)} out of scope. The threshold is {threshold:g}.",
    )


def threshold_curve(cases: Sequence[Case]) -> Picture:
    """What each threshold refuses, rightly and wrongly.

    Args:
        cases: whose labels say firmly whether they are in scope.

    Returns:
        Two curves over the threshold.
    """
    known, unknown = scores(cases)
    threshold = threshold_of(cases)
    steps = np.linspace(0, 1, 201)
    rightly, wrongly = ([float((part < step).mean()) for step in steps] for part in (unknown, known))
    figure, axes = _figure(8.5, 3.2)
    axes.plot(steps, rightly, color=ORANGE, label="out of scope, refused (recall)")
    axes.plot(steps, wrongly, color=BLUE, linestyle="-.", label="in scope, refused by mistake")
    axes.axvline(threshold, color=GREY, linestyle="--", label=f"threshold {threshold:g}")
    axes.set(xlabel="threshold", ylabel="share refused", ylim=(-0.02, 1.02))
    axes.legend(**BESIDE)
    return _picture(
        figure,
        f"Shares refused by threshold. At {threshold:g}: {(unknown < threshold).mean():.1%} of what is out of scope "
        f"and {(known < threshold).mean():.1%} of what is in scope.",
    )


def learning_curve(points: Sequence[Point]) -> Picture:
    """What more phrasings bring.

    Args:
        points: at least one.

    Returns:
        A line for each measure: means over the seeds, which are dots.
    """
    figure, axes = _figure(8.5, 3.4)
    sizes = sorted({point.share for point in points})
    places = [_mean([each.examples for each in points if each.share == size]) for size in sizes]
    lines = {
        name: [_mean([each.measured[name] for each in points if each.share == size]) for size in sizes]
        for name in MEASURED
    }
    for name, colour, line in zip(MEASURED, (BLUE, GREEN, ORANGE, PURPLE), ("-", "--", "-.", ":"), strict=True):
        axes.scatter([each.examples for each in points], [each.measured[name] for each in points], color=colour, s=9)
        axes.plot(places, lines[name], color=colour, linestyle=line, label=name)
    axes.set_xscale("log")
    axes.set_xticks(places, [f"{place:.0f}" for place in places])
    axes.minorticks_off()
    axes.set(xlabel="phrasings for one topic (logarithmic)", ylabel="share", ylim=(-0.02, 1.02))
    axes.legend(**BESIDE)
    return _picture(
        figure,
        f"Learning curve: {MEASURED[0]} {lines[MEASURED[0]][0]:.1%} with {places[0]:.0f} phrasings for one topic, "
        f"{lines[MEASURED[0]][-1]:.1%} with {places[-1]:.0f}. The table below has all figures.",
    )


def scores(cases: Sequence[Case]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Scores of the messages in scope and of those out of scope, where the label says firmly which."""
    firm = [each for each in cases if each.decides_scope]
    known, unknown = ([each.understood.score for each in firm if each.is_known is kind] for kind in (True, False))
    return np.array(known), np.array(unknown)


def threshold_of(cases: Sequence[Case]) -> float:
    """The threshold of refusal."""
    return float(cases[0].understood.threshold or 0)


def _place(name: str, topics: frozenset[str]) -> tuple[bool, bool, int, str]:
    intents = set(name.split("+"))
    return OUT_OF_SCOPE in intents, not intents <= topics, len(intents), name


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _figure(width: float, height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _picture(figure: Figure, alt: str) -> Picture:
    file = BytesIO()
    with rc_context(STYLE):
        figure.savefig(file, format="svg", metadata={"Date": None})
    return Picture(f"data:image/svg+xml;base64,{base64.b64encode(file.getvalue()).decode()}", alt)
