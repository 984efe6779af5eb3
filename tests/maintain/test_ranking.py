"""Metrics of scores, against small tables and scikit-learn's."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sklearn.metrics import matthews_corrcoef, roc_auc_score

from maintain.ranking import Judged, accuracy, accuracy_at, auroc, best_mcc, calibration_error

TABLE = [
    Judged("a", "a", 0.9, True),
    Judged("a", "b", 0.8, True),
    Judged("b", "b", 0.4, True),
    Judged("b", "b", 0.2, True),
    Judged("none", "a", 0.5, False),
    Judged("none", "b", 0.3, False),
    Judged("none", "b", 0.1, False),
]


def chance_table(seed: int, number: int = 200) -> list[Judged]:
    """Messages with ties among their scores."""
    chance = random.Random(seed)  # noqa: S311
    made = []
    for _ in range(number):
        known = chance.random() < 0.6
        asked = chance.choice("abcd") if known else "none"
        predicted = asked if known and chance.random() < 0.8 else chance.choice("abcd")
        made.append(Judged(asked, predicted, round(chance.gauss(0.6 if known else 0.4, 0.2), 1), known))
    return made


def test_ranking_accuracy_counts_what_is_in_scope() -> None:
    assert accuracy(TABLE) == pytest.approx(3 / 4)


def test_ranking_auroc_counts_pairs() -> None:
    assert auroc(TABLE) == pytest.approx((3 + 3 + 2 + 1) / 12)


@pytest.mark.parametrize("seed", range(5))
def test_ranking_auroc_is_that_of_scikit_learn(seed: int) -> None:
    table = chance_table(seed)
    assert auroc(table) == pytest.approx(roc_auc_score([each.known for each in table], [each.score for each in table]))


@pytest.mark.parametrize(
    ("refused", "share"),
    [(0.3, 3 / 4), (0.6, 2 / 4), (0.7, 1 / 4), (1.0, 1 / 4)],
)
def test_ranking_accuracy_at_a_strictness(refused: float, share: float) -> None:
    assert accuracy_at(TABLE, refused) == pytest.approx(share)


def test_ranking_accuracy_at_refuses_ties_too() -> None:
    tied = [Judged("a", "a", 0.5, True), Judged("none", "a", 0.5, False)]
    assert accuracy_at(tied) == 0


@pytest.mark.parametrize("seed", range(5))
def test_ranking_best_mcc_is_the_best_over_all_thresholds(seed: int) -> None:
    table = chance_table(seed)
    asked = [each.asked for each in table]
    thresholds = [-np.inf, *sorted({each.score for each in table}), np.inf]
    each = [
        matthews_corrcoef(asked, [one.predicted if one.score >= limit else "none" for one in table])
        for limit in thresholds
    ]
    assert best_mcc(table) == pytest.approx(max(each))


def test_ranking_calibration_error_is_the_mean_gap() -> None:
    confidences, right = [0.9, 0.9, 0.1, 0.1], [True, False, False, False]
    assert calibration_error(confidences, right, bins=2) == pytest.approx((0.4 + 0.1) / 2)
    assert calibration_error([1.0, 1.0, 0.0], [True, True, False]) == 0


def test_ranking_calibration_bins_are_of_equal_mass() -> None:
    confidences, right = [0.0, 0.5, 0.51, 0.52], [False, True, True, False]
    assert calibration_error(confidences, right, bins=2) == pytest.approx((abs(0.5 - 1) + abs(1.03 - 1)) / 4)
