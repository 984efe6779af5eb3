"""Principal components: fewer numbers a message that keep most of the distances between messages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.linalg import eigh


@dataclass(frozen=True)
class Projection:
    """A fitted projection.

    Attributes:
        mean: float32 (features,), subtracted.
        axes: float32 (features, components), orthonormal, the most telling first.
    """

    mean: np.ndarray
    axes: np.ndarray

    @classmethod
    def fit(cls, rows: np.ndarray, components: int) -> Projection:
        """Finds the principal components.

        Args:
            rows: float32 (messages, features).
            components: how many to keep at most.

        Returns:
            The projection.
        """
        mean = rows.mean(axis=0)
        centred = rows - mean
        spread, width = (centred.T @ centred).astype(np.float64), rows.shape[1]
        _, axes = eigh(spread, subset_by_index=[max(width - components, 0), width - 1])
        return cls(mean, np.ascontiguousarray(axes[:, ::-1], dtype=np.float32))

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Projects rows.

        Args:
            rows: float32 (messages, features).

        Returns:
            float32 (messages, components).
        """
        return (rows - self.mean) @ self.axes

    def save(self, folder: Path) -> None:
        """Writes the projection as arrays.

        Args:
            folder: exists.
        """
        np.savez(folder / "projection.npz", mean=self.mean, axes=self.axes)

    @classmethod
    def load(cls, folder: Path) -> Projection:
        """Reads what ``save`` wrote.

        Args:
            folder: where it was written.

        Returns:
            The projection.
        """
        with np.load(folder / "projection.npz") as arrays:
            return cls(arrays["mean"], arrays["axes"])
