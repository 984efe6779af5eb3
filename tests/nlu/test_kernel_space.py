"""Where messages stand, and the kernel between them, against the kernel's definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nlu.kernel_space import FREQUENT, Space, kernel
from tests.nlu.points import WORDS, exact, features, points, space


def test_kernel_space_keeps_the_kernel() -> None:
    made = points()
    matrix, fades = kernel(np.concatenate([made.dense, made.frequent], axis=1), made.rare)
    np.testing.assert_allclose(matrix, exact(), rtol=1e-4)
    squares = (made.dense**2).sum(axis=1) + (made.frequent**2).sum(axis=1)
    squares += [each.values @ each.values for each in made.rare]
    np.testing.assert_allclose(fades, np.exp(-squares / 2), rtol=1e-4)


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
