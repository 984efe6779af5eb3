"""The pattern language of ``data/facts``: what words a fact is stated in.

A pattern is a row of words. ``a|b`` are alternatives, ``a?`` may be left out, ``ab*`` is any word that begins so,
``..`` stands for up to three words, ``@name`` for the alternatives listed under ``[words]`` of the same file. A sign
such as a comma or a full stop breaks a pattern, except where the pattern names it. A longer match beats a shorter one,
and of two equal ones that of ``never`` wins (``nlu/matches.py``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
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
    for done, element in enumerate(pattern):
        if element.gap or element.optional:
            starts = _starts(element, words, at, barred)
            ends = (match_at(pattern[done + 1 :], words, start, barred) for start in starts)
            return max((end for end in ends if end is not None), default=None)
        if at == len(words) or not element.accepts(words[at]):
            return None
        at += 1
    return at


def _starts(element: Element, words: Sequence[str], at: int, barred: Collection[int]) -> Iterator[int]:
    """Where what follows a gap or an element that may be left out may begin."""
    yield at
    if not element.gap:
        if at < len(words) and element.accepts(words[at]):
            yield at + 1
        return
    for last in range(at, min(at + GAP, len(words))):
        if not words[last][:1].isalnum() or last in barred:
            return
        yield last + 1


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
