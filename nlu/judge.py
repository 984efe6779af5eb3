"""A small logistic regression over a few measurements: it turns them into one calibrated probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from sklearn.linear_model import LogisticRegression


@dataclass(frozen=True)
class Judge:
    """A fitted judgement.

    Attributes:
        means: of each measurement in training, subtracted.
        scales: standard deviation of each, divided by.
        weights: of each measurement.
        bias: added.
    """

    means: Sequence[float]
    scales: Sequence[float]
    weights: Sequence[float]
    bias: float

    @classmethod
    def fit(cls, measurements: np.ndarray, outcomes: np.ndarray) -> Judge:
        """Fits a judgement to what was seen.

        Args:
            measurements: (cases, measurements); they must not have seen their own case, or the probabilities come out
                too sure.
            outcomes: bool (cases,); both kinds occur.

        Returns:
            The judge.
        """
        means, scales = measurements.mean(axis=0), measurements.std(axis=0) + 1e-9
        model = LogisticRegression(max_iter=1000).fit((measurements - means) / scales, outcomes)
        return cls(means.tolist(), scales.tolist(), model.coef_[0].tolist(), float(model.intercept_[0]))

    def probability(self, measurements: np.ndarray) -> np.ndarray:
        """Judges cases.

        Args:
            measurements: (..., measurements).

        Returns:
            Probabilities, (...,), of each case the same whichever others come with it; a product of matrices would not
            give that to the last bit.
        """
        means, scales, weights = self._arrays
        weighed = (measurements - means) / scales * weights
        return 1 / (1 + np.exp(-(weighed.sum(axis=-1) + self.bias)))

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.array(self.means), np.array(self.scales), np.array(self.weights)

    def as_dict(self) -> dict[str, object]:
        """The judge as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Judge:
        """Restores a judge from ``as_dict``."""
        return cls(**data)  # type: ignore[arg-type]
