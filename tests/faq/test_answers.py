"""Which sentences answer a question."""

from __future__ import annotations

import pytest

from faq.answers import MOST_QUOTES, QUOTE_MARGIN, quotes_for
from faq.documents import Document
from faq.understanding import RankedPassage

NEAR, FAR = QUOTE_MARGIN / 10, QUOTE_MARGIN * 2


def rank(document: Document, intent: str, **scores: float) -> list[RankedPassage]:
    """Ranks sentences by how they begin, the best first; ``Green_tea`` stands for "Green tea"."""
    section = document.section(intent)
    assert section is not None
    found = [
        RankedPassage(section.id, passage.start, passage.end, score)
        for beginning, score in scores.items()
        for passage in section.passages
        if passage.text.startswith(beginning.replace("_", " "))
    ]
    assert len(found) == len(scores)
    return sorted(found, key=lambda entry: -entry.score)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"Milk": 0.5}, ["Milk comes later."]),
        ({"Milk": 0.5, "Boil": 0.5 - NEAR}, ["Milk comes later.", "Boil the water for black tea."]),
        ({"Milk": 0.5, "Boil": 0.5 - FAR}, ["Milk comes later."]),
        ({"Boil": -0.2, "Milk": -0.2 - FAR}, ["Boil the water for black tea."]),
    ],
)
def test_answers_quote_the_best_sentences(tea: Document, scores: dict[str, float], expected: list[str]) -> None:
    section = tea.section("heat")
    assert section is not None
    assert [quote.text for quote in quotes_for(section, rank(tea, "heat", **scores))] == expected


def test_answers_quote_no_more_than_a_chat_can_show(tea: Document) -> None:
    section = tea.section("heat")
    assert section is not None
    ranked = rank(tea, "heat", Green=0.5, Boil=0.5, Milk=0.5, Use=0.5, Wait=0.5)
    assert len(quotes_for(section, ranked)) == MOST_QUOTES


def test_answers_quote_no_other_section(tea: Document) -> None:
    section = tea.section("time")
    assert section is not None
    ranked = [*rank(tea, "heat", Milk=0.9), *rank(tea, "time", Longer=0.1)]
    assert [quote.text for quote in quotes_for(section, ranked)] == ["Longer makes it bitter."]


def test_answers_without_a_ranking_quote_the_key_sentences(tea: Document) -> None:
    section = tea.section("heat")
    assert section is not None
    assert [quote.text for quote in quotes_for(section, [])] == ["Boil the water for black tea."]
    assert quotes_for(section, rank(tea, "time", Longer=0.9)) == section.key_passages


def test_answers_bring_what_was_not_shown_before(tea: Document) -> None:
    section = tea.section("time")
    assert section is not None
    ranked = rank(tea, "time", Three=0.9, Longer=0.1)
    first = quotes_for(section, ranked)
    second = quotes_for(section, ranked, [(quote.start, quote.end) for quote in first])
    assert [quote.text for quote in (*first, *second)] == ["Three minutes are enough.", "Longer makes it bitter."]
    everything = [(passage.start, passage.end) for passage in section.passages]
    assert quotes_for(section, ranked, everything) == first, "when nothing is left, the best comes again"


def test_answers_without_a_ranking_go_on_in_the_section(tea: Document) -> None:
    section = tea.section("heat")
    assert section is not None
    shown: list[tuple[int, int]] = []
    said = []
    for _ in section.passages:
        quotes = quotes_for(section, rank(tea, "time", Longer=0.9), shown)
        said.append([quote.text for quote in quotes])
        shown += [(quote.start, quote.end) for quote in quotes]
    others = [passage for passage in section.passages if passage not in section.key_passages]
    assert said[: len(others) + 1] == [[each.text for each in section.key_passages], *([each.text] for each in others)]
    assert quotes_for(section, [], shown) == section.key_passages, "when nothing is left, they come again"
