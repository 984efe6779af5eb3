"""Spans of time in the words of a message, whatever they belong to: "a week and a half", "since March", "day 5"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from nlu.dates import (
    BEGAN,
    FEASTS,
    HALF_DAY,
    LIFELONG,
    MAY_OPEN,
    MONTHS,
    SEASONS,
    SINCE,
    WEEKDAYS,
    ago,
    day_of,
    since,
)
from nlu.numbers import NUMBERS, RANKS, UNITS, and_half, number_at, rank_at, remainder, unit_at, upper, word_at

LONGEST_M = 18
"""More than so many "m" behind a number are no months but an age and a sex ("23m")."""

VAGUE = 30.0
"""Days for "ages" and "forever": nobody calls a few days that, and more is not known."""

HALF_YEAR = 182.0
PARTS = {"quarter": 0.25, "quarters": 0.25, "third": 1 / 3}
MINUTES = frozenset("minute minutes min mins minus second seconds".split())
DAY_OF_MINUTES = 1440
ALONE = frozenset("day week fortnight month year decade".split())
"""Units whose plural alone says how long."""

ABOUT = frozenset("odd ish plus".split())
BETWEEN = ABOUT | frozenset("+ of good solid whole full straight long odd more entire consecutive hole the".split())
"""What may stand between a number and its unit."""

STRETCH = frozenset({"all", "whole", "entire", "throughout"})
STAGES = {"term": 60.0, "trimester": 60.0, "pregnancy": 120.0, "ramadan": 29.0, "lent": 40.0, "advent": 22.0}
"""Stages of a life that last for weeks or months, and the least days of each."""

PACKS = frozenset(
    "pack packet packets box bottle jar tube tub blister strip prescription refill course carton pair".split()
)
PACKS |= {f"{pack}s" for pack in PACKS} | {"boxes"}
PACK_DAYS = 14.0
"""Days that a pack of a remedy lasts, at the least that people mean by telling of several."""

BIRTHDAYS = frozenset("birthday anniversary jubilee".split())
COUNTED = {*SEASONS, *FEASTS}
AGED = frozenset("turn turns turned turning".split())
BEHIND_AGE = frozenset("today tomorrow yesterday next this last on in just soon already years now and".split())
WITHIN = frozenset("the of this last past my her our through along long damn live school academic football".split())
FOR_LIFE = "as long as i can remember".split()
FOR = frozenset("for been since has have".split())
NOT_STATED = frozenset("this it is will like stuck".split())
"""Beside "forever" these make a question or a manner of speaking of it."""


@dataclass(frozen=True)
class Span:
    """A span of ``days`` from word ``start`` up to ``end``.

    ``kind`` is ``count`` ("3 weeks"), ``bare`` ("weeks"), ``since``, ``rank`` ("day 5"), ``vague`` ("ages"), ``age``
    ("turns one", of the complaint itself) or ``packs`` ("third box", of a remedy).
    """

    days: float
    start: int
    end: int
    kind: str


_Reader = Callable[[Sequence[str], int, date], Span | None]


def spans(words: Sequence[str], today: date, known: Sequence[Span] = ()) -> list[Span]:
    """Finds spans of time from left to right; none overlaps another.

    Args:
        words: normal forms.
        today: what a date is counted from.
        known: spans that are found already, and go before any other.

    Returns:
        The spans.
    """
    found, at = [], 0
    first = {span.start: span for span in known}
    while at < len(words):
        span = first.get(at) or _span(words, at, today)
        if span:
            found.append(span)
        at = span.end if span else at + 1
    return found


def _span(words: Sequence[str], at: int, today: date) -> Span | None:
    """The span that begins at a place."""
    word = words[at]
    for read in _DIGIT_READERS if word[:1].isdecimal() else _READERS_OF.get(word, ()):
        if span := read(words, at, today):
            return span
    return None


def _since(words: Sequence[str], at: int, today: date) -> Span | None:
    found = since(words, at, today)
    if found:
        return Span(found[0], at, found[1], "since")
    number = number_at(words, at + 1) if words[at] == "since" else None
    if number and word_at(words, number[1]) in MINUTES:
        return Span(number[0] / DAY_OF_MINUTES, at, number[1] + 1, "count")
    return None


def _count(words: Sequence[str], at: int, _today: date) -> Span | None:
    part = PARTS.get(word_at(words, at + (words[at] in ("a", "three"))))
    if part and list(words[at + 1 : at + 4]).count("of") == 1:
        return _part(words, at, part)
    number = number_at(words, at)
    if number is None:
        return _bare(words, at)
    value, end = and_half(words, number[0], upper(words, number[0], number[1]))
    while word_at(words, end) in BETWEEN or (words[end : end + 1] == ["-"] and word_at(words, end + 1) in ABOUT):
        end += 1
    unit = unit_at(words, end, number=words[end - 1][:1].isdecimal())
    if word_at(words, end) in MINUTES and (word_at(words, end + 1) == "ago" or _is_days_long(words[end], value)):
        return Span(value / DAY_OF_MINUTES, at, end + 1, "count")
    if unit is None or (words[end] == "m" and value > LONGEST_M):
        return None
    value, end = and_half(words, value, end + 1)
    days = HALF_YEAR if value == 0.5 and unit == "year" else value * UNITS[unit]
    more, end = remainder(words, end, UNITS[unit])
    return Span(days + more, at, end, "count")


def _is_days_long(unit: str, value: float) -> bool:
    return unit.startswith("min") and value >= DAY_OF_MINUTES


def _part(words: Sequence[str], at: int, part: float) -> Span | None:
    """ "A quarter of a year"."""
    end = list(words).index("of", at) + 1
    end += word_at(words, end) in ("a", "the", "an")
    unit = unit_at(words, end, number=False)
    times = 3 if words[at] == "three" else 1
    return Span(times * part * UNITS[unit], at, end + 1, "count") if unit else None


def _bare(words: Sequence[str], at: int) -> Span | None:
    """ "Weeks": a unit alone is worth two of it, which ``faq.triage.gather`` relies on; a fortnight is one."""
    unit = unit_at(words, at, number=False)
    if unit is None or unit not in ALONE or words[at] not in (f"{unit}s", "fortnight"):
        return None
    again = list(words[at + 1 : at + 3]) == ["and", words[at]]
    return Span(UNITS[unit] * (1 if unit == "fortnight" else 2), at, at + 1 + 2 * again, "bare")


def _rank(words: Sequence[str], at: int, _today: date) -> Span | None:
    """ "Day 5", "week four", "third week": the unit has begun, not ended."""
    unit = unit_at(words, at, number=False)
    place = at + 1 + (word_at(words, at + 1) in ("number", "no", "nr", "#"))
    number = number_at(words, place) if unit and not words[at].endswith("s") else None
    if unit and number and words[place] not in ("a", "an", "half", "some", "many") and not unit_at(words, number[1]):
        return Span(_begun(unit, number[0]), at, number[1], "rank")
    rank = rank_at(words, at)
    unit = unit_at(words, rank[1], number=False) if rank else None
    if rank and unit and not words[rank[1]].endswith("s") and rank[0] > 1:
        return Span(_begun(unit, float(rank[0])), at, rank[1] + 1, "rank")
    return None


def _begun(unit: str, number: float) -> float:
    return number * UNITS[unit] if UNITS[unit] <= 1 else (number - 1) * UNITS[unit] + 1


def _seasons(words: Sequence[str], at: int, today: date) -> Span | None:
    """ "Two summers (ago)", "third winter": as many years as lie between them."""
    number = number_at(words, at) if words[at] not in ("a", "an") else None
    found = number or rank_at(words, at)
    word = word_at(words, found[1]) if found else ""
    name = word if word in FEASTS else word.removesuffix("s")
    if words[at] in COUNTED and list(words[at + 1 : at + 3]) == ["before", "last"]:
        told = {"it", "there", "had", *BEGAN} & set(words[max(0, at - 6) : at])
        return Span(ago(today, *day_of(words[at])) + UNITS["year"], at, at + 3, "since") if told else None
    if not found or name not in COUNTED | ({"birthday"} if number else set()) or (number and word in SEASONS):
        return None
    days = (found[0] - 1) * UNITS["year"]
    if name in COUNTED and word_at(words, found[1] + 1) == "ago":
        days += ago(today, *day_of(name))
    return Span(days, at, found[1] + 1, "count") if days else None


def _age(words: Sequence[str], at: int, _today: date) -> Span | None:
    """ "Turns one", "first birthday", "one year anniversary": years old."""
    rank = rank_at(words, at)
    if rank and word_at(words, rank[1]) in BIRTHDAYS:
        return Span(rank[0] * UNITS["year"], at, rank[1] + 1, "age")
    number = number_at(words, at + (words[at] in AGED))
    unit = unit_at(words, number[1]) if number else None
    if number and unit and word_at(words, number[1] + 1) in BIRTHDAYS:
        return Span(number[0] * UNITS[unit], at, number[1] + 2, "age")
    behind = word_at(words, number[1]) if number else ""
    if words[at] in AGED and number and (behind in BEHIND_AGE | set(WEEKDAYS) or not behind.isalnum()):
        return Span(number[0] * UNITS["year"], at, number[1], "age")
    return None


def _packs(words: Sequence[str], at: int, _today: date) -> Span | None:
    """ "Third box", "five jars": of a remedy that is of no use."""
    number = number_at(words, at) if words[at] not in ("a", "an", "half") else None
    if number and number[0] > 1 and word_at(words, number[1]) in PACKS:
        return Span(number[0] * PACK_DAYS, at, number[1] + 1, "packs")
    rank = rank_at(words, at)
    if rank and rank[0] > 1 and word_at(words, rank[1]) in PACKS:
        return Span((rank[0] - 1) * PACK_DAYS, at, rank[1] + 1, "packs")
    return None


def _stretch(words: Sequence[str], at: int, _today: date) -> Span | None:
    """ "All month", "the whole night", "the entire semester"; "autumn has come and gone"."""
    if words[at] in SEASONS and " ".join(words[at + 1 : at + 5]).endswith("come and gone"):
        return Span(60.0, at, at + 5, "count")
    if (
        word_at(words, at - 1) == "the"
        and words[at] in ("past", "last")
        and (unit := unit_at(words, at + 1, number=False))
    ):
        return None if words[at + 1].endswith("s") else Span(UNITS[unit], at, at + 2, "count")
    return _whole(words, at) if words[at] in STRETCH else None


def _whole(words: Sequence[str], at: int) -> Span | None:
    place = at + 1
    while word_at(words, place) in WITHIN:
        place += 1
    word = word_at(words, place)
    if word in ("life", "lives"):
        return Span(LIFELONG, at, place + 1, "vague")
    if word in STAGES:
        return Span(STAGES[word], at, place + 1, "count")
    if word in SEASONS or word in MONTHS:
        return Span(90.0 if word in SEASONS else 30.0, at, place + 1, "count")
    unit = unit_at(words, place, number=False)
    if unit in ("day", "night", "evening", "morning") or word == "afternoon":
        return Span(HALF_DAY, at, place + 1, "count")
    if unit == "weekend":
        return Span(2.0, at, place + 1, "count")
    return Span(UNITS[unit], at, place + 1, "count") if unit and not word.endswith("s") else None


def _vague(words: Sequence[str], at: int, _today: date) -> Span | None:
    if words[at] == FOR_LIFE[0] and list(words[at : at + len(FOR_LIFE)]) == FOR_LIFE:
        return Span(LIFELONG, at, at + len(FOR_LIFE), "vague")
    if words[at] == "lifelong" or (words[at] == "always" and word_at(words, at + 1) == "had"):
        return Span(LIFELONG, at, at + 1, "vague")
    before = words[max(0, at - 4) : at]
    stated = words[at] == "ages" or (words[at] == "forever" and NOT_STATED.isdisjoint(before))
    return Span(VAGUE, at, at + 1, "vague") if stated and not FOR.isdisjoint(before) else None


_NUMBERS = frozenset({*NUMBERS, *RANKS, "half"})
_UNITS = frozenset(UNITS) | {f"{unit}s" for unit in UNITS}
_READERS: tuple[tuple[_Reader, frozenset[str], bool], ...] = (
    (_since, frozenset({*SINCE, *MONTHS, *MAY_OPEN}), False),
    (_seasons, _NUMBERS | COUNTED, True),
    (_age, _NUMBERS | AGED, True),
    (_packs, _NUMBERS, True),
    (_rank, _NUMBERS | _UNITS, True),
    (_stretch, STRETCH | {*SEASONS, "past", "last"}, False),
    (_count, _NUMBERS | _UNITS | {*PARTS}, True),
    (_vague, frozenset({FOR_LIFE[0], "lifelong", "always", "ages", "forever"}), False),
)
"""What reads a span, in the order in which they are asked: the words that one may begin with, and whether it may begin
with a number in digits. Most words begin none, so nobody is asked about them."""

_DIGIT_READERS = tuple(read for read, _, digits in _READERS if digits)
_READERS_OF: dict[str, tuple[_Reader, ...]] = {
    word: tuple(read for read, words, _ in _READERS if word in words)
    for word in frozenset().union(*(words for _, words, _ in _READERS))
}
