"""Spans of time in the words of a message, whatever they belong to: "a week and a half", "since March", "day 5"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from nlu.dates import HALF_DAY, LIFELONG, MONTHS, SEASONS, since
from nlu.numbers import RANKS, UNITS, number_at, unit_at, word_at

LONGEST_M = 18
"""More than so many "m" behind a number are no months but an age and a sex ("23m")."""

VAGUE = 30.0
"""Days for "ages" and "forever": nobody calls a few days that, and more is not known."""

HALF_YEAR = 182.0
ALONE = frozenset("day week fortnight month year decade".split())
"""Units whose plural alone says how long."""

BETWEEN = frozenset("of good solid whole full straight long odd more entire consecutive hole the".split())
"""What may stand between a number and its unit."""

STRETCH = frozenset({"all", "whole", "entire"})
FOR_LIFE = "as long as i can remember".split()
FOR = frozenset("for been since has have".split())
NOT_STATED = frozenset("this it is will like stuck".split())
"""Beside "forever" these make a question or a manner of speaking of it."""


@dataclass(frozen=True)
class Span:
    """A span of ``days`` from word ``start`` up to ``end``.

    ``kind`` is ``count`` ("3 weeks"), ``bare`` ("weeks"), ``since``, ``rank`` ("day 5") or ``vague`` ("ages").
    """

    days: float
    start: int
    end: int
    kind: str


def spans(words: Sequence[str], today: date) -> list[Span]:
    """Finds spans of time from left to right; none overlaps another.

    Args:
        words: normal forms.
        today: what a date is counted from.

    Returns:
        The spans.
    """
    found, at = [], 0
    while at < len(words):
        span = (
            _since(words, at, today)
            or _rank(words, at)
            or _stretch(words, at)
            or _count(words, at)
            or _vague(words, at)
        )
        if span:
            found.append(span)
        at = span.end if span else at + 1
    return found


def _since(words: Sequence[str], at: int, today: date) -> Span | None:
    found = since(words, at, today)
    return Span(found[0], at, found[1], "since") if found else None


def _count(words: Sequence[str], at: int) -> Span | None:
    number = number_at(words, at)
    if number is None:
        return _bare(words, at)
    value, end = _half(words, number[0], _upper(words, number[0], number[1]))
    while word_at(words, end) in BETWEEN:
        end += 1
    unit = unit_at(words, end, number=words[end - 1][:1].isdigit())
    if unit is None or (words[end] == "m" and value > LONGEST_M):
        return None
    value, end = _half(words, value, end + 1)
    days = HALF_YEAR if value == 0.5 and unit == "year" else value * UNITS[unit]
    more, end = _remainder(words, end, UNITS[unit])
    return Span(days + more, at, end, "count")


def _bare(words: Sequence[str], at: int) -> Span | None:
    """ "Weeks": a unit alone is worth two of it, which ``faq.triage.gather`` relies on; a fortnight is one."""
    unit = unit_at(words, at, number=False)
    if unit is None or unit not in ALONE or words[at] not in (f"{unit}s", "fortnight"):
        return None
    return Span(UNITS[unit] * (1 if unit == "fortnight" else 2), at, at + 1, "bare")


def _upper(words: Sequence[str], value: float, end: int) -> int:
    """The place behind "3-4" or "two or three"; the lower number counts."""
    upper = number_at(words, end + 1) if word_at(words, end) in ("-", "–", "to", "or", "/", "maybe") else None
    return upper[1] if upper and upper[0] > value else end


def _half(words: Sequence[str], value: float, end: int) -> tuple[float, int]:
    """Adds "and a half"."""
    if word_at(words, end) == "and" and word_at(words, end + 1) in ("a", "one") and word_at(words, end + 2) == "half":
        return value + 0.5, end + 3
    if word_at(words, end) == "and" and word_at(words, end + 1) == "half":
        return value + 0.5, end + 2
    return value, end


def _remainder(words: Sequence[str], end: int, unit: float) -> tuple[float, int]:
    """The days of "and 2 days" behind a larger unit, and the place behind."""
    number = number_at(words, end + 1) if word_at(words, end) in ("and", ",") else None
    small = unit_at(words, number[1]) if number else None
    if number and small and UNITS[small] < unit:
        return number[0] * UNITS[small], number[1] + 1
    return 0.0, end


def _rank(words: Sequence[str], at: int) -> Span | None:
    """ "Day 5", "week four", "third week": the unit has begun, not ended."""
    unit = unit_at(words, at, number=False)
    number = number_at(words, at + 1) if unit and not words[at].endswith("s") else None
    if (
        unit
        and number
        and word_at(words, at + 1) not in ("a", "an", "half", "some", "many")
        and not unit_at(words, number[1])
    ):
        return Span(_begun(unit, number[0]), at, number[1], "rank")
    rank = RANKS.get(words[at]) or (
        int(words[at]) if words[at].isdigit() and word_at(words, at + 1) in ("st", "nd", "rd", "th") else None
    )
    place = at + 1 + (words[at].isdigit() and rank is not None)
    unit = unit_at(words, place, number=False)
    if rank and unit and not words[place].endswith("s") and rank > 1:
        return Span(_begun(unit, float(rank)), at, place + 1, "rank")
    return None


def _begun(unit: str, number: float) -> float:
    return number if UNITS[unit] <= 1 else (number - 1) * UNITS[unit] + 1


def _stretch(words: Sequence[str], at: int) -> Span | None:
    """ "All month", "the whole night", "the entire semester"; "autumn has come and gone"."""
    if words[at] in SEASONS and " ".join(words[at + 1 : at + 5]).endswith("come and gone"):
        return Span(60.0, at, at + 5, "count")
    if (
        word_at(words, at - 1) == "the"
        and words[at] in ("past", "last")
        and (unit := unit_at(words, at + 1, number=False))
    ):
        return None if words[at + 1].endswith("s") else Span(UNITS[unit], at, at + 2, "count")
    if words[at] not in STRETCH:
        return None
    place = at + 1
    while word_at(words, place) in ("the", "of", "this", "last", "past", "my", "through", "long", "damn", "live"):
        place += 1
    word = word_at(words, place)
    if word in ("life", "lives"):
        return Span(LIFELONG, at, place + 1, "vague")
    if word in SEASONS or word in MONTHS:
        return Span(90.0 if word in SEASONS else 30.0, at, place + 1, "count")
    unit = unit_at(words, place, number=False)
    if unit in ("day", "night", "evening", "morning") or word == "afternoon":
        return Span(HALF_DAY, at, place + 1, "count")
    if unit == "weekend":
        return Span(2.0, at, place + 1, "count")
    return Span(UNITS[unit], at, place + 1, "count") if unit and not word.endswith("s") else None


def _vague(words: Sequence[str], at: int) -> Span | None:
    if list(words[at : at + len(FOR_LIFE)]) == FOR_LIFE:
        return Span(LIFELONG, at, at + len(FOR_LIFE), "vague")
    before = set(words[max(0, at - 4) : at])
    stated = words[at] == "ages" or (words[at] == "forever" and not before & NOT_STATED)
    return Span(VAGUE, at, at + 1, "vague") if stated and before & FOR else None
