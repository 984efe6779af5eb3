"""Since when: dates and times of life in the words of a message, as days before today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from nlu.numbers import UNITS, number_at, unit_at, word_at

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""Month in which each begins, on the northern half of the earth."""

FEASTS = {"christmas": (12, 25), "easter": (4, 5), "halloween": (10, 31), "thanksgiving": (11, 25), "whitsun": (5, 25)}
FEASTS |= {"valentines": (2, 14), "diwali": (11, 1)}
"""Month and day; of movable feasts a usual one."""

LIFE = frozenset("puberty childhood birth kid child teen teens teenager born school remember twenties thirties".split())
TODAY = frozenset("today morning lunch lunchtime noon midnight breakfast dinner tonight woke waking afternoon".split())
BEGAN = frozenset("started began begun start starting noticed".split())
BEFORE_A_DATE = frozenset("in on from around last late early mid about yesterday".split())
OTHERS = frozenset("baby son daughter kids".split())
"""What was born or happened to one of these is no time of the reader's own life."""

HALF_DAY = 0.5
LIFELONG = 3650.0
"""Days for "since puberty" or "all my life": years, whatever the age."""

YOUNG = 40
"""Who had it since an age below this has had it for long."""

REACH = 6
"""Words behind "since" within which the date must stand ("since the end of last summer")."""


def since(words: Sequence[str], at: int, today: date) -> tuple[float, int] | None:
    """Reads "since March" or "(it started) in March".

    Args:
        words: normal forms.
        at: where "since" or "in" stands.
        today: what is counted from.

    Returns:
        Days, and the place behind; None where no date follows.
    """
    began = words[at] in BEFORE_A_DATE and BEGAN & set(words[max(0, at - 4) : at])
    if words[at] != "since" and not began:
        return None
    first = at + (words[at] == "since")
    for place in range(first, min(first + REACH, len(words))):
        if not words[place][:1].isalnum() or words[place] in OTHERS:
            return None
        days = _days_since(words, place, today)
        if days is not None:
            more = {"last": 1, "beginning": 3, "start": 3}.get(words[place], 0)
            return days, min(place + 1 + more, len(words))
        if _is_count(words, place) or _is_another_story(words, place):
            return None
    return None


def _is_count(words: Sequence[str], at: int) -> bool:
    """ "Since three weeks": a count, not a date."""
    number = number_at(words, at)
    return bool(unit_at(words, at) or (number and unit_at(words, number[1])))


def _is_another_story(words: Sequence[str], at: int) -> bool:
    """ "Since we met": no date."""
    return words[at] in ("i", "my", "we", "he", "she") and not set(words[at + 1 : at + 5]) & (LIFE | TODAY | {"was"})


def _days_since(words: Sequence[str], at: int, today: date) -> float | None:
    word, following = words[at], word_at(words, at + 1)
    if word == "last":
        unit = unit_at(words, at + 1, number=False)
        if following in SEASONS:
            return _ago(today, SEASONS[following], 1)
        if following in MONTHS:
            return _ago(today, MONTHS.index(following) + 1, 1)
        if following in WEEKDAYS:
            return 7.0
        return UNITS[unit] if unit else None
    if word in ("yesterday", "night") or word in TODAY:
        return 1.0 if word in ("yesterday", "night") else HALF_DAY
    if word in WEEKDAYS:
        return float((today.weekday() - WEEKDAYS.index(word)) % 7 or 7)
    if word == "weekend":
        return float((today.weekday() - 5) % 7 or 7)
    if word in ("beginning", "start") and "year" in words[at + 1 : at + 4]:
        return _ago(today, 1, 1)
    if word in MONTHS:
        return _ago(today, MONTHS.index(word) + 1, 1)
    if word in SEASONS:
        return _ago(today, SEASONS[word], 1)
    if word == "new" and following in ("year", "years"):
        return _ago(today, 1, 1)
    if word in FEASTS:
        return _ago(today, *FEASTS[word])
    if word.isdigit() and 1900 < int(word) <= today.year:
        return max(float((today - date(int(word), 12, 31)).days), 31.0)
    if word == "was" and words[at - 1] in ("i", "he", "she") and (age := number_at(words, at + 1)):
        return LIFELONG if age[0] < YOUNG else UNITS["year"]
    return LIFELONG if word in LIFE else None


def _ago(today: date, month: int, day: int) -> float:
    """Days since the latest such day; a month counts from its first day, or from its last where it is past."""
    then = date(today.year, month, day)
    if then > today:
        then = date(today.year - 1, month, day)
    if day == 1 and (then.year, then.month) != (today.year, today.month):
        then = date(then.year + then.month // 12, then.month % 12 + 1, 1) - timedelta(days=1)
    return float((today - then).days)
