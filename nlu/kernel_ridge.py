"""Ridge regression over words and over a kernel between messages, at a cost that grows with the messages alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack

from faq.errors import ModelError
from nlu.least_squares import solve
from nlu.projection import Projection

COMPONENTS = 384
"""Principal components of the dense features that count: fewer lose accuracy, more bring none (docs/decisions/0004)."""

LANDMARKS = 4000
"""Messages that the kernel compares with, at most."""

FREQUENT = 500
"""Sparse features that are solved exactly, those with the largest values; the others by iteration."""

BLOCK = 4096
"""Messages that are compared with the landmarks at once."""

DENSE_WEIGHT, WORDS_WEIGHT = 0.1, 0.12
"""Weight of the products of dense and of sparse features, against the kernel's."""

JITTER = 1e-3
"""Added to the landmarks' kernel matrix, so that phrasings which are the same do not make it singular."""

ARRAYS = ("landmarks", "curved", "straight", "bias", "words")
"""What is saved of a regression, beside the projection and the kernel's width."""


@dataclass(frozen=True)
class KernelRidge:
    """Scores how much a message asks for each of several labels: about 1 where it does, -1 where it does not.

    What two messages have in common is ``exp(-gamma * |a - b|^2)`` over the principal components of their dense
    features, and products of these components and of the sparse features. The kernel goes through landmarks, phrasings
    at even steps (Williams and Seeger, "Using the Nystrom Method to Speed Up Kernel Machines", 2001).

    Attributes:
        gamma: inverse width of the kernel.
        projection: of the dense features.
        landmarks: float32 (landmarks, components).
        curved: float32 (landmarks, labels), weights of the kernel.
        straight: float32 (dense features, labels), weights of what is projected; the mean's is in ``bias``.
        bias: float32 (labels,).
        words: float32 (sparse features, labels), weights.
    """

    gamma: float
    projection: Projection
    landmarks: np.ndarray
    curved: np.ndarray
    straight: np.ndarray
    bias: np.ndarray
    words: np.ndarray

    @classmethod
    def fit(
        cls, dense: np.ndarray, words: sparse.csr_matrix, asked: np.ndarray, gamma: float, ridge: float
    ) -> tuple[KernelRidge, np.ndarray]:
        """Fits all labels at once.

        Args:
            dense: float32 (messages, dense features).
            words: (messages, sparse features).
            asked: bool (messages, labels).
            gamma: inverse width of the kernel.
            ridge: regularisation, above 0.

        Returns:
            The regression, and float32 (messages, labels): each message's scores with itself left out.

        Raises:
            ModelError: it cannot be solved.
        """
        projection = Projection.fit(dense, COMPONENTS)
        rows = projection(dense)
        landmarks = rows[np.linspace(0, len(rows) - 1, min(LANDMARKS, len(rows)), dtype=int)]
        factor = _factor(_kernel(landmarks, landmarks, gamma, _squares(landmarks)))
        frequent, scaled = _frequent(words), words * _root(WORDS_WEIGHT)
        exact = _exact_features(rows, landmarks, gamma, factor, scaled[:, frequent])
        targets = np.where(asked, 1.0, -1.0).astype(np.float32)
        solved = solve(exact, scaled[:, ~frequent].tocsr(), targets, ridge)
        curved, straight, often = np.split(solved.dense, np.cumsum([len(landmarks), rows.shape[1]]))
        curved = blas.strsm(1.0, factor, np.asfortranarray(curved), lower=True, trans_a=True)
        straight = projection.axes @ straight * _root(DENSE_WEIGHT)
        by_word = np.empty((words.shape[1], targets.shape[1]), dtype=np.float32)
        by_word[frequent], by_word[~frequent] = often, solved.words
        by_word *= _root(WORDS_WEIGHT)
        bias = -projection.mean @ straight
        return cls(gamma, projection, landmarks, curved, straight, bias, by_word), solved.left_out

    def scores(self, dense: np.ndarray, words: sparse.csr_matrix) -> np.ndarray:
        """Scores messages.

        Args:
            dense: float32 (messages, dense features).
            words: (messages, sparse features).

        Returns:
            float32 (messages, labels).
        """
        kernel = _kernel(self.projection(dense), self.landmarks, self.gamma, self._squares)
        return kernel @ self.curved + dense @ self.straight + words @ self.words + self.bias

    @cached_property
    def _squares(self) -> np.ndarray:
        return _squares(self.landmarks)

    def save(self, folder: Path) -> None:
        """Writes the regression as arrays.

        Args:
            folder: exists.
        """
        self.projection.save(folder)
        arrays = {name: getattr(self, name) for name in ARRAYS}
        np.savez(folder / "ridge.npz", gamma=self.gamma, **arrays)

    @classmethod
    def load(cls, folder: Path) -> KernelRidge:
        """Reads what ``save`` wrote.

        Args:
            folder: where it was written.

        Returns:
            The regression.
        """
        with np.load(folder / "ridge.npz") as arrays:
            return cls(float(arrays["gamma"]), Projection.load(folder), **{name: arrays[name] for name in ARRAYS})


def _exact_features(
    rows: np.ndarray, landmarks: np.ndarray, gamma: float, factor: np.ndarray, often: sparse.csr_matrix
) -> np.ndarray:
    """What is solved exactly, in columns: the kernel with white landmarks, the components and the frequent words."""
    ends = np.cumsum([len(landmarks), rows.shape[1], often.shape[1]])
    features = np.empty((ends[-1], len(rows)), dtype=np.float32, order="F")
    squares = _squares(landmarks)
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        kernel = _kernel(rows[block], landmarks, gamma, squares)
        features[: ends[0], block] = blas.strsm(1.0, factor, kernel.T, lower=True)
        features[ends[0] : ends[1], block] = rows[block].T * _root(DENSE_WEIGHT)
        features[ends[1] :, block] = often[block].toarray().T
    return features


def _root(weight: float) -> np.float32:
    """What a feature is multiplied by so that products of two come with a weight."""
    return np.float32(np.sqrt(weight))


def _kernel(rows: np.ndarray, landmarks: np.ndarray, gamma: float, squares: np.ndarray) -> np.ndarray:
    exponent = rows @ landmarks.T
    exponent *= 2
    exponent -= _squares(rows)[:, None]
    exponent -= squares
    exponent *= gamma
    return np.exp(np.minimum(exponent, 0, out=exponent), out=exponent)


def _squares(rows: np.ndarray) -> np.ndarray:
    """Squared length of each row, float32."""
    return np.einsum("ij,ij->i", rows, rows)


def _factor(kernel: np.ndarray) -> np.ndarray:
    """Cholesky factor of the landmarks' kernel matrix, which is overwritten."""
    kernel[np.diag_indices_from(kernel)] += JITTER
    factor, failed = lapack.spotrf(kernel.T, lower=True, overwrite_a=True)
    if failed:
        raise ModelError("[NLU19] The landmarks' kernel matrix cannot be factored: raise `gamma` in config.yml.")
    return factor


def _frequent(words: sparse.csr_matrix) -> np.ndarray:
    """Which sparse features have the largest values over all messages, bool (sparse features,)."""
    largest = np.argsort(-np.asarray(words.multiply(words).sum(axis=0))[0], kind="stable")[:FREQUENT]
    chosen = np.zeros(words.shape[1], dtype=bool)
    chosen[largest] = True
    return chosen
