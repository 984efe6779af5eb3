"""Since when: dates and times of life in the words of a message, as days before today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from nlu.numbers import ORDINAL, RANKS, UNITS, number_at, unit_at, word_at

WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
MONTHS = "january february march april may june july august september october november december".split()
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""Month in which each begins, on the northern half of the earth."""

FEASTS = {"christmas": (12, 25), "easter": (4, 5), "halloween": (10, 31), "thanksgiving": (11, 25), "whitsun": (5, 25)}
FEASTS |= {"valentines": (2, 14), "diwali": (11, 1)}
"""Month and day; of movable feasts a usual one."""

LIFE = frozenset("puberty childhood birth kid child teen teens teenager born school remember twenties thirties".split())
TODAY = frozenset("today morning lunch lunchtime noon midnight breakfast dinner tonight woke waking afternoon".split())
BEGAN = frozenset(
    "started began begun start starting noticed appeared came popped arrived kicked crept developed set".split()
)
BEFORE_A_DATE = frozenset("in on from around last late early mid about yesterday before at over after during".split())
BEFORE_A_DATE |= set("today this past end beginning middle sometime".split())
MAY_OPEN = BEFORE_A_DATE | set(WEEKDAYS)
GONE_ON = frozenset("gone going went lasted lasting dragged continued well way".split())
"""Beside "past" these say that it has lasted beyond a date: "it has gone on past new year"."""

SINCE = frozenset({"since", "past", "from"})
OTHERS = frozenset("baby son daughter kids".split())
"""What was born or happened to one of these is no time of the reader's own life."""

HALF_DAY = 0.5
LIFELONG = 3650.0
"""Days for "since puberty" or "all my life": years, whatever the age."""

YOUNG = 40
"""Who had it since an age below this has had it for long."""

REACH = 10
"""Words behind "since" within which the date must stand ("since we moved house in February")."""

FILLERS = frozenset("about around like maybe only just roughly still".split())
PARTS = {"early": 5, "beginning": 5, "start": 5, "mid": 15, "middle": 15}
"""Day of the month that "early", "mid" and the like mean at the latest; "late" and no word mean its end."""

EVENT = frozenset("in on last this around at of yesterday".split())
"""Before one of these and a date an event tells its own time: "since we moved *in June*"."""


def since(words: Sequence[str], at: int, today: date) -> tuple[float, int] | None:
    """Reads "since March", "since we moved in March" or "(it started) in March".

    Args:
        words: normal forms.
        at: where "since" or "in" stands.
        today: what is counted from.

    Returns:
        Days, and the place behind; None where no date follows.
    """
    if not _opens(words, at):
        return None
    first = at + (words[at] in SINCE)
    story = theirs = False
    for place in range(first, min(first + REACH, len(words))):
        if not words[place][:1].isalnum() or words[place] in ("and", "but", "because"):
            return None
        theirs = theirs or words[place] in OTHERS
        if theirs and words[place] in LIFE:
            return None
        dated = _days_since(words, place, today) if not (story or theirs) or words[place - 1] in EVENT else None
        if dated is not None:
            return dated
        if _is_count(words, place):
            return None
        story = story or _is_another_story(words, place)
    return None


def _opens(words: Sequence[str], at: int) -> bool:
    before = words[max(0, at - 4) : at]
    if words[at] == "past":
        return not GONE_ON.isdisjoint(before)
    if words[at] == "from":
        return bool({"now", "today", "onwards", "onward"} & set(words[at + 1 : at + 5]))
    if words[at] in MONTHS and words[at + 2 : at + 3] in (["now"], ["today"]):
        return words[at + 1] in ("to", "till", "until", "through")
    return words[at] == "since" or (words[at] in MAY_OPEN and not BEGAN.isdisjoint(before))


def _is_count(words: Sequence[str], at: int) -> bool:
    """ "Since three weeks": a count, not a date."""
    number = number_at(words, at)
    return bool(unit_at(words, at) or (number and unit_at(words, number[1])))


def _is_another_story(words: Sequence[str], at: int) -> bool:
    """ "Since we met": no date of its own."""
    return words[at] in ("i", "my", "we", "he", "she", "our") and not set(words[at + 1 : at + 5]) & (
        LIFE | TODAY | {"was"}
    )


def _days_since(words: Sequence[str], at: int, today: date) -> tuple[float, int] | None:
    """Days since the date that stands at a place, and the place behind it."""
    exact = _day_of_month(words, at, today)
    if exact:
        return exact
    if list(words[at : at + 3]) == ["day", "before", "yesterday"]:
        return 2.0, at + 3
    days = _named(words, at, today)
    if days is None:
        return None
    more = {"last": 1, "new": 1, "beginning": 3, "start": 3}.get(words[at], 0)
    if list(words[at + more + 1 : at + more + 3]) == ["before", "last"]:
        return days + UNITS["year"], at + more + 3
    return days, min(at + 1 + more, len(words))


def _day_of_month(words: Sequence[str], at: int, today: date) -> tuple[float, int] | None:
    """ "The 20th", "20 April", "April 20th", "the 20th of last month"; a number alone is no date."""
    month, place = _month(words, at), at
    if month:
        place = at + 1
    day, end = _day(words, place)
    if not day or (month and unit_at(words, end)):
        return None
    if not month:
        ordinal = end > place + 1 or words[place] in RANKS
        end += word_at(words, end) == "of"
        month, end = _month_behind(words, end, today)
        if not month and not ordinal:
            return None
    return _days_ago(today, month, day), end


def _month_behind(words: Sequence[str], end: int, today: date) -> tuple[int, int]:
    """The month behind a day, 0 where none is named."""
    if list(words[end : end + 2]) == ["last", "month"]:
        return (today.month - 2) % 12 + 1, end + 2
    if list(words[end : end + 2]) == ["this", "month"]:
        return today.month, end + 2
    month = _month(words, end)
    return month, end + bool(month)


def _month(words: Sequence[str], at: int) -> int:
    return MONTHS.index(words[at]) + 1 if word_at(words, at) in MONTHS else 0


def _day(words: Sequence[str], at: int) -> tuple[int, int]:
    word = word_at(words, at)
    number = int(word) if word.isdecimal() else RANKS.get(word, 0)
    if word in RANKS and word_at(words, at + 1).isalpha() and word_at(words, at + 1) not in {"of", *MONTHS}:
        return 0, at  # "in the first place"
    if not 1 <= number <= 31 or unit_at(words, at + 1 + (word_at(words, at + 1) in ORDINAL)):
        return 0, at
    return number, at + 1 + (word_at(words, at + 1) in ORDINAL)


def _days_ago(today: date, month: int, day: int) -> float:
    """Days since the latest such day; of the latest month that has it where no month is named."""
    for back in range(13):
        index = today.year * 12 + today.month - 1 - back
        year, number = divmod(index, 12)
        if (month and number + 1 != month) or not _exists(year, number + 1, day):
            continue
        then = date(year, number + 1, day)
        if then <= today:
            return float((today - then).days)
    return UNITS["year"]


def _exists(year: int, month: int, day: int) -> bool:
    return day <= (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day


def _named(words: Sequence[str], at: int, today: date) -> float | None:
    word = words[at]
    if word == "last":
        return _last(words, at, today)
    if word in ("yesterday", "night") or word in TODAY:
        return 1.0 if word in ("yesterday", "night") else HALF_DAY
    if word in WEEKDAYS:
        return float((today.weekday() - WEEKDAYS.index(word)) % 7 or 7)
    if word == "weekend":
        return float((today.weekday() - 5) % 7 or 7)
    if word in ("beginning", "start") and "year" in words[at + 1 : at + 4]:
        return ago(today, 1, 1)
    if word in MONTHS:
        parts = [PARTS[near] for near in words[max(0, at - 3) : at] if near in PARTS]
        return _days_ago(today, MONTHS.index(word) + 1, parts[0]) if parts else ago(today, MONTHS.index(word) + 1, 1)
    if word == "new" and word_at(words, at + 1) in ("year", "years"):
        return ago(today, 1, 1)
    return _of_the_year(words, at, today)


def _of_the_year(words: Sequence[str], at: int, today: date) -> float | None:
    word = words[at]
    if word in ("clock", "clocks") and word_at(words, at + 1) in ("changed", "change", "went"):
        spring, autumn = ago(today, 3, 31), ago(today, 10, 31)
        return {"forward": spring, "back": autumn}.get(word_at(words, at + 2), min(spring, autumn))
    if word in SEASONS or word in FEASTS:
        return ago(today, *day_of(word))
    return _of_life(words, at, today)


def _last(words: Sequence[str], at: int, today: date) -> float | None:
    following = word_at(words, at + 1)
    unit = unit_at(words, at + 1, number=False)
    if following in SEASONS or following in FEASTS:
        return ago(today, *day_of(following))
    if following in MONTHS:
        days = ago(today, MONTHS.index(following) + 1, 1)
        return days if days >= UNITS["month"] else days + UNITS["year"] - UNITS["month"]
    if following in WEEKDAYS:
        return 7.0
    return UNITS[unit] if unit else None


def _of_life(words: Sequence[str], at: int, today: date) -> float | None:
    word, place = words[at], at + 1
    if word.isdecimal() and 1900 < int(word) <= today.year:
        return max(float((today - date(int(word), 12, 31)).days), 31.0)
    while word_at(words, place) in FILLERS:
        place += 1
    if word == "was" and words[at - 1] in ("i", "he", "she") and (age := number_at(words, place)):
        return LIFELONG if age[0] < YOUNG else UNITS["year"]
    return LIFELONG if word in LIFE and words[at - 1] != "new" else None  # "started at a new school"


def day_of(name: str) -> tuple[int, int]:
    """Month and day on which a season begins or a feast falls."""
    return FEASTS[name] if name in FEASTS else (SEASONS[name], 1)


def ago(today: date, month: int, day: int) -> float:
    """Days since the latest such day; a month counts from its first day, or from its last where it is past."""
    then = date(today.year, month, day)
    if then > today:
        then = date(today.year - 1, month, day)
    if day == 1 and (then.year, then.month) != (today.year, today.month):
        then = date(then.year + then.month // 12, then.month % 12 + 1, 1) - timedelta(days=1)
    return float((today - then).days)
