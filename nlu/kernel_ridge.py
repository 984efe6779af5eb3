"""Kernel ridge regression, with its leave-one-out scores in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.linalg import lapack

from faq.errors import ModelError
from nlu.features import Words
from nlu.kernel_space import Points, Rows, Space, kernel
from nlu.landmarks import CANNOT, cholesky, fit_through
from nlu.projection import principal_axes
from nlu.rounded import RoundedPhrasings

COMPONENTS = 384
"""Principal components of the dense features: fewer lose accuracy, more bring none (docs/decisions/0004)."""

EXACT = 20_000
"""Most phrasings that are all compared with one another, which takes time with their cube and memory with their square:
1.6 GB for so many."""

LANDMARKS = 6_000
"""Phrasings that stand for all of them where there are more."""


class KernelRidge:
    """Scores how much a message asks for each of several labels: about 1 where it does, -1 where it does not.

    One Cholesky factor of the kernel matrix gives the weights and, exactly, what each training message would have
    scored had it been left out (Rifkin and Lippert, "Notes on Regularized Least Squares", 2007). Above ``EXACT``
    phrasings some stand for all (docs/decisions/0012-training-time.md). A new message is compared with rounded
    phrasings, which changes its scores in the third decimal (docs/decisions/0018-rounded-phrasings.md).
    """

    def __init__(self, space: Space, phrasings: RoundedPhrasings, weights: np.ndarray, slopes: np.ndarray) -> None:
        """Constructs a fitted regression.

        Args:
            space: of the kernel.
            phrasings: the training messages.
            weights: float32 (messages, labels), times the ``fade`` of each message.
            slopes: float32 (dense features and frequent words, labels), the sum over the messages of weight times
                features.
        """
        self._space, self._phrasings, self._weights, self._slopes = space, phrasings, weights, slopes

    @classmethod
    def fit(
        cls, dense: np.ndarray, words: Sequence[Words], asked: np.ndarray, gamma: float, ridge: float
    ) -> tuple[KernelRidge, np.ndarray]:
        """Fits all labels at once.

        Args:
            dense: float32 (messages, dense features).
            words: of each message.
            asked: bool (messages, labels).
            gamma: inverse width of the kernel.
            ridge: regularisation, above 0.

        Returns:
            The regression, and float32 (messages, labels): each message's scores with itself left out.

        Raises:
            ModelError: the kernel matrix cannot be factored.
        """
        space = Space.fit(gamma, dense, words)
        points = space.points(dense, words)
        axes = principal_axes(points.dense, COMPONENTS)
        rows = Rows.of(np.concatenate([points.dense @ axes, points.frequent], axis=1), points.rare)
        chosen, weights, left_out = _solve(rows, np.where(asked, 1.0, -1.0).astype(np.float32), ridge)
        kept = rows.part(chosen)
        faded = np.ascontiguousarray(weights * np.exp(-kept.halves)[:, None])
        of_components, of_words = np.split(kept.numbers.T @ faded, [axes.shape[1]])
        slopes = np.concatenate([axes @ of_components, of_words])
        return cls(space, RoundedPhrasings.fit(points.part(chosen), axes), faded, slopes), left_out

    def scores(self, dense: np.ndarray, words: Sequence[Words]) -> np.ndarray:
        """Scores messages.

        Args:
            dense: float32 (messages, dense features).
            words: of each message.

        Returns:
            float32 (messages, labels).
        """
        rows = range(len(dense))
        return np.concatenate([self._score(self._space.points(dense[[row]], [words[row]])) for row in rows])

    def _score(self, message: Points) -> np.ndarray:
        bends, fade = self._phrasings.compare(message)
        features = np.concatenate([message.dense, message.frequent], axis=1)
        return fade * (bends @ self._weights + features @ self._slopes)

    def save(self, folder: Path) -> None:
        """Writes the regression as arrays, and the multiplication with the phrasings as ONNX.

        Args:
            folder: exists.
        """
        self._space.save(folder)
        self._phrasings.save(folder)
        np.savez(folder / "ridge.npz", weights=self._weights, slopes=self._slopes)

    @classmethod
    def load(cls, folder: Path) -> KernelRidge:
        """Reads what ``save`` wrote.

        Args:
            folder: where it was written.

        Returns:
            The regression.
        """
        with np.load(folder / "ridge.npz") as arrays:
            return cls(Space.load(folder), RoundedPhrasings.load(folder), arrays["weights"], arrays["slopes"])


def _solve(rows: Rows, targets: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which phrasings get weights, these, and the scores of each phrasing with itself left out."""
    count = len(targets)
    if count > EXACT:
        chosen = np.linspace(0, count - 1, LANDMARKS, dtype=int)
        return chosen, *fit_through(rows.part(chosen), rows, targets, ridge)
    return np.arange(count), *_solve_exactly(kernel(rows, rows), targets, ridge)


def _solve_exactly(matrix: np.ndarray, targets: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """The weights, and the scores of each phrasing with itself left out; ``matrix`` is overwritten."""
    factor = cholesky(matrix.T, ridge)
    weights, failed = lapack.spotrs(factor, targets, lower=True)
    inverse, failed_too = lapack.strtri(factor, lower=True, overwrite_c=True)
    if failed or failed_too:
        raise ModelError(CANNOT)
    diagonal = np.einsum("ij,ij->j", inverse, inverse)  # of the kernel matrix's inverse; `factor` is clean above
    return weights, targets - weights / diagonal[:, None]
