"""Folds, what is trained on what, and calibration."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from maintain.cases import Understood
from maintain.cross_validation import calibration, cross_validate, folds
from tests.maintain.cases import case

HEAT, TIME = frozenset({"heat"}), frozenset({"time"})
EXAMPLES = [(f"{next(iter(kind))} {number}", kind, number) for kind in (HEAT, TIME) for number in range(6)]


class Parrot:
    """Knows what it learnt by heart and takes all else for time."""

    def __init__(self, learnt: Sequence[int]) -> None:
        self.learnt = set(learnt)

    def understand(self, texts: Sequence[str]) -> list[Understood]:
        return [Understood(text, TIME, 0.9, (("time", 0.9), ("heat", 0.1)), 0.8, 0.5) for text in texts]


def test_cross_validation_folds_are_even_and_the_same_each_time() -> None:
    dealt = folds(EXAMPLES, lambda each: each[1], 3)
    assert sorted(each for fold in dealt for each in fold) == sorted(EXAMPLES)
    assert [[sum(each[1] == kind for each in fold) for kind in (HEAT, TIME)] for fold in dealt] == [[2, 2]] * 3
    assert dealt == folds(EXAMPLES, lambda each: each[1], 3)


def test_cross_validation_folds_small_kinds_evenly() -> None:
    assert [len(fold) for fold in folds(range(6), lambda each: each, 3)] == [2, 2, 2]


def test_cross_validation_measures_each_example_once_and_never_on_itself() -> None:
    examples = [(text, kind, place) for place, (text, kind, _) in enumerate(EXAMPLES)]
    places = {text: place for text, _, place in examples}
    trained: list[Parrot] = []

    def train(others: list[int]) -> Parrot:
        trained.append(Parrot(others))
        return trained[-1]

    seen = []
    for case_ in cross_validate(examples, train, 3):
        assert places[case_.label.text] not in trained[-1].learnt
        assert len(trained[-1].learnt) == 8
        seen.append(case_)
    assert sorted(each.label.text for each in seen) == sorted(places)
    assert len(trained) == 3
    assert sum(each.is_wrong for each in seen) == 6
    assert not any(each.label.scores_urgency for each in seen)


def test_cross_validation_calibration() -> None:
    cases = [case("heat", "heat", confidence=0.75, score=1.0)] * 30 + [case("time", "heat", confidence=0.75)] * 10
    errors = calibration(cases)
    assert list(errors) == ["decision", "scope", "heat", "other"]
    assert errors["scope"] == pytest.approx(0.1 * 10 / 40, abs=1e-9)
    assert errors["other"] == pytest.approx(0.25)


def test_cross_validation_calibration_of_refusals() -> None:
    rightly = [case("out_of_scope", "out_of_scope", confidence=1.0)] * 20
    assert calibration(rightly)["decision"] == 0
    wrongly = [case("heat", "out_of_scope", confidence=1.0)] * 20
    assert calibration(wrongly)["decision"] == 1
