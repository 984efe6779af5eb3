"""What the kernel ``exp(-gamma * |a - b|^2)`` compares of messages, and the kernel between phrasings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import sparse

from nlu.features import Words, stacked

FREQUENT = 768
"""Words and n-grams, those that stand in the most phrasings, that are multiplied as dense numbers."""


class Points(NamedTuple):
    """Where messages stand. All numbers are times ``sqrt(2 * gamma)``, so that the kernel between two of them is
    ``exp(a @ b - a @ a / 2 - b @ b / 2)``.

    Attributes:
        dense: float32 (messages, dense features), without the mean of the phrasings.
        frequent: float32 (messages, frequent words).
        rare: all other words of each message.
    """

    dense: np.ndarray
    frequent: np.ndarray
    rare: list[Words]

    def part(self, which: np.ndarray) -> Points:
        """Those of some messages, by their places."""
        return Points(self.dense[which], self.frequent[which], [self.rare[at] for at in which])


class Space:
    """Finds where messages stand."""

    def __init__(self, gamma: float, mean: np.ndarray, frequent: np.ndarray, width: int) -> None:
        """Constructs a fitted space.

        Args:
            gamma: inverse width of the kernel.
            mean: float32 (dense features,), of the phrasings.
            frequent: int (words,), the columns of the frequent words.
            width: how many words there are.
        """
        self._gamma, self._mean, self._frequent = gamma, mean, frequent
        self._scale = np.float32(np.sqrt(2 * gamma))
        self._places = np.full(width, -1, dtype=np.int32)
        self._places[frequent] = np.arange(len(frequent), dtype=np.int32)

    @classmethod
    def fit(cls, gamma: float, dense: np.ndarray, words: Sequence[Words]) -> Space:
        """Learns the mean, and which words are frequent.

        Args:
            gamma: inverse width of the kernel.
            dense: float32 (phrasings, dense features).
            words: of each phrasing.

        Returns:
            The space.
        """
        width = words[0].width
        counts = np.bincount(np.concatenate([each.columns for each in words]), minlength=width)
        frequent = np.sort(np.argsort(-counts, kind="stable")[:FREQUENT])
        return cls(gamma, dense.mean(axis=0), frequent, width)

    def points(self, dense: np.ndarray, words: Sequence[Words]) -> Points:
        """Finds where messages stand.

        Args:
            dense: float32 (messages, dense features).
            words: of each message.

        Returns:
            Their points.
        """
        frequent, rare = np.zeros((len(words), len(self._frequent)), dtype=np.float32), []
        for row, each in enumerate(words):
            places, values = self._places[each.columns], self._scale * each.values
            other = places < 0
            frequent[row, places[~other]] = values[~other]
            rare.append(Words(each.columns[other], values[other], each.width))
        return Points((dense - self._mean) * self._scale, frequent, rare)

    def save(self, folder: Path) -> None:
        """Writes the space as arrays.

        Args:
            folder: exists.
        """
        arrays = {"gamma": self._gamma, "mean": self._mean, "frequent": self._frequent, "width": len(self._places)}
        np.savez(folder / "space.npz", **arrays)

    @classmethod
    def load(cls, folder: Path) -> Space:
        """Reads what ``save`` wrote.

        Args:
            folder: where it was written.

        Returns:
            The space.
        """
        with np.load(folder / "space.npz") as arrays:
            return cls(float(arrays["gamma"]), arrays["mean"], arrays["frequent"], int(arrays["width"]))


class Rows(NamedTuple):
    """Messages as the kernel compares them with one another.

    Attributes:
        numbers: float32 (messages, numbers), the dense ones of their points.
        words: float32 (messages, words), the others.
        halves: float32 (messages,), half of each one's squared length.
    """

    numbers: np.ndarray
    words: sparse.csr_matrix
    halves: np.ndarray

    @classmethod
    def of(cls, numbers: np.ndarray, rare: Sequence[Words]) -> Rows:
        """Puts them together.

        Args:
            numbers: float32 (messages, numbers).
            rare: the other words of each.
        """
        of_words = [np.vdot(each.values, each.values) for each in rare]
        halves = (np.einsum("ij,ij->i", numbers, numbers) + np.array(of_words, dtype=np.float32)) / 2
        return cls(numbers, stacked(rare), halves)

    def part(self, which: slice | np.ndarray) -> Rows:
        """Some of them."""
        return Rows(self.numbers[which], self.words[which], self.halves[which])


def kernel(one: Rows, other: Rows) -> np.ndarray:
    """The kernel between messages.

    In one array: it may have as many numbers as pairs of phrasings. Frequent words as dense numbers are five times as
    fast as all words as sparse ones.

    Args:
        one: those in rows.
        other: those in columns.

    Returns:
        float32 (rows, columns).
    """
    exponent = (one.words @ other.words.T).toarray()
    exponent += one.numbers @ other.numbers.T
    exponent -= one.halves[:, None]
    exponent -= other.halves
    return np.exp(np.minimum(exponent, 0, out=exponent), out=exponent)
