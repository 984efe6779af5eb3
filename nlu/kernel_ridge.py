"""Kernel ridge regression, with its leave-one-out scores in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from faq.errors import ModelError


class KernelRidge:
    """Scores how much a message asks for each of several labels: about 1 where it does, -1 where it does not.

    The kernel is ``exp(-gamma * |a - b|^2)`` over dense and sparse features side by side. One Cholesky factor of the
    kernel matrix gives the weights and, exactly, what each training message would have scored had it been left out
    (Rifkin and Lippert, "Notes on Regularized Least Squares", 2007).
    """

    def __init__(self, gamma: float, dense: np.ndarray, words: sparse.csr_matrix, weights: np.ndarray) -> None:
        """Constructs a fitted regression.

        Args:
            gamma: inverse width of the kernel.
            dense: float32 (messages, dense features) of the training messages.
            words: (messages, sparse features) of the training messages.
            weights: float32 (messages, labels).
        """
        self.gamma = gamma
        self.dense = dense
        self.words = words
        self.weights = weights
        self._words_by_feature = words.T.tocsr()
        self._squares = _squares(dense, words)

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
            ModelError: the kernel matrix cannot be factored.
        """
        targets = np.where(asked, 1.0, -1.0).astype(np.float32)
        unfitted = cls(gamma, dense, words, np.zeros_like(targets))
        kernel = unfitted._kernel(dense, words)
        kernel[np.diag_indices_from(kernel)] += ridge
        factor, failed = lapack.spotrf(kernel, lower=True, overwrite_a=True)
        inverse, failed_too = lapack.spotri(factor, lower=True, overwrite_c=True)
        if failed or failed_too:
            raise ModelError(
                "[NLU11] The kernel matrix of the phrasings cannot be inverted: raise `ridge` in config.yml."
            )
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        weights = inverse @ targets
        return cls(gamma, dense, words, weights), targets - weights / np.diag(inverse)[:, None]

    def scores(self, dense: np.ndarray, words: sparse.csr_matrix) -> np.ndarray:
        """Scores messages.

        Args:
            dense: float32 (messages, dense features).
            words: (messages, sparse features).

        Returns:
            float32 (messages, labels).
        """
        return self._kernel(dense, words) @ self.weights

    def _kernel(self, dense: np.ndarray, words: sparse.csr_matrix) -> np.ndarray:
        products = dense @ self.dense.T + (words @ self._words_by_feature).toarray()
        distances = _squares(dense, words)[:, None] + self._squares[None, :] - 2 * products
        return np.exp(-self.gamma * np.maximum(distances, 0)).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Writes the regression as arrays.

        Args:
            folder: exists.
        """
        np.savez(folder / "ridge.npz", gamma=self.gamma, dense=self.dense, weights=self.weights)
        sparse.save_npz(folder / "words.npz", self.words)

    @classmethod
    def load(cls, folder: Path) -> KernelRidge:
        """Reads what ``save`` wrote.

        Args:
            folder: where it was written.

        Returns:
            The regression.
        """
        with np.load(folder / "ridge.npz") as arrays:
            return cls(
                float(arrays["gamma"]), arrays["dense"], sparse.load_npz(folder / "words.npz"), arrays["weights"]
            )


def _squares(dense: np.ndarray, words: sparse.csr_matrix) -> np.ndarray:
    """Squared length of each row."""
    return np.einsum("ij,ij->i", dense, dense) + np.asarray(words.multiply(words).sum(axis=1)).ravel()
