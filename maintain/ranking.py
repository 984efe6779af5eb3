"""How well a score tells known from unknown, and what a threshold on it costs: pure functions over numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np


@dataclass(frozen=True)
class Judged:
    """A message with what it is and what was made of it.

    Attributes:
        asked: its label.
        predicted: the best label with no threshold, never that for out of scope.
        score: under a threshold, the message is refused.
        known: whether it is in scope.
    """

    asked: str
    predicted: str
    score: float
    known: bool

    @property
    def right(self) -> bool:
        """Whether it is in scope and its label was found."""
        return self.known and self.asked == self.predicted


def accuracy(judged: Sequence[Judged]) -> float:
    """Share of the messages in scope whose label is found with no threshold."""
    known = [each for each in judged if each.known]
    return sum(each.right for each in known) / len(known)


def auroc(judged: Sequence[Judged]) -> float:
    """Probability that a message in scope scores above one out of scope; ties count half.

    The statistic of Mann and Whitney over its maximum, which is the area under the receiver operating characteristic.
    """
    scores = np.array([each.score for each in judged])
    known = np.array([each.known for each in judged])
    outside = np.sort(scores[~known])
    below = np.searchsorted(outside, scores[known], side="left")
    not_above = np.searchsorted(outside, scores[known], side="right")
    return float((below + not_above).sum() / 2 / known.sum() / (~known).sum())


def accuracy_at(judged: Sequence[Judged], refused: float = 0.7) -> float:
    """Share of the messages in scope that are answered right under a given strictness.

    Args:
        judged: messages.
        refused: share of what is out of scope that must be refused; the threshold is the lowest that does it.

    Returns:
        The share; messages in scope that are refused count as wrong.
    """
    outside = sorted(each.score for each in judged if not each.known)
    last = outside[ceil(refused * len(outside)) - 1]
    known = [each for each in judged if each.known]
    return sum(each.right and each.score > last for each in known) / len(known)


def best_mcc(judged: Sequence[Judged]) -> float:
    """The best Matthews correlation over all thresholds, with out of scope as a class of its own.

    Args:
        judged: messages.

    Returns:
        The coefficient for several classes (J. Gorodkin, 2004). Raising the threshold moves one prediction after the
        other to the class out of scope, so all thresholds take one pass.
    """
    outside: Hashable = object()
    total = len(judged)
    true: Counter[Hashable] = Counter(each.asked if each.known else outside for each in judged)
    guessed: Counter[Hashable] = Counter(each.predicted for each in judged)
    correct = sum(each.right for each in judged)
    best, order = -1.0, sorted(range(total), key=lambda number: judged[number].score)
    for place, number in enumerate([*order, None]):
        if number is None or place == 0 or judged[number].score > judged[order[place - 1]].score:
            best = max(best, _mcc(correct, total, true, guessed))
        if number is not None:
            guessed[judged[number].predicted] -= 1
            guessed[outside] += 1
            correct += (not judged[number].known) - judged[number].right
    return best


def _mcc(correct: int, total: int, true: Counter[Hashable], guessed: Counter[Hashable]) -> float:
    together = correct * total - sum(count * true[label] for label, count in guessed.items())
    spread = (total**2 - sum(n * n for n in guessed.values())) * (total**2 - sum(n * n for n in true.values()))
    return together / sqrt(spread) if spread else 0.0


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 15) -> float:
    """Expected calibration error over bins of equal mass.

    Args:
        confidences: 0 to 1.
        right: whether each was.
        bins: number of bins; each holds as many messages as the others, one more or less.

    Returns:
        The mean gap between confidence and accuracy, weighted by the bins' sizes.
    """
    order = np.argsort(confidences, kind="stable")
    certain, true = np.asarray(confidences, dtype=float)[order], np.asarray(right, dtype=float)[order]
    parts = [part for part in np.array_split(np.arange(len(order)), bins) if len(part)]
    return float(sum(abs(certain[part].sum() - true[part].sum()) for part in parts) / len(order))
