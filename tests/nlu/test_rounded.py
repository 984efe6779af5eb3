"""Rounded phrasings against those that are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.features import Words
from nlu.kernel_space import Points
from nlu.rounded import RoundedPhrasings
from tests.nlu.points import DENSE, ROWS, exact, points


@pytest.fixture(scope="module")
def phrasings() -> RoundedPhrasings:
    return RoundedPhrasings.fit(points(), np.eye(DENSE, dtype=np.float32))


def message(row: int) -> Points:
    """One of the phrasings as a message."""
    dense, frequent, rare = points()
    return Points(dense[[row]], frequent[[row]], [rare[row]])


def test_rounded_phrasings_give_the_kernel(phrasings: RoundedPhrasings) -> None:
    dense, frequent, _ = points()
    found = [phrasings.compare(message(row)) for row in range(ROWS)]
    products = dense @ dense.T + frequent @ frequent.T
    fades = np.array([fade for _, fade in found])
    kernel = fades[:, None] * (np.stack([bends for bends, _ in found]) + products) * fades
    np.testing.assert_allclose(kernel, exact(), atol=0.005)


def test_rounded_phrasings_are_the_same_when_loaded(phrasings: RoundedPhrasings, tmp_path: Path) -> None:
    phrasings.save(tmp_path)
    (one, _), (other, _) = (each.compare(message(4)) for each in (phrasings, RoundedPhrasings.load(tmp_path)))
    np.testing.assert_array_equal(one, other)


def test_rounded_phrasings_take_a_message_without_rare_words(phrasings: RoundedPhrasings) -> None:
    columns, values, width = message(4).rare[0]
    bends, _ = phrasings.compare(message(4)._replace(rare=[Words(columns[:0], values[:0], width)]))
    assert bends.shape == (ROWS,)
