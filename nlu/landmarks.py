"""Kernel ridge regression through some of the phrasings, for more of them than can all be compared with one another."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.linalg import blas, lapack

from faq.errors import ModelError
from nlu.kernel_space import Rows, kernel

BLOCK = 4096
"""Phrasings that are compared with the landmarks at once."""

JITTER = 1e-3
"""Added to the landmarks' own kernel matrix, so that phrasings which are nearly the same do not make it singular."""

CANNOT = "[NLU11] The kernel matrix of the phrasings cannot be inverted: raise `ridge` in config.yml."


def fit_through(landmarks: Rows, rows: Rows, targets: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Fits all phrasings with weights of the landmarks alone, in time and memory that grow with the phrasings.

    A phrasing is described by its kernel with the landmarks, made white with their own kernel matrix (Williams and
    Seeger, "Using the Nystrom Method to Speed Up Kernel Machines", 2001). Over that the regression is linear, and what
    a phrasing scores with itself left out follows from its share in its own score.

    Args:
        landmarks: some of the phrasings.
        rows: all phrasings.
        targets: float32 (phrasings, labels), 1 or -1.
        ridge: regularisation, above 0.

    Returns:
        float32 (landmarks, labels), the weights; and float32 (phrasings, labels), the scores of each with itself left
        out.

    Raises:
        ModelError: it cannot be solved.
    """
    whitener = cholesky(kernel(landmarks, landmarks).T, JITTER)
    features = np.empty((len(landmarks.halves), len(targets)), dtype=np.float32, order="F")
    for block in _blocks(len(targets)):
        features[:, block] = blas.strsm(1.0, whitener, kernel(rows.part(block), landmarks).T, lower=True)
    factor = cholesky(blas.ssyrk(1.0, features, lower=True), ridge)
    solved, _ = lapack.spotrs(factor, features @ targets, lower=True)
    left_out = np.empty_like(targets)
    for block in _blocks(len(targets)):
        part, wanted = features[:, block], targets[block]
        white = blas.strsm(1.0, factor, part, lower=True)
        share = np.einsum("ij,ij->j", white, white)[:, None]
        left_out[block] = wanted - (wanted - part.T @ solved) / (1 - share)
    return blas.strsm(1.0, whitener, solved, lower=True, trans_a=True), left_out


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, count, BLOCK))


def cholesky(matrix: np.ndarray, added: float) -> np.ndarray:
    """Factors a symmetric matrix with something added to its diagonal.

    Args:
        matrix: float32 (phrasings, phrasings), in columns (Fortran order), so that LAPACK copies nothing. It is
            overwritten, and what stands above its diagonal is not looked at.
        added: to the diagonal.

    Returns:
        The lower factor, of the same shape, zero above the diagonal.

    Raises:
        ModelError: it cannot be factored.
    """
    matrix[np.diag_indices_from(matrix)] += added
    factor, failed = lapack.spotrf(matrix, lower=True, overwrite_a=True)
    if failed:
        raise ModelError(CANNOT)
    return factor
