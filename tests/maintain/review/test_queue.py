"""Which messages deserve a look, which belong together, and what the numbers say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from faq.phrasings import Phrasing
from maintain.review.charts import chart, nice
from maintain.review.kinds import kinds_of
from maintain.review.known import Known
from maintain.review.likeness import Likeness
from maintain.review.messages import ReaderMessage, Reply, Thumb, read_messages
from maintain.review.numbers import MOST_DAYS, Day, days, outcome
from maintain.review.queue import Filter, conversation, entries, groups, undecided

FINE = ReaderMessage(
    conversation="c",
    id="m",
    at=1.7e9,
    text="how hot is the water",
    intents=("heat",),
    ranking=(("heat", 0.9), ("time", 0.1)),
    score=0.9,
    threshold=0.5,
    replies=(Reply("answer", "words"),),
)
PHRASINGS = (
    "how hot is the water",
    "is it clean",
    "can I swim",
    "who drinks that",
    "is it built of salt",
    "a pool at all?",
)
KNOWN = Known([Phrasing(text, ("heat",), "heat.yml", line) for line, text in enumerate(PHRASINGS)], {})


def replied(*types: str) -> dict[str, Any]:
    return {"replies": tuple(Reply(each, "words") for each in types)}


@pytest.mark.parametrize(
    ("changes", "nearest", "kinds"),
    [
        ({}, 0.9, ()),
        ({}, 0.1, ("unseen",)),
        (replied("smalltalk"), 0.1, ()),
        (replied("no_answer"), 0.9, ("refused",)),
        (replied("clarify"), 0.9, ("close",)),
        ({"close": ("heat", "time")}, 0.9, ("close",)),
        ({"score": 0.6}, 0.9, ("close",)),
        ({"score": 0.4, **replied("no_answer")}, 0.9, ("refused", "close")),
        ({"ranking": (("heat", 0.5), ("time", 0.4))}, 0.9, ("close",)),
        ({"ranking": (("heat", 0.5), ("time", 0.4)), "intents": ("heat", "time")}, 0.9, ()),
        (replied("answer", "doctor"), 0.9, ("red_flag",)),
        (replied("emergency"), 0.9, ("red_flag",)),
        ({"facts": (("symptom", "numb"),)}, 0.9, ("near_flag",)),
        ({"facts": (("place", "hand"),)}, 0.9, ()),
        ({"facts": (("symptom", "numb"),), "advised": True}, 0.9, ()),
        ({"facts": (("symptom", "numb"),), **replied("doctor")}, 0.9, ("red_flag",)),
        ({"thumb": Thumb(False, "")}, 0.9, ("down",)),
        ({"thumb": Thumb(True, "")}, 0.9, ()),
        ({"pressed": True, **replied("no_answer")}, 0.0, ()),
        ({"pressed": True, "thumb": Thumb(False, "")}, 0.0, ("down",)),
        ({"score": None, "threshold": None, "ranking": ()}, 0.9, ()),
    ],
)
def test_queue_kinds(changes: dict[str, Any], nearest: float, kinds: tuple[str, ...]) -> None:
    assert kinds_of(replace(FINE, **changes), nearest) == kinds


def refused(number: int, text: str) -> ReaderMessage:
    return replace(FINE, id=f"m{number}", at=FINE.at - number, text=text, **replied("no_answer"))


def test_queue_groups_similar_messages_largest_first() -> None:
    texts = ["is it salty", "can I drink it", "Is it salty??", "is it salty at all", "who built the pool"]
    found = entries([refused(number, text) for number, text in enumerate(texts)], KNOWN, Likeness(KNOWN.spelling))
    made = groups(found)
    assert [[entry.message.text for entry in group.entries] for group in made] == [
        ["is it salty", "Is it salty??", "is it salty at all"],
        ["can I drink it"],
        ["who built the pool"],
    ]
    assert groups([]) == []


def test_queue_leaves_out_what_is_decided_and_finds_the_conversation() -> None:
    messages = [refused(number, f"text {number}") for number in range(3)]
    found = entries(messages, KNOWN, Likeness(KNOWN.spelling))
    assert [entry.message.id for entry in undecided(found, {("c", "m1")})] == ["m0", "m2"]
    other = replace(FINE, conversation="d")
    assert [each.id for each in conversation([*messages, other], messages[0])] == ["m2", "m1", "m0"]


def test_queue_filter_searches_what_is_shown_not_what_is_hidden() -> None:
    (entry,) = entries([refused(1, "my name is Hannah, is it salty")], KNOWN, Likeness(KNOWN.spelling))
    assert Filter(words="SALTY").fits(entry)
    assert not Filter(words="hannah").fits(entry)


def test_queue_reads_events_of_several_conversations_and_of_older_servers() -> None:
    rows = [
        ("c1", "bot", 1.0, '{"text": "welcome"}'),
        ("c1", "user", 2.0, '{"text": "/heat", "metadata": {"title": "How hot?"}}'),
        ("c2", "user", 3.0, '{"text": "hm", "parse_data": {"intent": {"name": null}}}'),
        ("c1", "bot", 4.0, '{"text": "hot", "data": {"custom": {"type": "doctor"}}}'),
        ("c1", "user", 5.0, '{"text": "and?", "message_id": "x"}'),
        ("c1", "user", 6.0, '{"text": null}'),
    ]
    last, other, first = read_messages(rows, {("c1", "x"): Thumb(True, "")})
    assert (first.text, first.pressed, first.types) == ("How hot?", True, {"doctor"})
    assert (other.intents, other.refused, other.replies) == (("out_of_scope",), True, ())
    assert (last.advised, last.thumb) == (True, Thumb(True, ""))
    assert len({first.key, other.key, last.key}) == 3


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("answer", "doctor"), "answered"),
        (("clarify",), "asked_back"),
        (("no_answer",), "refused"),
        (("smalltalk",), "other"),
        (("emergency",), "other"),
    ],
)
def test_queue_numbers_count_each_message_once(types: tuple[str, ...], expected: str) -> None:
    assert outcome(replace(FINE, **replied(*types))) == expected


def test_queue_numbers_name_days_without_messages_and_not_too_many() -> None:
    messages = [FINE, replace(FINE, at=FINE.at + 3 * 86400, conversation="d", **replied("no_answer"))]
    counted = days(messages)
    assert [(day.messages, day.answered, day.refused) for day in counted] == [
        (1, 1, 0),
        (0, 0, 0),
        (0, 0, 0),
        (1, 0, 1),
    ]
    assert counted[0].day == date(2023, 11, 14)
    assert len(days([FINE, replace(FINE, at=FINE.at + 400 * 86400)])) == MOST_DAYS
    assert days([]) == []


def test_queue_charts_stack_to_the_count() -> None:
    series = {"answered": lambda day: day.answered, "refused": lambda day: day.refused}
    drawn = chart([Day(date(2026, 1, 1), 5, 5, 3, 2), Day(date(2026, 1, 2))], series)
    assert [bar.series for bar in drawn.bars] == ["answered", "refused"]
    assert [number for _, number in drawn.ticks] == [0, 3, 6]
    low, high = drawn.bars
    assert low.height / high.height == pytest.approx(1.5, abs=0.01)
    assert high.y + high.height == pytest.approx(low.y, abs=0.02)
    assert chart([], series).bars == ()


@pytest.mark.parametrize(("number", "top"), [(0, 2), (1, 2), (3, 4), (10, 10), (11, 20), (85, 100), (324, 400)])
def test_queue_charts_end_at_a_round_number(number: int, top: int) -> None:
    assert nice(number) == top
