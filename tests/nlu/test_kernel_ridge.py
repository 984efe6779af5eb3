"""The regression against its own definition."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faq.errors import ModelError
from nlu import kernel_ridge
from nlu.kernel_ridge import KernelRidge
from nlu.projection import principal_axes
from tests.nlu.points import DENSE, GAMMA, ROWS, exact, features

ASKED = np.random.RandomState(1).rand(ROWS, 3) > 0.5
"""Labels, the same ones every time."""


def test_kernel_ridge_scores_by_the_kernel() -> None:
    matrix = exact()
    weights = np.linalg.solve(matrix + 0.1 * np.eye(ROWS), np.where(ASKED, 1, -1))
    fitted, _ = KernelRidge.fit(*features(), ASKED, GAMMA, 0.1)
    np.testing.assert_allclose(fitted.scores(*features()), matrix @ weights, atol=0.01)


def test_kernel_ridge_leaves_out_what_it_says() -> None:
    dense, words = features()
    _, left_out = KernelRidge.fit(dense, words, ASKED, GAMMA, 0.1)
    without, _ = KernelRidge.fit(np.delete(dense, 7, 0), words[:7] + words[8:], np.delete(ASKED, 7, 0), GAMMA, 0.1)
    np.testing.assert_allclose(without.scores(dense[7:8], words[7:8])[0], left_out[7], atol=0.01)


def test_kernel_ridge_is_the_same_through_landmarks_if_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted, left_out = KernelRidge.fit(*features(), ASKED, GAMMA, 0.1)
    monkeypatch.setattr(kernel_ridge, "EXACT", ROWS - 1)
    monkeypatch.setattr(kernel_ridge, "LANDMARKS", ROWS)
    through, without = KernelRidge.fit(*features(), ASKED, GAMMA, 0.1)
    np.testing.assert_allclose(through.scores(*features()), fitted.scores(*features()), atol=0.02)
    np.testing.assert_allclose(without, left_out, atol=0.04)


def test_kernel_ridge_leaves_out_what_it_says_through_landmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phrasing that is no landmark."""
    monkeypatch.setattr(kernel_ridge, "EXACT", ROWS - 2)
    monkeypatch.setattr(kernel_ridge, "LANDMARKS", 2)
    dense, words = features()
    _, left_out = KernelRidge.fit(dense, words, ASKED, GAMMA, 0.1)
    without, _ = KernelRidge.fit(np.delete(dense, 7, 0), words[:7] + words[8:], np.delete(ASKED, 7, 0), GAMMA, 0.1)
    np.testing.assert_allclose(without.scores(dense[7:8], words[7:8])[0], left_out[7], atol=0.02)


def test_kernel_ridge_scores_the_same_when_loaded(tmp_path: Path) -> None:
    fitted, _ = KernelRidge.fit(*features(), ASKED, GAMMA, 0.1)
    fitted.save(tmp_path)
    np.testing.assert_array_equal(KernelRidge.load(tmp_path).scores(*features()), fitted.scores(*features()))


def test_kernel_ridge_says_how_to_mend_what_cannot_be_inverted() -> None:
    with pytest.raises(ModelError, match=r"NLU11.*raise `ridge`"):
        KernelRidge.fit(*features(), ASKED, GAMMA, -5)


def test_kernel_ridge_says_it_of_landmarks_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_ridge, "EXACT", ROWS - 1)
    monkeypatch.setattr(kernel_ridge, "LANDMARKS", 9)
    with pytest.raises(ModelError, match=r"NLU11.*raise `ridge`"):
        KernelRidge.fit(*features(), ASKED, GAMMA, -500)


def test_projection_keeps_distances_and_no_more_numbers_than_asked() -> None:
    dense, _ = features()
    whole = dense @ principal_axes(dense, DENSE)
    np.testing.assert_allclose(np.linalg.norm(whole[0] - whole[1]), np.linalg.norm(dense[0] - dense[1]), rtol=1e-4)
    assert (dense @ principal_axes(dense, 3)).shape == (ROWS, 3)


def test_projection_makes_no_number_much_larger_than_the_others() -> None:
    dense, _ = features()
    dense[:, 0] *= 100
    spread = (dense @ principal_axes(dense, DENSE)).std(axis=0)
    assert spread.max() < 3 * np.median(spread)
