"""The phrasings nearest to a message, looked for where they are likely to be and not among all."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.cluster import MiniBatchKMeans

GROUP = 128
"""Phrasings in a group, on average."""

LOOK = 1024
"""Phrasings that are looked at, at least: those of the nearest groups. Up to twice as many make one group."""

NEAREST = 3
"""How many nearest phrasings make up the closeness to something known; one alone may be an odd one."""

BLOCK = 8192
"""Messages that are compared at once."""


class Found(NamedTuple):
    """Phrasings around a message.

    Attributes:
        places: int (found,), which they are.
        cosines: float32 (found,), of each to the message.
    """

    places: np.ndarray
    cosines: np.ndarray

    def nearest(self, wanted: np.ndarray) -> tuple[int, float]:
        """The nearest phrasing of those wanted, by its place, and its cosine; where none of them was found, the nearest
        of all, as far away as can be.

        Args:
            wanted: bool (phrasings,), by place.
        """
        cosines = np.where(wanted[self.places], self.cosines, -1.0)
        best = int(cosines.argmax()) if cosines.max() > -1 else int(self.cosines.argmax())
        return int(self.places[best]), float(cosines[best])

    def closeness(self) -> float:
        """Mean of the ``NEAREST`` largest cosines, or of as many as there are."""
        count = min(NEAREST, len(self.cosines))
        return float(np.partition(self.cosines, -count)[-count:].mean())


class Neighbours:
    """Vectors in groups of their like (an inverted file: Sivic and Zisserman, "Video Google", 2003).

    What a search costs hardly grows with the number of vectors. It may miss a near one that stands in a far group, in
    training as at run time.
    """

    def __init__(self, vectors: np.ndarray, places: np.ndarray, groups: np.ndarray, centres: np.ndarray) -> None:
        """Puts what belongs together side by side.

        Args:
            vectors: float32 (phrasings, 384), of length 1.
            places: int (phrasings,), how each is called by who asks.
            groups: int (phrasings,), the group of each.
            centres: float32 (groups, 384).
        """
        order = np.argsort(groups, kind="stable")
        self._vectors, self._places = np.ascontiguousarray(vectors[order]), places[order]
        self._groups, self._centres = groups[order], centres
        self._sizes = np.bincount(groups, minlength=len(centres))
        self._ends = np.cumsum(self._sizes)

    @classmethod
    def fit(cls, vectors: np.ndarray, places: np.ndarray) -> Neighbours:
        """Groups vectors, with no chance in it.

        Args:
            vectors: float32 (phrasings, 384), of length 1; at least one.
            places: int (phrasings,), how each is called by who asks.

        Returns:
            What searches them.
        """
        if len(vectors) <= 2 * LOOK:
            return cls(vectors, places, np.zeros(len(vectors), dtype=np.int64), vectors.mean(axis=0, keepdims=True))
        means = MiniBatchKMeans(
            len(vectors) // GROUP, init="random", n_init=1, max_iter=10, batch_size=4096, random_state=0
        ).fit(vectors)
        return cls(vectors, places, means.labels_, means.cluster_centers_)

    def around(self, vector: np.ndarray) -> Found:
        """Looks into the nearest groups.

        Args:
            vector: float32 (384,), of length 1.

        Returns:
            What stands there.
        """
        near, looked_at = self._near(vector[None])
        parts = [self._part(group) for group in near[looked_at]]
        places = np.concatenate([self._places[part] for part in parts])
        return Found(places, np.concatenate([self._vectors[part] @ vector for part in parts]))

    def closeness(self, vectors: np.ndarray, own: np.ndarray) -> np.ndarray:
        """The closeness of what ``around`` finds for each of many vectors, group by group, which is faster.

        Args:
            vectors: float32 (messages, 384), of length 1.
            own: int (messages,), the place at which each stands itself, and which does not count.

        Returns:
            float32 (messages,).
        """
        best = np.full((len(vectors), NEAREST), -1, dtype=np.float32)
        for start in range(0, len(vectors), BLOCK):
            block = slice(start, start + BLOCK)
            self._merge(best[block], vectors[block], own[block])
        return best.mean(axis=1)

    def _merge(self, best: np.ndarray, vectors: np.ndarray, own: np.ndarray) -> None:
        near, nearest = self._near(vectors)
        looked_at = np.empty(near.shape, dtype=bool)
        np.put_along_axis(looked_at, near, nearest, axis=1)
        for group in np.flatnonzero(looked_at.any(axis=0)):
            rows, part = np.flatnonzero(looked_at[:, group]), self._part(group)
            cosines = vectors[rows] @ self._vectors[part].T
            cosines[own[rows, None] == self._places[part]] = -1
            both = np.concatenate([best[rows], cosines], axis=1)
            best[rows] = np.partition(both, -NEAREST, axis=1)[:, -NEAREST:]

    def _near(self, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The groups in order of their distance from each vector, and which of these are looked at."""
        near = np.argsort(-(vectors @ self._centres.T), axis=1, kind="stable")
        sizes = self._sizes[near]
        return near, np.cumsum(sizes, axis=1) - sizes < LOOK

    def _part(self, group: int) -> slice:
        return slice(self._ends[group] - self._sizes[group], self._ends[group])

    def save(self, path: Path) -> None:
        """Writes the arrays.

        Args:
            path: ends in ``.npz``.
        """
        np.savez(path, vectors=self._vectors, places=self._places, groups=self._groups, centres=self._centres)

    @classmethod
    def load(cls, path: Path) -> Neighbours:
        """Reads what ``save`` wrote.

        Args:
            path: where it was written.

        Returns:
            What searches them.
        """
        with np.load(path) as arrays:
            return cls(**arrays)
