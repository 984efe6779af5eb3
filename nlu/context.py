"""Whom a statement is about, and whether it is denied, supposed, over or a mere mention: medspaCy's ConText."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import spacy
from medspacy.context import ConText, ConTextRule
from spacy.tokens import Doc, Span

from faq.errors import RuleError
from nlu.subjects import STOPS
from nlu.vocabulary import parse, phrases, read_table

CATEGORIES = (
    "negated",
    "hypothetical",
    "general",
    "historical",
    "none",
    "family",
    "other",
    "own",
    "supposed",
    "comma",
    "verb",
    "pseudo",
    "terminate",
)
TELLING = frozenset("negated hypothetical general historical none family other".split())
"""The categories that say something of a fact; the others only end the scope of cues, or hide them."""

DIRECTIONS = ("forward", "backward", "bidirectional", "pseudo", "terminate")
KINDS = ("symptom", "condition", "medicine", "place")
LONGEST = 100
"""Scope in words where a cue names none: the rest of the sentence."""
CANNOT = frozenset("cant cannot couldnt unable not wont doesnt isnt hardly barely".split())
"""A fact that begins so is a denial itself: the "no" of "oh no no she cannot breathe" does not take it back."""
UNKNOWN = "unknown"
"""Stands for a word that is in no cue."""
GROUP = "facts"
"""Name of the span group that holds the facts of a Doc."""

Place = tuple[int, int, str]
"""The first word of a fact, the place behind its last one, and its kind."""


class Context:
    """The cues of ``context.toml``, and which of them reach a fact."""

    def __init__(self, path: Path) -> None:
        """Makes medspaCy's component from cues that are data.

        Args:
            path: ``context.toml``.

        Raises:
            RuleError: a cue is not well formed.
        """
        self._nlp = spacy.blank("en")
        self._nlp.tokenizer = lambda text: Doc(self._nlp.vocab, words=text.split())
        self._context = ConText(self._nlp, rules=None, span_attrs=None, input_span_type="group", span_group_name=GROUP)
        self._context.add(list(_rules(path)))
        self._telling = _Telling(rule for rule in self._context.rules if rule.category.lower() in TELLING)

    @property
    def words(self) -> set[str]:
        """The words of the cues."""
        return {word for rule in self._context.rules for word in rule.literal.split()}

    def categories(self, words: Sequence[str], facts: Sequence[Place]) -> list[set[str]]:
        """The categories of the cues that reach each fact.

        A cue inside the fact is part of its own words ("cannot" in "cannot breathe") and does not count. medspaCy
        takes 0.3 ms, so it is asked only where a cue might reach a fact.

        Args:
            words: the normal forms of a message's words.
            facts: where each stands, and its kind.

        Returns:
            For each fact categories in lower case.
        """
        if not self._telling.may_reach(words, facts):
            return [set() for _ in facts]
        known = self._nlp.vocab.strings  # spaCy would keep what readers write; no cue has a word that is not there
        starts = [True, *(word in STOPS for word in words[:-1])]
        doc = Doc(self._nlp.vocab, words=[word if word in known else UNKNOWN for word in words], sent_starts=starts)
        spans = [Span(doc, start, end, kind.upper()) for start, end, kind in facts]
        doc.spans[GROUP] = spans
        self._context(doc)
        return [_categories(span) for span in spans]


class _Telling:
    """The cues that say something of a fact, by their words."""

    def __init__(self, rules: Iterable[ConTextRule]) -> None:
        self._rules: dict[tuple[str, ...], list[ConTextRule]] = {}
        self._lengths: dict[str, set[int]] = {}
        for rule in rules:
            words = tuple(rule.literal.split())
            self._rules.setdefault(words, []).append(rule)
            self._lengths.setdefault(words[0], set()).add(len(words))

    def may_reach(self, words: Sequence[str], facts: Sequence[Place]) -> bool:
        """Whether a fact stands in the sentence of a cue, on a side that the cue looks to: medspaCy asks for more, but
        without that no cue reaches a fact."""
        sentences = list(accumulate((word in STOPS for word in words), initial=0))
        for at, word in enumerate(words):
            for length in self._lengths.get(word, ()):
                for rule in self._rules.get(tuple(words[at : at + length]), ()):
                    if any(_looks_at(rule, at, at + length, fact, sentences) for fact in facts):
                        return True
        return False


def _looks_at(rule: ConTextRule, first: int, behind: int, fact: Place, sentences: Sequence[int]) -> bool:
    start, end, kind = fact
    if kind.upper() not in rule.allowed_types:
        return False
    if rule.direction != "BACKWARD" and start >= behind:
        return sentences[start] == sentences[first]
    return rule.direction != "FORWARD" and end <= first and sentences[end - 1] == sentences[first]


@dataclass
class _Cue:
    category: str
    direction: str
    kinds: set[str]
    scope: int
    ended_by: set[str]

    def join(self, other: _Cue) -> None:
        """The same words in two cues of one category: they count in both directions and for the kinds of both.

        Of two categories the first one stays, because medspaCy lets one of two equal matches win.
        """
        if other.category == self.category:
            self.direction = self.direction if other.direction == self.direction else "bidirectional"
            self.kinds |= other.kinds
            self.scope = max(self.scope, other.scope)


def _rules(path: Path) -> Iterator[ConTextRule]:
    cues: dict[str, _Cue] = {}
    for number, table in enumerate(read_table(path).get("cue", ()), 1):
        place = f"{path.name}, cue {number}"
        _check(table, place)
        for text in table["phrases"]:
            for literal in phrases(parse(text, {}, place), place):
                cue = _cue(table)
                cues.setdefault(literal, cue).join(cue)
    for number, (literal, cue) in enumerate(cues.items()):
        yield ConTextRule(
            literal,
            cue.category.upper(),
            # spaCy warns of a token matcher without patterns at every message, so the first cue is one.
            pattern=None if number else [{"LOWER": word} for word in literal.split()],
            direction=cue.direction.upper(),
            allowed_types={kind.upper() for kind in cue.kinds},
            max_scope=cue.scope,
            terminated_by={category.upper() for category in cue.ended_by},
        )


def _cue(table: dict[str, Any]) -> _Cue:
    # medspaCy 1.3.1 overlooks that a wide scope covers a narrow one, so what only ends scopes must itself be narrow.
    narrow = table["direction"] in ("pseudo", "terminate")
    scope = 1 if narrow else table.get("scope", LONGEST)
    kinds = set(table.get("only", KINDS))
    return _Cue(table["category"], table["direction"], kinds, scope, set(table.get("ended_by", ())))


def _check(cue: dict[str, Any], place: str) -> None:
    for key, allowed in (("category", CATEGORIES), ("direction", DIRECTIONS)):
        if cue.get(key) not in allowed:
            raise RuleError(f"[CTX01] {place}, {key}: {cue.get(key)!r} is none: use one of {', '.join(allowed)}.")
    if not isinstance(cue.get("phrases"), list) or not all(
        isinstance(text, str) and text.strip() for text in cue["phrases"]
    ):
        raise RuleError(f"[CTX02] {place}, phrases: give it a list of texts.")


def _categories(span: Span) -> set[str]:
    own_denial = span[0].text in CANNOT
    reaching = (
        modifier
        for modifier in span._.modifiers
        if not _inside(modifier.modifier_span, span) and not (own_denial and modifier.rule.literal == "no")
    )
    return {modifier.category.lower() for modifier in reaching}


def _inside(cue: tuple[int, int], span: Span) -> bool:
    return bool(span.start <= cue[0] and cue[1] <= span.end)
