"""Whether a message is about anything known: what the regression and the nearest phrasings say, weighed together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nlu.judge import Judge
from nlu.neighbours import Found, Neighbours

KNOWN, OUTSIDE = "known.npz", "outside.npz"


class Surroundings:
    """The phrasings about something known, and those that are out of scope, each with their search.

    Args:
        known: search among what is in scope.
        outside: search among what is not; None where the phrasings have nothing of it.
    """

    def __init__(self, known: Neighbours, outside: Neighbours | None) -> None:
        """Constructs it from its parts."""
        self.known, self.outside = known, outside

    @classmethod
    def fit(cls, vectors: np.ndarray, outside: np.ndarray) -> Surroundings:
        """Groups the phrasings of both kinds.

        Args:
            vectors: float32 (phrasings, 384), of length 1.
            outside: bool (phrasings,), which of them are out of scope.

        Returns:
            What searches them.
        """
        kinds = (np.flatnonzero(~outside), np.flatnonzero(outside))
        known, others = (Neighbours.fit(vectors[places], places) if len(places) else None for places in kinds)
        return cls(known, others)

    @property
    def kinds(self) -> Sequence[Neighbours]:
        """The searches there are."""
        return [kind for kind in (self.known, self.outside) if kind]

    def around(self, vector: np.ndarray) -> Sequence[Found]:
        """Searches both kinds.

        Args:
            vector: float32 (384,), of length 1.

        Returns:
            What was found among the known ones, and among the others.
        """
        return [kind.around(vector) for kind in self.kinds]

    def save(self, folder: Path) -> None:
        """Writes the arrays.

        Args:
            folder: exists.
        """
        self.known.save(folder / KNOWN)
        if self.outside:
            self.outside.save(folder / OUTSIDE)

    @classmethod
    def load(cls, folder: Path) -> Surroundings:
        """Reads what ``save`` wrote.

        Args:
            folder: where it was written.

        Returns:
            What searches the phrasings.
        """
        outside = Neighbours.load(folder / OUTSIDE) if (folder / OUTSIDE).is_file() else None
        return cls(Neighbours.load(folder / KNOWN), outside)


class ScopeJudge:
    """Gives the probability that a message is in scope.

    Args:
        judge: over the measurements that ``_measure`` takes.
        column: of the out-of-scope intent in the scores.
    """

    def __init__(self, judge: Judge, column: int) -> None:
        """Constructs a fitted judge."""
        self._judge, self._column = judge, column

    @classmethod
    def fit(
        cls, left_out: np.ndarray, vectors: np.ndarray, surroundings: Surroundings, column: int, outside: np.ndarray
    ) -> ScopeJudge:
        """Learns from out-of-scope phrasings how known and unknown messages differ.

        Args:
            left_out: (phrasings, intents), each phrasing's scores with itself left out.
            vectors: float32 (phrasings, 384), of length 1.
            surroundings: of these phrasings.
            column: of the out-of-scope intent.
            outside: bool (phrasings,); both kinds occur.

        Returns:
            The judge.
        """
        own = np.arange(len(vectors))
        closeness = np.column_stack([kind.closeness(vectors, own) for kind in surroundings.kinds])
        return cls(Judge.fit(_measure(left_out, closeness, column), ~outside), column)

    def probability(self, scores: np.ndarray, found: Sequence[Found]) -> float:
        """Judges a message.

        Args:
            scores: (intents,).
            found: what is around it, of both kinds.

        Returns:
            A probability.
        """
        closeness = np.array([[each.closeness() for each in found]])
        return float(self._judge.probability(_measure(scores[None], closeness, self._column))[0])

    def as_dict(self) -> dict[str, object]:
        """What was learnt, as JSON."""
        return self._judge.as_dict()

    @classmethod
    def from_dict(cls, data: Mapping[str, object], column: int) -> ScopeJudge:
        """Restores a judge from ``as_dict``."""
        return cls(Judge.from_dict(data), column)


def _measure(scores: np.ndarray, closeness: np.ndarray, column: int) -> np.ndarray:
    """The score of being out of scope, the two best others, and the closeness to phrasings of both kinds."""
    known = np.sort(np.delete(scores, column, axis=1), axis=1)
    return np.column_stack([scores[:, column], known[:, -1], known[:, -2], closeness])
