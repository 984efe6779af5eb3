"""Messages made up of numbers, the same ones every time."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from nlu.features import Words, stacked
from nlu.kernel_space import Points, Space

ROWS, DENSE, WORDS, GAMMA = 60, 12, 1_000, 0.15
"""More words than count as frequent."""


def features() -> tuple[np.ndarray, list[Words]]:
    """Dense numbers, and words of which the first ones stand in most messages."""
    chance = np.random.RandomState(0)
    dense = chance.randn(ROWS, DENSE).astype(np.float32) / 4
    present = chance.rand(ROWS, WORDS) < 1 / np.arange(1, WORDS + 1) ** 0.5
    words = sparse.csr_matrix(present * chance.rand(ROWS, WORDS) / 4, dtype=np.float32)
    return dense, [Words(row.indices, row.data, WORDS) for row in words]


def exact() -> np.ndarray:
    """The kernel between them, by its definition."""
    dense, words = features()
    whole = np.concatenate([dense, stacked(words).toarray()], axis=1)
    return np.exp(-GAMMA * ((whole[:, None] - whole) ** 2).sum(axis=2))


def space() -> Space:
    """Fitted to all of it."""
    return Space.fit(GAMMA, *features())


def points() -> Points:
    """Where the messages stand."""
    return space().points(*features())
