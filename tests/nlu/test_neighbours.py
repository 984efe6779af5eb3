"""The search for near phrasings against looking at all of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.neighbours import LOOK, NEAREST, Found, Neighbours


def unit(rows: int, topics: int) -> np.ndarray:
    """Vectors around some topics, float32 (rows, 16), of length 1."""
    chance = np.random.RandomState(0)
    around = chance.randn(topics, 16)[np.arange(rows) % topics] * 3 + chance.randn(rows, 16)
    return (around / np.linalg.norm(around, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def many() -> tuple[np.ndarray, Neighbours]:
    """More vectors than are looked at."""
    vectors = unit(10 * LOOK, 40)
    return vectors, Neighbours.fit(vectors, np.arange(len(vectors)))


def test_neighbours_looks_at_all_where_they_are_few() -> None:
    vectors = unit(50, 3)
    found = Neighbours.fit(vectors, np.arange(100, 150)).around(vectors[7])
    assert sorted(found.places) == list(range(100, 150))
    assert found.places[found.cosines.argmax()] == 107


def test_neighbours_finds_the_nearest_among_many_and_looks_at_few(many: tuple[np.ndarray, Neighbours]) -> None:
    vectors, search = many
    asked = vectors[::400] + np.float32(0.05)
    found = [search.around(vector) for vector in asked]
    assert all(LOOK <= len(each.places) < 2 * LOOK for each in found)
    best = np.array([each.places[each.cosines.argmax()] for each in found])
    assert (best == (asked @ vectors.T).argmax(axis=1)).mean() > 0.9


def test_neighbours_closeness_of_many_is_that_of_each_without_itself(many: tuple[np.ndarray, Neighbours]) -> None:
    vectors, search = many
    places = np.arange(0, len(vectors), 500)
    for place, closeness in zip(places, search.closeness(vectors[places], places), strict=True):
        found = search.around(vectors[place])
        others = found.places != place
        assert closeness == pytest.approx(np.sort(found.cosines[others])[-NEAREST:].mean(), abs=1e-5)


def test_neighbours_are_the_same_when_loaded(many: tuple[np.ndarray, Neighbours], tmp_path: Path) -> None:
    vectors, search = many
    search.save(tmp_path / "known.npz")
    one, two = (each.around(vectors[5]) for each in (search, Neighbours.load(tmp_path / "known.npz")))
    np.testing.assert_array_equal(one.places, two.places)
    np.testing.assert_array_equal(one.cosines, two.cosines)


def test_neighbours_nearest_is_one_that_is_wanted_if_there_is_one() -> None:
    found = Found(np.array([4, 2, 0]), np.array([0.9, 0.8, 0.1], dtype=np.float32))
    assert found.nearest(np.array([True, False, True, False, False])) == (2, pytest.approx(0.8))
    assert found.nearest(np.array([False] * 5)) == (4, -1.0)
