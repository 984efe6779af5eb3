"""Whether a message is about anything known: what the regression and the nearest phrasings say, weighed together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nlu.judge import Judge

NEIGHBOURS = 3
"""How many nearest phrasings make up the closeness to something known; one alone may be an odd one."""

BLOCK = 256
"""Phrasings that are compared with all others at once; what that takes stays in the processor's cache."""


class ScopeJudge:
    """Gives the probability that a message is in scope.

    Args:
        judge: over the measurements that ``_measure`` takes.
        column: of the out-of-scope intent in the scores.
        outside: which phrasings are out of scope, bool (phrasings,).
    """

    def __init__(self, judge: Judge, column: int, outside: np.ndarray) -> None:
        """Constructs a fitted judge."""
        self._judge, self._column, self._outside = judge, column, outside

    @classmethod
    def fit(cls, left_out: np.ndarray, vectors: np.ndarray, column: int, outside: np.ndarray) -> ScopeJudge:
        """Learns from out-of-scope phrasings how known and unknown messages differ.

        Args:
            left_out: (phrasings, intents), each phrasing's scores with itself left out.
            vectors: float32 (phrasings, 384), of length 1.
            column: of the out-of-scope intent.
            outside: bool (phrasings,); both kinds occur.

        Returns:
            The judge.
        """
        measured = []
        for start in range(0, len(vectors), BLOCK):
            scores, cosines = left_out[start : start + BLOCK], vectors[start : start + BLOCK] @ vectors.T
            np.fill_diagonal(cosines[:, start:], -1.0)
            measured.append(_measure(scores, cosines, column, outside))
        return cls(Judge.fit(np.concatenate(measured), ~outside), column, outside)

    def probability(self, scores: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """Judges messages.

        Args:
            scores: (messages, intents).
            cosines: (messages, phrasings).

        Returns:
            Probabilities, (messages,).
        """
        return self._judge.probability(_measure(scores, cosines, self._column, self._outside))

    def as_dict(self) -> dict[str, object]:
        """What was learnt, as JSON."""
        return self._judge.as_dict()

    @classmethod
    def from_dict(cls, data: Mapping[str, object], column: int, outside: np.ndarray) -> ScopeJudge:
        """Restores a judge from ``as_dict``."""
        return cls(Judge.from_dict(data), column, outside)


def _measure(scores: np.ndarray, cosines: np.ndarray, column: int, outside: np.ndarray) -> np.ndarray:
    """The score of being out of scope, the two best others, and the closeness to phrasings of both kinds."""
    known = np.sort(np.delete(scores, column, axis=1), axis=1)
    closeness = [_closeness(cosines.take(np.flatnonzero(kind), axis=1)) for kind in (outside, ~outside)]
    return np.column_stack([scores[:, column], known[:, -1], known[:, -2], *closeness])


def _closeness(cosines: np.ndarray) -> np.ndarray:
    """Mean of the largest cosines of each row, which are overwritten: to look for the largest thrice is faster than to
    sort."""
    rows, largest = np.arange(len(cosines)), []
    for _ in range(min(NEIGHBOURS, cosines.shape[1])):
        place = cosines.argmax(axis=1)
        largest.append(cosines[rows, place])
        cosines[rows, place] = -np.inf
    return np.mean(largest, axis=0)
