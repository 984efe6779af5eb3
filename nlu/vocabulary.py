"""The pattern language of ``data/facts``: what words a fact is stated in.

A pattern is a row of words. ``a|b`` are alternatives, ``a?`` may be left out, ``ab*`` is any word that begins so,
``..`` stands for up to three words, ``@name`` for the alternatives listed under ``[words]`` of the same file. A sign
such as a comma or a full stop breaks a pattern, except where the pattern names it. A longer match beats a shorter one,
and of two equal ones that of ``never`` wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import tomli

from faq.errors import RuleError

GAP = 3
"""Words that ``..`` may stand for at most."""

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
    """A match: which entry of the vocabulary, and the words from ``start`` up to ``end``."""

    entry: str
    start: int
    end: int


Pattern = tuple[Element, ...]


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


def match_at(pattern: Pattern, words: Sequence[str], at: int) -> int | None:
    """Matches a pattern from one word on.

    Args:
        pattern: its elements.
        words: the normal forms of a message's words.
        at: where the match must begin.

    Returns:
        The place behind the longest match, or None.
    """
    if not pattern:
        return at
    first, rest = pattern[0], pattern[1:]
    ends: list[int] = []
    if first.gap:
        for length in range(GAP + 1):
            if length and not (at + length <= len(words) and words[at + length - 1][:1].isalnum()):
                break
            ends.extend(_some(match_at(rest, words, at + length)))
        return max(ends, default=None)
    if at < len(words) and first.accepts(words[at]):
        ends.extend(_some(match_at(rest, words, at + 1)))
    if first.optional:
        ends.extend(_some(match_at(rest, words, at)))
    return max(ends, default=None)


def _some(end: int | None) -> tuple[int, ...]:
    return () if end is None else (end,)


class Vocabulary:
    """Entries and their patterns, found in a message by the words they begin with."""

    def __init__(self, patterns: Iterable[tuple[str, Pattern]]) -> None:
        """Sorts the patterns by their possible first words.

        Args:
            patterns: pairs of entry and pattern; an entry may come several times.
        """
        self._by_word: dict[str, list[tuple[str, Pattern]]] = {}
        self._by_prefix: dict[str, list[tuple[str, Pattern]]] = {}
        self.elements: list[Element] = []
        for entry, pattern in patterns:
            self.elements.extend(pattern)
            for element in _firsts(pattern):
                for word in element.words:
                    self._by_word.setdefault(word, []).append((entry, pattern))
                for prefix in element.prefixes:
                    self._by_prefix.setdefault(prefix, []).append((entry, pattern))
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix})

    def find(self, words: Sequence[str]) -> list[Found]:
        """Finds every entry, the longest match where several begin or overlap.

        Args:
            words: the normal forms of a message's words.

        Returns:
            Matches in order, none overlapping another.
        """
        found = [match for at, word in enumerate(words) for match in self._at(words, at, word)]
        kept: list[Found] = []
        for match in sorted(found, key=lambda match: (match.start - match.end, bool(match.entry), match.start)):
            if all(match.end <= other.start or other.end <= match.start for other in kept):
                kept.append(match)
        return sorted(kept, key=lambda match: match.start)

    def _at(self, words: Sequence[str], at: int, word: str) -> Iterator[Found]:
        candidates = list(self._by_word.get(word, ()))
        for length in self._prefix_lengths:
            candidates.extend(self._by_prefix.get(word[:length], ()) if len(word) >= length else ())
        for entry, pattern in candidates:
            end = match_at(pattern, words, at)
            if end is not None and end > at:
                yield Found(entry, at, end)


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
