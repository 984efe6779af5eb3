"""Kernel ridge regression, with its leave-one-out scores in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.linalg import lapack

from faq.errors import ModelError
from nlu.projection import Projection

FREQUENT = 0.04
"""Share of messages from which on a sparse feature counts as frequent."""

COMPONENTS = 384
"""Principal components of the dense features: fewer lose accuracy, more bring none (docs/decisions/0004)."""


class KernelRidge:
    """Scores how much a message asks for each of several labels: about 1 where it does, -1 where it does not.

    The kernel is ``exp(-gamma * |a - b|^2)`` over dense features, of which the principal components are kept (a fifth
    of the numbers, the same scores), and sparse features, side by side. One Cholesky factor of the
    kernel matrix gives the weights and, exactly, what each training message would have scored had it been left out
    (Rifkin and Lippert, "Notes on Regularized Least Squares", 2007).
    """

    def __init__(
        self, gamma: float, projection: Projection, dense: np.ndarray, words: sparse.csr_matrix, weights: np.ndarray
    ) -> None:
        """Constructs a fitted regression.

        Args:
            gamma: inverse width of the kernel.
            projection: of the dense features.
            dense: float32 (messages, components) of the training messages, projected.
            words: (messages, sparse features) of the training messages.
            weights: float32 (messages, labels).
        """
        self.gamma = gamma
        self.projection = projection
        self.dense = dense
        self.words = words
        self.weights = weights
        self._words_by_feature = words.T.tocsr()
        self._squares = _squares(dense, words)

    @classmethod
    def fit(
        cls,
        dense: np.ndarray,
        words: sparse.csr_matrix,
        asked: np.ndarray,
        gamma: float,
        ridge: float,
        components: int = COMPONENTS,
    ) -> tuple[KernelRidge, np.ndarray]:
        """Fits all labels at once.

        Args:
            dense: float32 (messages, dense features).
            words: (messages, sparse features).
            asked: bool (messages, labels).
            gamma: inverse width of the kernel.
            ridge: regularisation, above 0.
            components: how many principal components of the dense features are kept.

        Returns:
            The regression, and float32 (messages, labels): each message's scores with itself left out.

        Raises:
            ModelError: the kernel matrix cannot be factored.
        """
        targets = np.where(asked, 1.0, -1.0).astype(np.float32)
        projection = Projection.fit(dense, components)
        projected = projection(dense)
        unfitted = cls(gamma, projection, projected, words, np.zeros_like(targets))
        kernel = unfitted._kernel(projected, words, _gram(words))
        kernel[np.diag_indices_from(kernel)] += ridge
        factor, failed = lapack.spotrf(kernel.T, lower=True, overwrite_a=True)  # in columns: LAPACK copies nothing
        weights, failed_too = lapack.spotrs(factor, targets, lower=True)
        inverse, failed_last = lapack.strtri(factor, lower=True, overwrite_c=True)
        if failed or failed_too or failed_last:
            raise ModelError(
                "[NLU11] The kernel matrix of the phrasings cannot be inverted: raise `ridge` in config.yml."
            )
        diagonal = np.einsum("ij,ij->j", inverse, inverse)  # of the kernel matrix's inverse; `factor` is clean above
        return cls(gamma, projection, projected, words, weights), targets - weights / diagonal[:, None]

    def scores(self, dense: np.ndarray, words: sparse.csr_matrix) -> np.ndarray:
        """Scores messages.

        Args:
            dense: float32 (messages, dense features).
            words: (messages, sparse features).

        Returns:
            float32 (messages, labels).
        """
        projected = self.projection(dense)
        return self._kernel(projected, words, (words @ self._words_by_feature).toarray()) @ self.weights

    def _kernel(self, dense: np.ndarray, words: sparse.csr_matrix, word_products: np.ndarray) -> np.ndarray:
        """In one array, which is ``word_products``: it may have as many numbers as pairs of phrasings."""
        exponent = word_products
        exponent += dense @ self.dense.T
        exponent *= 2 * self.gamma
        exponent -= self.gamma * _squares(dense, words)[:, None]
        exponent -= self.gamma * self._squares
        return np.exp(np.minimum(exponent, 0, out=exponent), out=exponent)

    def save(self, folder: Path) -> None:
        """Writes the regression as arrays.

        Args:
            folder: exists.
        """
        self.projection.save(folder)
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
        projection, words = Projection.load(folder), sparse.load_npz(folder / "words.npz")
        with np.load(folder / "ridge.npz") as arrays:
            return cls(float(arrays["gamma"]), projection, arrays["dense"], words, arrays["weights"])


def _squares(dense: np.ndarray, words: sparse.csr_matrix) -> np.ndarray:
    """Squared length of each row, float32."""
    rows = np.repeat(np.arange(words.shape[0]), np.diff(words.indptr))
    squares = np.bincount(rows, words.data.astype(np.float64) ** 2, minlength=words.shape[0])
    return (np.einsum("ij,ij->i", dense, dense) + squares).astype(np.float32)


def _gram(words: sparse.csr_matrix) -> np.ndarray:
    """All products of rows. Frequent features are multiplied as a dense matrix: five times as fast as all as sparse."""
    frequencies = np.bincount(words.indices, minlength=words.shape[1])
    frequent = frequencies > words.shape[0] * FREQUENT
    dense, rare = words[:, frequent].toarray(), words[:, ~frequent]
    products = (rare @ rare.T).toarray()
    products += dense @ dense.T
    return products
