"""Where messages stand, and the kernel between them, against the kernel's definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nlu.kernel_space import FREQUENT, Rows, Space, kernel
from tests.nlu.points import WORDS, exact, features, points, space


def rows() -> Rows:
    made = points()
    return Rows.of(np.concatenate([made.dense, made.frequent], axis=1), made.rare)


def test_kernel_space_keeps_the_kernel() -> None:
    np.testing.assert_allclose(kernel(rows(), rows()), exact(), rtol=1e-4)
    some = np.array([3, 40, 41])
    np.testing.assert_allclose(kernel(rows(), rows().part(some)), exact()[:, some], rtol=1e-4)


def test_kernel_space_takes_the_words_that_most_phrasings_have() -> None:
    counts = np.bincount(np.concatenate([each.columns for each in features()[1]]), minlength=WORDS)
    rare = sorted({int(column) for each in points().rare for column in each.columns})
    assert 0 < len(rare) <= WORDS - FREQUENT
    assert counts[rare].max() <= np.sort(counts)[-FREQUENT]


def test_kernel_space_is_the_same_when_loaded(tmp_path: Path) -> None:
    space().save(tmp_path)
    one, other = points(), Space.load(tmp_path).points(*features())
    np.testing.assert_array_equal(one.dense, other.dense)
    np.testing.assert_array_equal(one.frequent, other.frequent)
