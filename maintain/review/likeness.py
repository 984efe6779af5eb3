"""Which messages are alike, so that one decision does for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maintain.review.nearest import Nearest

ALIKE = 0.55
"""Similarity from which two messages are one group: seen on readers' messages, they then ask the same thing."""
ROWS = 256
"""Messages that are compared at a time."""


class Likeness:
    """Numbers groups of similar texts: each text joins the group whose first text is most similar, or founds one.

    It remembers hashes and vectors, no text, so that new messages cost only their own comparison.
    """

    def __init__(self, spelling: Nearest) -> None:
        """Starts without any group.

        Args:
            spelling: makes texts into vectors.
        """
        self._spelling = spelling
        self._group: dict[int, int] = {}
        self._firsts: Any = None
        self._count = 0

    def groups_of(self, texts: Sequence[str]) -> list[int]:
        """The number of the group of each text.

        Args:
            texts: oldest first, so that groups stay the same when more come.
        """
        new = list(dict.fromkeys(text for text in texts if hash(text) not in self._group))
        for start in range(0, len(new), ROWS):
            self._join(new[start : start + ROWS])
        return [self._group[hash(text)] for text in texts]

    def _join(self, texts: Sequence[str]) -> None:
        vectors = self._spelling.vectors(texts)
        among = (vectors @ vectors.T).toarray()
        numbers = self._nearest_groups(vectors)
        firsts: list[int] = []
        for place, number in enumerate(numbers):
            if number < 0 and firsts and among[place, firsts].max() >= ALIKE:
                numbers[place] = numbers[firsts[int(among[place, firsts].argmax())]]
            elif number < 0:
                numbers[place] = self._count + len(firsts)
                firsts.append(place)
        self._group.update(zip(map(hash, texts), map(int, numbers), strict=True))
        self._found(vectors[firsts], len(firsts))

    def _nearest_groups(self, vectors: Any) -> np.ndarray:
        """The group that each row belongs to, -1 where none is alike."""
        if self._firsts is None:
            return np.full(vectors.shape[0], -1)
        cosines = (vectors @ self._firsts.T.tocsr()).toarray()
        return np.where(cosines.max(axis=1) >= ALIKE, cosines.argmax(axis=1), -1)

    def _found(self, vectors: Any, count: int) -> None:
        from scipy.sparse import vstack

        if count:
            self._firsts = vectors if self._firsts is None else vstack([self._firsts, vectors], format="csr")
            self._count += count
