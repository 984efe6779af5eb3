"""The pattern language of ``data/facts``: what words a fact is stated in.

A pattern is a row of words. ``a|b`` are alternatives, ``a?`` may be left out, ``ab*`` is any word that begins so,
``..`` stands for up to three words, ``@name`` for the alternatives listed under ``[words]`` of the same file. A sign
such as a comma or a full stop breaks a pattern, except where the pattern names it. A longer match beats a shorter one,
and of two equal ones that of ``never`` wins.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import tomli

from faq.errors import RuleError

GAP = 3
"""Words that ``..`` may stand for at most."""

DENIALS = frozenset("not isnt arent wasnt werent aint dont doesnt didnt havent hasnt never nor without".split())
ASSERTED = frozenset("just only stop stops stopped stopping quit sure know kidding joking lying even".split())
"""Behind a denial these make it none: "does not stop", "not only"."""

_ELEMENT = re.compile(r"(?:[^\W_]+\*?|[-,?:!.()&])(?:\|(?:[^\W_]+\*?|[-,?:!.()&]))*\Z")


@dataclass(frozen=True)
class Element:
    """One place of a pattern."""

    words: frozenset[str]
    prefixes: tuple[str, ...] = ()
    optional: bool = False
    gap: bool = False

    def accepts(self, word: str) -> bool:
        return word in self.words or (bool(self.prefixes) and word.startswith(self.prefixes))


@dataclass(frozen=True)
class Found:
    """A match: which entry of the vocabulary, and the words from ``start`` up to ``end``.

    ``denied`` tells that a denial stands in a gap of the pattern: "my face is *not* drooping".
    """

    entry: str
    start: int
    end: int
    denied: bool = False


Pattern = tuple[Element, ...]
_Candidate = tuple[str, Pattern, tuple[frozenset[str], ...]]
"""An entry, its pattern, and the words it needs."""


def parse(pattern: str, groups: Mapping[str, str], place: str) -> Pattern:
    """Reads one pattern.

    Args:
        pattern: as described at the head of this file.
        groups: alternatives by the name that ``@name`` calls them by.
        place: file and key, for the error message.

    Returns:
        Its elements.

    Raises:
        RuleError: the pattern is not well formed.
    """
    elements = tuple(_element(part, groups, place) for part in pattern.split())
    if not elements or elements[0].gap or elements[-1].gap or all(element.optional for element in elements):
        raise RuleError(f"[FCT01] {place}: pattern {pattern!r} must begin and end with words: put a word at both ends.")
    return elements


def _element(part: str, groups: Mapping[str, str], place: str) -> Element:
    if part == "..":
        return Element(frozenset(), gap=True)
    optional = part.endswith("?") and len(part) > 1
    body = part[:-1] if optional else part
    for name in re.findall(r"@(\w*)", body):
        if name not in groups:
            raise RuleError(
                f"[FCT02] {place}: @{name} is not defined: list its alternatives under [words] of the file."
            )
        body = re.sub(rf"@{name}\b", groups[name], body)
    if not _ELEMENT.match(body):
        raise RuleError(f"[FCT03] {place}: {part!r} is no word of a pattern: use a, a|b, a?, a*, @name or ..")
    words = body.split("|")
    prefixes = tuple(word[:-1] for word in words if word.endswith("*"))
    return Element(frozenset(word for word in words if not word.endswith("*")), prefixes, optional)


def match_at(pattern: Pattern, words: Sequence[str], at: int, barred: Collection[int] = ()) -> int | None:
    """Matches a pattern from one word on.

    Args:
        pattern: its elements.
        words: the normal forms of a message's words.
        at: where the match must begin.
        barred: places of words that no gap may pass over.

    Returns:
        The place behind the longest match, or None.
    """
    if not pattern:
        return at
    first, rest = pattern[0], pattern[1:]
    starts = [at] if first.gap or first.optional else []
    if first.gap:
        for last in range(at, min(at + GAP, len(words))):
            if not words[last][:1].isalnum() or last in barred:
                break
            starts.append(last + 1)
    elif at < len(words) and first.accepts(words[at]):
        starts.append(at + 1)
    ends = (match_at(rest, words, start, barred) for start in starts)
    return max((end for end in ends if end is not None), default=None)


class Vocabulary:
    """Entries and their patterns, found in a message by the words they begin with."""

    def __init__(self, patterns: Iterable[tuple[str, Pattern]]) -> None:
        """Sorts the patterns by their possible first words.

        Args:
            patterns: pairs of entry and pattern; an entry may come several times.
        """
        self._by_word: dict[str, list[_Candidate]] = {}
        self._by_prefix: dict[str, list[_Candidate]] = {}
        self.elements: list[Element] = []
        for entry, pattern in patterns:
            self.elements.extend(pattern)
            candidate = entry, pattern, _needed(pattern)
            for element in _firsts(pattern):
                for word in element.words:
                    self._by_word.setdefault(word, []).append(candidate)
                for prefix in element.prefixes:
                    self._by_prefix.setdefault(prefix, []).append(candidate)
        self._shortest = min(map(len, self._by_prefix), default=1)
        self._by_start: dict[str, list[str]] = {}
        for prefix in sorted(self._by_prefix, key=len):
            self._by_start.setdefault(prefix[: self._shortest], []).append(prefix)

    def find(self, words: Sequence[str]) -> list[Found]:
        """Finds every entry, the longest match where several begin or overlap.

        Args:
            words: the normal forms of a message's words.

        Returns:
            Matches in order, none overlapping another.
        """
        begun = [(at, candidates) for at, word in enumerate(words) if (candidates := self._beginning(word))]
        if not begun:
            return []
        denials = {at for at, word in enumerate(words) if word in DENIALS and not {*words[at + 1 : at + 2]} & ASSERTED}
        return longest(
            (match for at, candidates in begun for match in _matches(candidates, words, at, denials)), denials
        )

    def _beginning(self, word: str) -> list[_Candidate]:
        """What may begin with a word."""
        candidates = list(self._by_word.get(word, ()))
        for prefix in self._by_start.get(word[: self._shortest], ()):
            candidates.extend(self._by_prefix[prefix] if word.startswith(prefix) else ())
        return candidates


def _matches(
    candidates: Iterable[_Candidate], words: Sequence[str], at: int, denials: Collection[int]
) -> Iterator[Found]:
    behind = frozenset(words[at:])
    for entry, pattern, needed in candidates:
        if any(place.isdisjoint(behind) for place in needed):
            continue
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
    """Words of which a message must hold some, the last place first: a quick test before the match."""
    plain = (element for element in reversed(pattern) if not (element.gap or element.optional or element.prefixes))
    return tuple(element.words for element in plain)[:2]


def _firsts(pattern: Pattern) -> Iterator[Element]:
    for element in pattern:
        yield element
        if not element.optional:
            return


def phrases(pattern: Pattern, place: str) -> Iterator[str]:
    """Writes a pattern without ``..`` and ``*`` out as every phrase it stands for.

    Args:
        pattern: its elements.
        place: file and key, for the error message.

    Yields:
        Words with a space between.

    Raises:
        RuleError: the pattern has a gap or a beginning of a word, which have no finite list.
    """
    if any(element.gap or element.prefixes for element in pattern):
        raise RuleError(f"[FCT04] {place}: a cue cannot hold .. or a*: write the words out.")
    for words in product(*(sorted(element.words) + [""] * element.optional for element in pattern)):
        if any(words):
            yield " ".join(word for word in words if word)


def read_table(path: Path) -> dict[str, Any]:
    """Reads a TOML file.

    Args:
        path: the file.

    Returns:
        Its content.

    Raises:
        RuleError: it is missing or not TOML.
    """
    try:
        return tomli.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomli.TOMLDecodeError) as error:
        raise RuleError(f"[FCT05] {path.name} cannot be read: {error}. Put it right under {path.parent}.") from error


def read_patterns(path: Path) -> list[tuple[str, Pattern]]:
    """Reads a vocabulary file: a table ``[id]`` with ``patterns`` (and ``never``) for each entry.

    Args:
        path: a file such as ``data/facts/symptoms.toml``.

    Returns:
        Pairs of entry and pattern; phrases under ``never`` come with an empty entry, and hide what lies in them.

    Raises:
        RuleError: a key is missing or a pattern is not well formed.
    """
    table = read_table(path)
    groups = table.pop("words", {})
    pairs: list[tuple[str, Pattern]] = []
    for entry, content in table.items():
        if not isinstance(content, dict) or not content.get("patterns"):
            raise RuleError(f"[FCT06] {path.name}, [{entry}]: give it patterns = [...].")
        for key, name in (("patterns", entry), ("never", "")):
            pairs += [(name, parse(text, groups, f"{path.name}, [{entry}] {key}")) for text in content.get(key, ())]
    return pairs
