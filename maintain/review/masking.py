"""Hides personal details in what readers wrote, before it is shown or becomes data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from maintain.review.personal import INTRODUCED, NO_NAMES, PATTERNS, STOP

NAMES = Path(__file__).with_name("first_names.txt")
"""First names that are recognised in lower case, too; one a line."""


SURNAME = re.compile(r"\w[\w'’-]*(?:[,.!]| and\b)", re.IGNORECASE)
"""Behind a first name a word before such a sign is its second half, in whatever case: "i'm sarah smith, 34"."""


@dataclass(frozen=True)
class Found:
    """A personal detail.

    Attributes:
        kind: what stands in its place, in brackets.
        start: its first character.
        end: behind its last character.
    """

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Masked:
    """A text without its personal details.

    Attributes:
        text: with ``[kind]`` in place of each detail.
        found: the details, by place in the text as it was written.
    """

    text: str
    found: tuple[Found, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What was hidden, each kind once."""
        return tuple(dict.fromkeys(each.kind for each in self.found))


def mask(text: str) -> Masked:
    """Hides personal details.

    Args:
        text: what a reader wrote.

    Returns:
        The text without them, and what was found where. It errs on the side of hiding.
    """
    taken: list[Found] = []
    for kind, pattern in PATTERNS:
        for found in _spans(kind, pattern, text):
            if not any(found.start < other.end and other.start < found.end for other in taken):
                taken.append(found)
    masked, end = "", 0
    for found in sorted(taken, key=lambda each: each.start):
        masked += f"{text[end : found.start]}[{found.kind}]"
        end = found.end
    return Masked(masked + text[end:], tuple(sorted(taken, key=lambda each: each.start)))


def _spans(kind: str, pattern: str, text: str) -> Iterator[Found]:
    for match in _compiled(pattern).finditer(text):
        group = "it" if "it" in match.groupdict() else 0
        start, end = match.span(group)
        if kind in CHECKS:
            end = start + CHECKS[kind](match.group(group), match, text.isupper())
        end = start + len(text[start:end].rstrip())
        if end > start:
            yield Found(kind, start, end)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _first_names() -> frozenset[str]:
    return frozenset(NAMES.read_text(encoding="utf-8").split())


def _phone_length(it: str, _match: re.Match[str], _shouted: bool) -> int:
    """How much of a run of digits is a telephone number: all of it, or nothing."""
    groups = re.findall(r"\d+", it)
    digits = "".join(groups)
    years = all(len(group) == 4 and group[:2] in ("19", "20") for group in groups)
    dated = re.fullmatch(r"\d{1,2}([./-])\d{1,2}\1(\d{2}|\d{4})|\d{4}-\d{1,2}-\d{1,2}", it)
    likely = it.startswith(("+", "0", "(")) or any(len(group) >= 3 for group in groups)
    round_numbers = all(set(group[1:]) <= {"0"} for group in groups)
    return len(it) if 7 <= len(digits) <= 15 and likely and not (years or dated or round_numbers) else 0


def _name_length(it: str, match: re.Match[str], shouted: bool) -> int:
    """How much of the words after "I am" or "my name is" is a name."""
    introduced = INTRODUCED.match(match.group()) is not None
    length, begins = 0, match.start("it")
    for number, word in enumerate(re.finditer(r"\S+", it)):
        bare = word.group().strip(".,!?'’")
        is_surname = number == 1 and SURNAME.match(match.string, begins + word.start())
        may_be = is_surname and bare.lower() not in STOP | NO_NAMES
        if not (may_be or _is_name(bare, introduced and number == 0, shouted)):
            break
        length = word.end()
    return length


def _is_name(word: str, introduced: bool, shouted: bool) -> bool:
    lower = word.lower()
    if lower in STOP or (not introduced and lower in NO_NAMES):
        return False
    capital = word[:1].isupper() and (word[1:].islower() or not word[1:] or "-" in word or "'" in word)
    return introduced or lower in _first_names() or (capital and not shouted)


CHECKS: dict[str, Callable[[str, re.Match[str], bool], int]] = {"phone": _phone_length, "name": _name_length}
"""For a kind of detail, how many of the characters found really are one."""
