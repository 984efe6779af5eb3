"""Numbers and units of time in the words of a message."""

from __future__ import annotations

from collections.abc import Sequence

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBERS: dict[str, float] = {word: float(value) for value, word in enumerate(ONES)}
NUMBERS |= {word: 10.0 * value for value, word in enumerate(TENS, 2)}
NUMBERS |= {"a": 1, "an": 1, "couple": 2, "few": 3, "several": 3, "many": 3, "some": 3, "dozen": 12, "hundred": 100}
"""What a word counts for; of a vague one ("few") the least that people mean by it."""

RANKS = {
    word: value
    for value, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 1
    )
}
UNITS = {"hour": 1 / 24, "day": 1.0, "night": 1.0, "evening": 1.0, "morning": 1.0, "week": 7.0, "weekend": 7.0}
UNITS |= {"fortnight": 14.0, "month": 30.0, "season": 90.0, "semester": 120.0, "year": 365.0, "decade": 3650.0}
"""Days of each unit."""

SHORT_UNITS = {"h": "hour", "hr": "hour", "hrs": "hour", "d": "day", "w": "week", "m": "month", "mo": "month"}
SHORT_UNITS |= {"mos": "month", "y": "year"}
"""Letters that mean a unit right behind a number."""


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
    word = word_at(words, at)
    if word[:1].isdigit():
        return float(word.replace(",", ".")), at + 1
    if word == "half":
        return 0.5, at + 1 + (word_at(words, at + 1) in ("a", "an"))
    if word not in NUMBERS:
        return None
    value, end = NUMBERS[word], at + 1
    following = word_at(words, end)
    if word in ("a", "an") and following == "good" and (number := number_at(words, end + 1)):
        return number
    if word in ("a", "an") and following in ("couple", "few", "dozen", "hundred"):
        return NUMBERS[following], end + 1
    if word in ("a", "an") and following == "half":
        return 0.5, end + 1
    if 20 <= value < 100 and 0 < NUMBERS.get(following, 0) < 10 and following in ONES:
        return value + NUMBERS[following], end + 1
    return value, end
