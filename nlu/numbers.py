"""Numbers and units of time in the words of a message."""

from __future__ import annotations

import re
from collections.abc import Sequence

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBERS: dict[str, float] = {word: float(value) for value, word in enumerate(ONES)}
NUMBERS |= {word: 10.0 * value for value, word in enumerate(TENS, 2)}
NUMBERS |= {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 3, "many": 3, "some": 3, "dozen": 12}
NUMBERS |= {"hundred": 100, "thousand": 1000}
"""What a word counts for; of a vague one ("few") the least that people mean by it."""

RANKS = {
    word: value
    for value, word in enumerate(
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
            "fifteenth"
        ).split(),
        1,
    )
}
RANKS |= {word.removesuffix("y") + "ieth": 10 * value for value, word in enumerate(TENS, 2)} | {"hundredth": 100}
UNITS = {"hour": 1 / 24, "day": 1.0, "night": 1.0, "evening": 1.0, "morning": 1.0, "week": 7.0, "weekend": 7.0}
UNITS |= {"fortnight": 14.0, "month": 30.0, "season": 90.0, "semester": 120.0, "year": 365.0, "decade": 3650.0}
"""Days of each unit."""

SHORT_UNITS = {"h": "hour", "hr": "hour", "hrs": "hour", "d": "day", "w": "week", "m": "month", "mo": "month"}
SHORT_UNITS |= {"mos": "month", "y": "year"}
"""Letters that mean a unit right behind a number."""


POWERS = {"hundred": 100.0, "thousand": 1000.0, "million": 1_000_000.0}
THOUSANDS = re.compile(r"\d{1,3}[.,]000")
"""A comma or point that sets thousands off, and no fraction."""

ORDINAL = frozenset("st nd rd th".split())


def word_at(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def unit_at(words: Sequence[str], at: int, number: bool = True) -> str | None:
    word = word_at(words, at)
    if number and word in SHORT_UNITS:
        return SHORT_UNITS[word]
    for unit in (word, word.removesuffix("s")):
        if unit in UNITS:
            return unit
    return None


def number_at(words: Sequence[str], at: int) -> tuple[float, int] | None:
    """A number at a place, and the place behind it."""
    found = _plain_number(words, at)
    if found and word_at(words, found[1]) == "of" and word_at(words, found[1] + 1) in POWERS:
        found = found[0], found[1] + 1
    power = POWERS.get(word_at(words, found[1])) if found else None
    if found is None or power is None:
        return found
    value, end = found[0] * power, found[1] + 1
    more = _plain_number(words, end + 1) if word_at(words, end) == "and" else None
    if more and 1 < more[0] < power and unit_at(words, more[1]):
        return value + more[0], more[1]
    return value, end


def _plain_number(words: Sequence[str], at: int) -> tuple[float, int] | None:
    word = word_at(words, at)
    if word[:1].isdecimal():
        return float(re.sub("[.,]", "", word) if THOUSANDS.fullmatch(word) else word.replace(",", ".")), at + 1
    if word == "half":
        return 0.5, at + 1 + (word_at(words, at + 1) in ("a", "an"))
    if word not in NUMBERS:
        return None
    value, end = NUMBERS[word], at + 1
    following = word_at(words, end)
    if word in ("a", "an") and following == "good" and (number := number_at(words, end + 1)):
        return number
    if word in ("a", "an") and following in ("couple", "few", "dozen"):
        return NUMBERS[following], end + 1
    if word in ("a", "an") and following == "half":
        return 0.5, end + 1
    if 20 <= value < 100 and 0 < NUMBERS.get(following, 0) < 10 and following in ONES:
        return value + NUMBERS[following], end + 1
    return value, end


def rank_at(words: Sequence[str], at: int) -> tuple[int, int] | None:
    """ "Third", "3rd", "eighty-fourth": a rank at a place, and the place behind it."""
    word, following = word_at(words, at), word_at(words, at + 1)
    if word in RANKS:
        return RANKS[word], at + 1
    if word in TENS and 0 < RANKS.get(following, 0) < 10:
        return int(NUMBERS[word]) + RANKS[following], at + 2
    return (int(word), at + 2) if word.isdecimal() and following in ORDINAL else None


def upper(words: Sequence[str], value: float, end: int) -> int:
    """The place behind "3-4" or "two or three"; the lower number counts."""
    higher = number_at(words, end + 1) if word_at(words, end) in ("-", "–", "to", "or", "/", "maybe") else None
    return higher[1] if higher and higher[0] > value else end


def and_half(words: Sequence[str], value: float, end: int) -> tuple[float, int]:
    """Adds "and a half"."""
    if word_at(words, end) == "and" and word_at(words, end + 1) in ("a", "one") and word_at(words, end + 2) == "half":
        return value + 0.5, end + 3
    if word_at(words, end) == "and" and word_at(words, end + 1) == "half":
        return value + 0.5, end + 2
    return value, end


def remainder(words: Sequence[str], end: int, unit: float) -> tuple[float, int]:
    """The days of "and 2 days" behind a larger unit, and the place behind."""
    number = number_at(words, end + 1) if word_at(words, end) == "and" else None
    small = unit_at(words, number[1]) if number else None
    if number and small and UNITS[small] < unit:
        return number[0] * UNITS[small], number[1] + 1
    return 0.0, end
