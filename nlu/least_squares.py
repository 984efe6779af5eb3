"""Ridge regression over a few dense and very many sparse features, with its leave-one-out scores."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import blas, lapack

from faq.errors import ModelError

PROBES = 32
"""Random signs that estimate how much each case decides its own score; with fewer cases than that, it is exact."""

CLOSE_ENOUGH = 1e-3
"""What may be left of the targets, which are 1 and -1."""

STEPS = 100
"""Most steps of the iteration; about 20 are enough."""

CANNOT = "[NLU11] The regression over the phrasings cannot be solved: raise `ridge` in config.yml."


class Solution(NamedTuple):
    """A fitted regression.

    Attributes:
        cases: float32 (cases, targets), the weight of each case.
        dense: float32 (dense features, targets), the weights.
        words: float32 (sparse features, targets), the weights.
        left_out: float32 (cases, targets), what each case scores when it is left out.
    """

    cases: np.ndarray
    dense: np.ndarray
    words: np.ndarray
    left_out: np.ndarray


def solve(dense: np.ndarray, words: sparse.csr_matrix, targets: np.ndarray, ridge: float) -> Solution:
    """Fits all targets at once, in time and memory that grow with the cases and not with their square.

    The weights of the cases solve ``(D D' + W W' + ridge I) cases = targets``. Conjugate gradients do, preconditioned
    with the same matrix, of whose ``W W'`` only the diagonal is left: the Woodbury identity inverts it. What a case
    scores when it is left out is its target less its weight over its place on the diagonal of the inverse (Rifkin and
    Lippert, "Notes on Regularized Least Squares", 2007). That diagonal is exact for the preconditioner; what is missing
    is estimated with random signs (Bekas, Kokiopoulou and Saad, "An estimator for the diagonal of a matrix", 2007), the
    same ones every time.

    Args:
        dense: float32 (dense features, cases), in columns (Fortran order); it is overwritten.
        words: float32 (cases, sparse features).
        targets: float32 (cases, targets).
        ridge: regularisation, above 0.

    Returns:
        The regression.

    Raises:
        ModelError: it cannot be solved.
    """
    system = _System(dense, words, ridge)
    count = targets.shape[1]
    probes = _probes(len(targets))
    right = np.column_stack([targets, probes])
    first = system.approximate(right)
    solved = system.improve(first)
    missing = (probes * (solved - first)[:, count:]).sum(axis=1) / (probes[0] ** 2).sum()
    weights = np.ascontiguousarray(solved[:, :count])
    left_out = targets - weights / (system.diagonal + missing)[:, None]
    return Solution(weights, system.dense_weights(weights), words.T @ weights, left_out)


class _System:
    """The matrix of the equations, as products with it; none of its size is ever made."""

    def __init__(self, dense: np.ndarray, words: sparse.csr_matrix, ridge: float) -> None:
        if ridge <= 0:
            raise ModelError(CANNOT)
        lengths = np.asarray(words.multiply(words).sum(axis=1)).astype(np.float32)
        self._words, self._words_by_feature, self._lengths = words, words.T.tocsr(), lengths
        self._scales = np.sqrt(lengths + np.float32(ridge))
        dense /= self._scales[:, 0]
        gram = blas.ssyrk(1.0, dense, lower=True)
        gram[np.diag_indices_from(gram)] += 1
        factor, failed = lapack.spotrf(gram, lower=True, overwrite_a=True)
        if failed or not np.isfinite(factor).all():
            raise ModelError(CANNOT)
        self._factor = factor
        self._white = blas.strsm(1.0, factor, dense, lower=True, overwrite_b=True)
        self.diagonal = (1 - np.einsum("ij,ij->j", self._white, self._white)) / self._scales[:, 0] ** 2

    def approximate(self, right: np.ndarray) -> np.ndarray:
        """Solves with the preconditioner."""
        scaled = right / self._scales
        return (scaled - self._white.T @ (self._white @ scaled)) / self._scales

    def improve(self, solved: np.ndarray) -> np.ndarray:
        """Goes on from what ``approximate`` gave, each column by itself, until it solves the equations.

        What the preconditioner makes of a direction follows from the last ones, so a step costs one product with it.
        """
        left = -self._between(solved)
        step = self.approximate(left)
        direction, preconditioned, size = step, left, (left * step).sum(axis=0)
        for _ in range(STEPS):
            product = preconditioned + self._between(direction)
            length = size / np.maximum((direction * product).sum(axis=0), np.finfo(np.float32).tiny)
            solved = solved + length * direction
            left = left - length * product
            if np.abs(left).max() < CLOSE_ENOUGH:
                return solved
            step = self.approximate(left)
            new = (left * step).sum(axis=0)
            ratio = new / np.maximum(size, np.finfo(np.float32).tiny)
            direction, preconditioned, size = step + ratio * direction, left + ratio * preconditioned, new
        raise ModelError(CANNOT)

    def _between(self, weights: np.ndarray) -> np.ndarray:
        """Product with what the preconditioner leaves out: the sparse features that different cases share."""
        return self._words @ (self._words_by_feature @ weights) - self._lengths * weights

    def dense_weights(self, cases: np.ndarray) -> np.ndarray:
        """Weights of the dense features."""
        return np.tril(self._factor) @ (self._white @ (cases * self._scales))


def _probes(cases: int) -> np.ndarray:
    """Columns whose products with a matrix tell its diagonal: float32 (cases, probes)."""
    if cases <= PROBES:
        return np.eye(cases, dtype=np.float32)
    return np.random.RandomState(0).choice(np.array([-1, 1], dtype=np.float32), (cases, PROBES))
