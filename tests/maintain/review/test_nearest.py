"""What is nearest stays right while phrasings come and go."""

from __future__ import annotations

import random

import numpy as np
import pytest

from faq.phrasings import Phrasing
from maintain.review.nearest import KEPT, REFIT, Nearest

WORDS = "how long will my eye twitch is it stress magnesium helps lid calf since when stop".split()


def made(number: int, seed: int) -> list[Phrasing]:
    drawn = random.Random(seed)  # noqa: S311
    texts = dict.fromkeys(" ".join(drawn.choices(WORDS, k=5)) for _ in range(number))
    return [Phrasing(text, ("heat",), "heat.yml", line) for line, text in enumerate(texts)]


def places(nearest: Nearest, texts: list[str]) -> list[list[tuple[int, float]]]:
    return [[(near.phrasing.line, round(near.similarity, 4)) for near in each] for each in nearest.of(texts, 5)]


def by_hand(nearest: Nearest, phrasings: list[Phrasing], texts: list[str]) -> list[list[float]]:
    table = (nearest.vectors(texts) @ nearest.vectors([each.text for each in phrasings]).T).toarray()
    return [[round(float(value), 4) for value in np.sort(row)[::-1][:5]] for row in table]


@pytest.mark.parametrize(("gone", "came"), [(0, 1), (1, 0), (0, 0), (30, 40)])
def test_nearest_is_the_same_as_computed_anew(gone: int, came: int) -> None:
    texts = [each.text for each in made(50, seed=2)]
    phrasings = made(200, seed=1)
    nearest = Nearest(phrasings, ["how long"])
    nearest.of(texts[:40], 5)
    now = [*made(came, seed=3), *phrasings[gone:]]
    now = [Phrasing(each.text, each.intents, each.file, line) for line, each in enumerate(now)]
    assert nearest.suits(now, ["how long"])
    nearest.change(now)
    found = places(nearest, texts)
    assert [[similarity for _, similarity in each] for each in found] == by_hand(nearest, now, texts)
    for text, each in zip(texts, found, strict=True):
        (cosines,) = (nearest.vectors([text]) @ nearest.vectors([now[line].text for line, _ in each]).T).toarray()
        assert cosines == pytest.approx([similarity for _, similarity in each], abs=1e-3)


def test_nearest_starts_anew_after_many_changes() -> None:
    few, many = made(KEPT, seed=1), made(KEPT + REFIT, seed=2)
    assert not Nearest(few, []).suits(many, [])
    assert not Nearest(few, []).suits(few, ["another"])
    assert not Nearest(few[:3], []).suits(few[:4], [])
    assert Nearest(few, []).suits(few, [])


def test_nearest_of_a_phrasing_is_itself_as_soon_as_it_is_known() -> None:
    phrasings = made(KEPT, seed=1)
    nearest = Nearest(phrasings, [])
    asked = "does chamomile help"
    assert nearest.of([asked], 1)[0][0].similarity < 0.9
    nearest.change([*phrasings, Phrasing(asked, ("time",), "time.yml", 9)])
    ((near,),) = nearest.of([asked], 1)
    assert (near.phrasing.file, round(near.similarity, 4)) == ("time.yml", 1.0)
