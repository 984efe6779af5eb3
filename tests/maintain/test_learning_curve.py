"""The choice of phrasings, one point, and the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from maintain import learning_curve
from maintain.cases import Understood
from maintain.learning_curve import MEASURED, Point, choose, load, measure, save, table
from maintain.scoring import Labelled

HEAT, TIME, BOTH = frozenset({"heat"}), frozenset({"time"}), frozenset({"heat", "time"})
EXAMPLES = [(kind, f"{sorted(kind)} {number}") for kind, many in ((HEAT, 40), (TIME, 8)) for number in range(many)]
POINT = Point(0.5, 0, 12.5, 30, dict.fromkeys(MEASURED, 0.5))


@pytest.mark.parametrize(("share", "counts"), [(1.0, (40, 8)), (0.5, (20, 4)), (0.05, (2, 2))])
def test_learning_curve_chooses_of_each_kind(share: float, counts: tuple[int, int]) -> None:
    chosen = Counter(kind for kind, _ in choose(EXAMPLES, share, 0))
    assert (chosen[HEAT], chosen[TIME]) == counts


def test_learning_curve_grows_by_adding() -> None:
    small, large = (set(choose(EXAMPLES, share, 1)) for share in (0.25, 0.5))
    assert small < large
    assert set(choose(EXAMPLES, 0.25, 2)) != small


class Stubborn:
    """Takes everything for heat."""

    def understand(self, texts: Sequence[str]) -> list[Understood]:
        return [Understood(text, HEAT, 0.9, (("heat", 0.9),), 0.9) for text in texts]


def test_learning_curve_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning_curve, "document_topics", lambda: BOTH)
    asked = (HEAT, HEAT, TIME, BOTH, frozenset({"out_of_scope"}))
    messages = [Labelled("m", "text", intents, (), "none", "") for intents in asked]
    point = measure(Stubborn(), messages, [HEAT, TIME, BOTH, frozenset({"out_of_scope"})], 0.5, 1)
    assert (point.share, point.seed, point.examples, point.total) == (0.5, 1, 1.5, 4)
    assert point.measured == dict(zip(MEASURED, (0.5, 0.0, 0.0, 0.0), strict=True))


def test_learning_curve_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "curve.json"
    assert load(path) == []
    save([POINT], path)
    assert load(path) == [POINT]


def test_learning_curve_table_has_a_row_for_each_training() -> None:
    made = table([POINT, POINT], 7)
    assert made.row_count == 2
    assert "7 messages" in str(made.title)


def test_learning_curve_topics_are_those_of_the_documents() -> None:
    assert len(learning_curve.document_topics()) == 3
