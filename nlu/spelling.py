"""Words of a message, with slips of the pen put right: what patterns of words are matched against."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple

SHORTEST_FUZZY = 5
"""Words of fewer letters than this are only matched as they stand: too many real words lie one letter apart."""

SHORTEST_TWO_SLIPS = 8
"""From this many letters on two slips are forgiven, below it one."""

MEMORY = 8192
"""Words whose correction is remembered."""

CONTRACTED = {"can": "cant", "will": "wont"}
CONTRACTED |= {verb: f"{verb}nt" for verb in "do does did is are was were has have had could would should".split()}
"""Verbs that become one word with a "not" behind them, so that "does not" and "doesn't" are the same."""

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['’`´][^\W\d_]+)*|[^\w\s]|\n")
_APOSTROPHE = re.compile(r"['’`´]")
_LONG = re.compile(r"(.)\1{2,}")


class Word(NamedTuple):
    """One word, number or sign of a message: its normal form and where it stands."""

    norm: str
    start: int
    end: int


class Spelling:
    """Corrects words that are not known to the nearest word that matters."""

    def __init__(self, known: Collection[str], targets: Collection[str], replacements: Mapping[str, str]) -> None:
        """Prepares the look-up.

        Args:
            known: real words, lower case, which are never changed ("cheat" is not "chest").
            targets: the words worth finding; only these are ever the outcome of a correction.
            replacements: short and common wrong forms and what stands for them, without spaces on the left.
        """
        self._known = frozenset(known) | frozenset(targets)
        self._replacements = dict(replacements)
        self._targets: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for target in sorted(targets):
            if len(target) >= SHORTEST_FUZZY and target.isalpha():
                self._targets.setdefault((target[0], len(target)), []).append((target, _letters(target)))
        self.correct = lru_cache(maxsize=MEMORY)(self._correct)
        self._norms = lru_cache(maxsize=MEMORY)(self._normal_forms)

    def words(self, text: str) -> list[Word]:
        """Cuts a message into words, numbers and signs.

        "3weeks" becomes two words, "can't" and "cant" the same one, a hyphen between words is left out.

        Args:
            text: the message as typed.

        Returns:
            The words in order; ``start`` and ``end`` are offsets in ``text``.
        """
        found: list[Word] = []
        for match in _TOKEN.finditer(text):
            typed, (start, end) = match[0], match.span()
            if typed == "-" and start > 0 and end < len(text) and text[start - 1].isalpha() and text[end].isalpha():
                continue
            for norm in self._norms(typed):
                if norm == "not" and found and found[-1].norm in CONTRACTED:
                    before = found.pop()
                    found.append(Word(CONTRACTED[before.norm], before.start, end))
                else:
                    found.append(Word(norm, start, end))
        return found

    def _normal_forms(self, typed: str) -> list[str]:
        """The words that a typed one stands for, in lower case and corrected."""
        return self._correct(_APOSTROPHE.sub("", typed.lower())).split()

    def _correct(self, word: str) -> str:
        if word in self._replacements:
            return self._replacements[word]
        if word in self._known or not word.isalpha():
            return word
        for shorter in (_LONG.sub(r"\1\1", word), _LONG.sub(r"\1", word)):
            if shorter != word and shorter in self._known:
                return shorter
        return self._nearest(word) or word

    def _nearest(self, word: str) -> str | None:
        """The target with the fewest slips; of several one that begins with the word's first letter, and not with its
        second one, then the first by the alphabet."""
        if len(word) < SHORTEST_FUZZY - 1:
            return None
        found = (
            (distance, place, target)
            for place, first in enumerate(dict.fromkeys(word[:2]))
            for target, limit in self._alike(word, first)
            if (distance := slips(word, target, limit)) <= limit
        )
        return min(found, default=(0, 0, None))[2]

    def _alike(self, word: str, first: str) -> Iterator[tuple[str, int]]:
        """Targets with nearly the same letters, and how many slips each is forgiven: a slip changes two at most."""
        letters, length = _letters(word), len(word)
        for size in range(length - 2, length + 3):
            limit = 2 if size >= SHORTEST_TWO_SLIPS else 1
            if abs(size - length) <= limit:
                for target, of_target in self._targets.get((first, size), ()):
                    if (letters ^ of_target).bit_count() <= 2 * limit:
                        yield target, limit


def _letters(word: str) -> int:
    """Which letters a word has, a bit for each; letters that are not English ones share bits with others."""
    return reduce(or_, (1 << ord(letter) % 32 for letter in word))


def slips(a: str, b: str, limit: int) -> int:
    """Counts the slips between two words: a letter too many, too few, wrong, or two swapped (Damerau).

    Args:
        a: a word.
        b: another.
        limit: the largest number of interest.

    Returns:
        The number of slips; ``limit + 1`` where there are more.
    """
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        new = [i]
        for j, other in enumerate(b, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) > limit:
            return limit + 1
        before, row = row, new
    return row[-1]
