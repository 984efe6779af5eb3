"""The iterative solution against the direct one, and what it costs as the cases grow."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from nlu import least_squares
from nlu.least_squares import PROBES, Solution, solve

RIDGE = 0.1


def made(cases: int) -> tuple[np.ndarray, sparse.csr_matrix, np.ndarray]:
    """Features and targets, the same ones every time."""
    chance = np.random.RandomState(0)
    dense = np.asfortranarray(chance.randn(20, cases).astype(np.float32) / 4)
    words = sparse.random(cases, 10 * cases, 40 / (10 * cases), "csr", dtype=np.float32, random_state=1)
    return dense, words, np.sign(chance.randn(cases, 3)).astype(np.float32)


def directly(dense: np.ndarray, words: sparse.csr_matrix, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the cases and the scores left out, by inverting the whole matrix."""
    inverse = np.linalg.inv(dense.T @ dense + (words @ words.T).toarray() + RIDGE * np.eye(len(targets)))
    weights = inverse @ targets
    return weights, targets - weights / np.diag(inverse)[:, None]


def solved(cases: int) -> tuple[Solution, np.ndarray, np.ndarray]:
    """The solution of ``made``, and the direct one."""
    dense, words, targets = made(cases)
    return solve(dense.copy(order="F"), words, targets, RIDGE), *directly(dense, words, targets)


@pytest.mark.parametrize("cases", [PROBES, 400])
def test_least_squares_solves_the_equations(cases: int) -> None:
    solution, weights, _ = solved(cases)
    np.testing.assert_allclose(solution.cases, weights, atol=5e-3)
    dense, words, _ = made(cases)
    np.testing.assert_allclose(solution.dense, dense @ solution.cases, atol=1e-4)
    np.testing.assert_allclose(solution.words, words.T @ solution.cases, atol=1e-4)


def test_least_squares_leaves_out_few_cases_exactly_and_many_nearly() -> None:
    few, _, exactly = solved(PROBES)
    np.testing.assert_allclose(few.left_out, exactly, atol=5e-3)
    many, _, exactly = solved(400)
    assert np.sqrt(((many.left_out - exactly) ** 2).mean()) < 0.1


def test_least_squares_grows_with_the_cases_and_not_with_their_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counts the numbers in every product of the iteration, which time alone would not show on a busy machine."""
    counts: list[int] = []
    between, approximate = least_squares._System._between, least_squares._System.approximate

    def counted_between(self: least_squares._System, weights: np.ndarray) -> np.ndarray:
        counts.append(2 * self._words.nnz)
        return between(self, weights)

    def counted_approximate(self: least_squares._System, right: np.ndarray) -> np.ndarray:
        counts.append(2 * self._white.size)
        return approximate(self, right)

    monkeypatch.setattr(least_squares._System, "_between", counted_between)
    monkeypatch.setattr(least_squares._System, "approximate", counted_approximate)
    work = []
    for cases in (300, 1200):
        counts.clear()
        solve(*made(cases), RIDGE)
        work.append(sum(counts))
    assert work[1] / work[0] < 4 * 1.3
