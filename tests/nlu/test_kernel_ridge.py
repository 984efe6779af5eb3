"""The regression against its own definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from faq.errors import ModelError
from nlu.kernel_ridge import KernelRidge
from nlu.projection import Projection

ROWS, DENSE, WORDS = 60, 12, 30


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, sparse.csr_matrix, np.ndarray]:
    """Features and labels, the same ones every time."""
    chance = np.random.RandomState(0)
    dense = chance.randn(ROWS, DENSE).astype(np.float32) / 4
    words = sparse.random(ROWS, WORDS, 0.2, "csr", dtype=np.float32, random_state=1)
    return dense, words, chance.rand(ROWS, 3) > 0.5


def test_kernel_ridge_leaves_out_what_it_says(data: tuple[np.ndarray, sparse.csr_matrix, np.ndarray]) -> None:
    dense, words, asked = data
    _, left_out = KernelRidge.fit(dense, words, asked, 0.15, 0.1)
    others = np.arange(ROWS) != 7
    without, _ = KernelRidge.fit(dense[others], words[others], asked[others], 0.15, 0.1)
    np.testing.assert_allclose(without.scores(dense[7:8], words[7:8])[0], left_out[7], atol=1e-3)


def test_kernel_ridge_scores_the_same_when_loaded(
    data: tuple[np.ndarray, sparse.csr_matrix, np.ndarray], tmp_path: Path
) -> None:
    dense, words, asked = data
    fitted, _ = KernelRidge.fit(dense, words, asked, 0.15, 0.1)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(KernelRidge.load(tmp_path).scores(dense, words), fitted.scores(dense, words))


def test_kernel_ridge_says_how_to_mend_what_cannot_be_inverted(
    data: tuple[np.ndarray, sparse.csr_matrix, np.ndarray],
) -> None:
    dense, words, asked = data
    with pytest.raises(ModelError, match=r"NLU11.*raise `ridge`"):
        KernelRidge.fit(dense, words, asked, 0.15, -5)


def test_projection_keeps_distances_and_no_more_numbers_than_asked(
    data: tuple[np.ndarray, sparse.csr_matrix, np.ndarray],
) -> None:
    dense, _, _ = data
    whole = Projection.fit(dense, DENSE)(dense)
    np.testing.assert_allclose(np.linalg.norm(whole[0] - whole[1]), np.linalg.norm(dense[0] - dense[1]), rtol=1e-4)
    assert Projection.fit(dense, 3)(dense).shape == (ROWS, 3)
