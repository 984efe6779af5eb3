"""Finds the entries of ``data/facts`` in the words of a message.

Most patterns are out of the question for a message. Which ones, its words tell of all patterns at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import and_

from nlu.vocabulary import Element, Pattern, match_at

MEMORY = 4096
"""Words of which it is remembered what may begin with them."""

NEEDED = 2
"""Places of a pattern whose words are looked for in the message before the pattern is tried."""

DENIALS = frozenset("not isnt arent wasnt werent aint dont doesnt didnt havent hasnt never nor without".split())
ASSERTED = frozenset("just only stop stops stopped stopping quit sure know kidding joking lying even".split())
"""Behind a denial these make it none: "does not stop", "not only"."""


@dataclass(frozen=True)
class Found:
    """A match: which entry of the vocabulary, and the words from ``start`` up to ``end``.

    ``denied`` tells that a denial stands in a gap of the pattern: "my face is *not* drooping".
    """

    entry: str
    start: int
    end: int
    denied: bool = False


Patterns = int
"""A set of the patterns of a vocabulary, a bit for each: to join and to cut sets takes one step of the processor for 64
patterns."""


class Vocabulary:
    """Entries of several files and their patterns, found in a message by the words they begin with."""

    def __init__(self, files: Mapping[str, Iterable[tuple[str, Pattern]]]) -> None:
        """Sorts the patterns by their possible first words, and by words without which they cannot fit.

        Args:
            files: for each file pairs of entry and pattern; an entry may come several times.
        """
        self._files = tuple(files)
        self._patterns = [(file, *pair) for file, pairs in files.items() for pair in pairs]
        self._by_word: dict[str, Patterns] = defaultdict(int)
        self._by_prefix: dict[str, Patterns] = defaultdict(int)
        self._needing: dict[str, list[Patterns]] = defaultdict(lambda: [0] * NEEDED)
        self._undemanding = [0] * NEEDED
        for number, (_, _, pattern) in enumerate(self._patterns):
            self._add(pattern, 1 << number)
        self._prefixes = sorted(self._by_prefix, key=len)
        self._beginning = lru_cache(maxsize=MEMORY)(self._that_begin)

    def _add(self, pattern: Pattern, bit: Patterns) -> None:
        for element in _firsts(pattern):
            for word in element.words:
                self._by_word[word] |= bit
            for prefix in element.prefixes:
                self._by_prefix[prefix] |= bit
        for place, words in enumerate(_needed(pattern)):
            for word in words:
                self._needing[word][place] |= bit
            if not words:
                self._undemanding[place] |= bit

    @property
    def elements(self) -> Iterator[Element]:
        """All places of all patterns."""
        return (element for _, _, pattern in self._patterns for element in pattern)

    def find(self, words: Sequence[str]) -> list[tuple[str, Found]]:
        """Finds every entry, of each file the longest match where several begin or overlap.

        Args:
            words: the normal forms of a message's words.

        Returns:
            File and match, file by file and there in order; no two of one file overlap.
        """
        present = frozenset(words)
        possible = self._possible(present)
        denials = () if present.isdisjoint(DENIALS) else _denials(words)
        matches: dict[str, list[Found]] = {file: [] for file in self._files}
        for at, word in enumerate(words):
            for beginning in self._beginning(word):
                if tried := beginning & possible:
                    for file, entry, pattern in map(self._patterns.__getitem__, _numbers(tried)):
                        matches[file].extend(_matches(entry, pattern, words, at, denials))
        return [(file, match) for file, found in matches.items() if found for match in longest(found, denials)]

    def _possible(self, present: Collection[str]) -> Patterns:
        """The patterns whose needed words are there."""
        possible = [*self._undemanding]
        for word in present:
            for place, patterns in enumerate(self._needing.get(word, ())):
                possible[place] |= patterns
        return reduce(and_, possible)

    def _that_begin(self, word: str) -> list[Patterns]:
        """What may begin with a word: the patterns that name it, then those that name a beginning of it."""
        named = self._by_word.get(word, 0)
        begun = [self._by_prefix[prefix] for prefix in self._prefixes if word.startswith(prefix)]
        return [named, *begun] if named else begun


def _numbers(patterns: Patterns) -> Iterator[int]:
    """The places of the bits in a set of patterns."""
    while patterns:
        last = patterns & -patterns
        yield last.bit_length() - 1
        patterns ^= last


def _denials(words: Sequence[str]) -> Collection[int]:
    """The places of denials."""
    return {at for at, word in enumerate(words) if word in DENIALS and not {*words[at + 1 : at + 2]} & ASSERTED}


def _matches(entry: str, pattern: Pattern, words: Sequence[str], at: int, denials: Collection[int]) -> Iterator[Found]:
    end = match_at(pattern, words, at)
    sure = match_at(pattern, words, at, denials) if denials and end is not None else end
    if sure is not None and sure > at:
        yield Found(entry, at, sure)
    if end is not None and end > at and end != sure:
        yield Found(entry, at, end, denied=True)


def longest(matches: Iterable[Found], denials: Collection[int] = ()) -> list[Found]:
    """Leaves out what overlaps something better.

    Args:
        matches: in any order.
        denials: places of denials; one that belongs to a match ("not breathing") is not cut off by a longer match.

    Returns:
        Matches in order, none overlapping another: what is not denied before what is, a longer one before a shorter
        one, ``never`` before an equally long entry.
    """

    def rank(match: Found) -> tuple[bool, bool, int, bool, int]:
        cut_off = bool(match.entry) and match.start - 1 in denials
        return match.denied, cut_off, match.start - match.end, bool(match.entry), match.start

    kept: list[Found] = []
    for match in sorted(matches, key=rank):
        if all(match.end <= other.start or other.end <= match.start for other in kept):
            kept.append(match)
    return sorted(kept, key=lambda match: match.start)


def _needed(pattern: Pattern) -> tuple[frozenset[str], ...]:
    """For each of the last ``NEEDED`` plain places the words of which a message must hold one; none where there is no
    such place."""
    plain = [element.words for element in pattern if not (element.gap or element.optional or element.prefixes)]
    return (*plain[: -NEEDED - 1 : -1], *[frozenset[str]()] * NEEDED)[:NEEDED]


def _firsts(pattern: Pattern) -> Iterator[Element]:
    for element in pattern:
        yield element
        if not element.optional:
            return
