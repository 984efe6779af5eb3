"""Two models on the same messages: pure functions over what each was found to tell readers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maintain.cases import Case
from maintain.judge import LEVELS, Judgement
from maintain.scoring import Outcome, Rate, rates
from maintain.slices import by_slice

RESAMPLES = 1000
"""Bootstrap samples of the messages behind the interval of a difference (percentile method; Efron, 1979)."""

KINDS = ("broken", "fixed", "flipped")


@dataclass(frozen=True)
class Change:
    """A message that two models understand differently.

    Attributes:
        kind: ``fixed`` is right only now, ``broken`` was right only before, ``flipped`` is neither or is not scored.
        before: the intents understood before, joined by ``+``.
        after: those understood now.
        seeds: in how many further trainings it is right; None where there were none.
    """

    id: str
    text: str
    asked: str
    kind: str
    before: str
    after: str
    seeds: int | None = None


@dataclass(frozen=True)
class Urgency:
    """A message, of all that were asked, whose urgency differs."""

    text: str
    due: str | None
    before: str
    after: str

    @property
    def is_lower(self) -> bool:
        """Whether less urgency is brought up than before."""
        return LEVELS.index(self.after) < LEVELS.index(self.before)


@dataclass(frozen=True)
class Row:
    """A rate of both models, and the 95 % interval of what changed.

    Attributes:
        seeds: the same rate of each further training.
    """

    before: Rate
    after: Rate
    low: float
    high: float
    seeds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """All that is shown of two models."""

    changes: tuple[Change, ...]
    urgency: tuple[Urgency, ...]
    rates: tuple[Row, ...]
    slices: tuple[Row, ...]
    names: tuple[str, str] = ("", "")
    notes: tuple[str, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON, which knows no NaN: what nothing is known of is None."""
        return dict(_without_nan(asdict(self)))


def _without_nan(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_nan(value) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_without_nan(each) for each in node]
    return None if isinstance(node, float) and math.isnan(node) else node


def compare(
    before: Judgement, after: Judgement, topics: frozenset[str], trainings: Sequence[Sequence[Case]] = ()
) -> Comparison:
    """Compares what two models tell readers.

    Args:
        before: of the one model.
        after: of the other, on the same messages.
        topics: the intents that the documents answer.
        trainings: what further trainings make of the development messages.

    Returns:
        The comparison; broken messages first.
    """
    pairs = list(zip(before.cases, after.cases, strict=True))
    right = [sum(not one[number].is_wrong for one in trainings) for number in range(len(pairs))]
    changes = [
        _change(*pair, number if trainings else None)
        for pair, number in zip(pairs, right, strict=True)
        if pair[0].outcome.intents != pair[1].outcome.intents
    ]
    return Comparison(
        changes=tuple(sorted(changes, key=lambda each: KINDS.index(each.kind))),
        urgency=tuple(_urgencies(before, after)),
        rates=_rows(pairs, lambda outcomes: rates(outcomes, topics), trainings),
        slices=_rows(pairs, lambda outcomes: by_slice(outcomes, topics), trainings),
    )


def _change(before: Case, after: Case, seeds: int | None) -> Change:
    label = after.label
    kinds = {(True, False): "fixed", (False, True): "broken"}
    kind = kinds.get((before.is_wrong, after.is_wrong), "flipped")
    names = ("+".join(sorted(each)) for each in (label.intents, before.outcome.intents, after.outcome.intents))
    asked, then, now = names
    return Change(label.id, label.text, asked, kind, then, now, seeds)


def _urgencies(before: Judgement, after: Judgement) -> list[Urgency]:
    found = [
        Urgency(text, after.labels.get(text), before.urgency[text], now)
        for text, now in after.urgency.items()
        if before.urgency.get(text, now) != now
    ]
    return sorted(found, key=lambda each: not each.is_lower)


Measure = Callable[[Sequence[Outcome]], Sequence[Rate]]


def _rows(pairs: Sequence[tuple[Case, Case]], measure: Measure, trainings: Sequence[Sequence[Case]]) -> tuple[Row, ...]:
    """The rates of both models. Messages are drawn in pairs: what both find hard does not widen the interval."""
    before, after = (measure([pair[side].outcome for pair in pairs]) for side in (0, 1))
    differences = _differences(pairs, measure)
    seeds = [[rate.value for rate in measure([case.outcome for case in one])] for one in trainings]
    return tuple(
        Row(one, other, *_interval(differences[:, number]), tuple(each[number] for each in seeds))
        for number, (one, other) in enumerate(zip(before, after, strict=True))
        if one.total
    )


def _differences(pairs: Sequence[tuple[Case, Case]], measure: Measure) -> NDArray[np.float64]:
    """What each rate changes by in each resample, one column a rate: every message adds its hits and totals alone."""
    if not pairs:
        return np.empty((0, 0))
    counts = np.array([[[(r.hits, r.total) for r in measure([case.outcome])] for case in pair] for pair in pairs])
    drawn = np.random.default_rng(0).integers(len(pairs), size=(RESAMPLES, len(pairs)))
    sums = np.stack([counts[sample].sum(axis=0) for sample in drawn]).astype(float)
    with np.errstate(invalid="ignore"):
        rates_of = sums[..., 0] / sums[..., 1]
    return np.asarray(rates_of[:, 1] - rates_of[:, 0])


def _interval(differences: NDArray[np.float64]) -> tuple[float, float]:
    """The middle 95 %; samples without such a message say nothing."""
    known = differences[~np.isnan(differences)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)
