"""Whom a statement is about, and whether it is denied, supposed, over or a mere mention: medspaCy's ConText."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medspacy.context import ConText, ConTextRule
from spacy.language import Language
from spacy.tokens import Span

from faq.errors import RuleError
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
DIRECTIONS = ("forward", "backward", "bidirectional", "pseudo", "terminate")
KINDS = ("symptom", "condition", "medicine", "place")
LONGEST = 100
"""Scope in words where a cue names none: the rest of the sentence."""
CANNOT = frozenset("cant cannot couldnt unable not wont doesnt isnt hardly barely".split())
"""A fact that begins so is a denial itself: the "no" of "oh no no she cannot breathe" does not take it back."""
GROUP = "facts"
"""Name of the span group that holds the facts of a Doc."""


def build_context(nlp: Language, path: Path) -> ConText:
    """Makes the ConText component from cues that are data.

    Args:
        nlp: the pipeline whose tokenizer cuts the cues.
        path: ``context.toml``.

    Returns:
        The component; after it, ``span._.modifiers`` holds the cues that reach a span of the group ``facts``.

    Raises:
        RuleError: a cue is not well formed.
    """
    context = ConText(nlp, rules=None, span_attrs=None, input_span_type="group", span_group_name=GROUP)
    context.add(list(_rules(path)))
    return context


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


def categories(span: Span) -> set[str]:
    """The categories of the cues that reach a fact.

    A cue inside the fact is part of its own words ("cannot" in "cannot breathe") and does not count.

    Args:
        span: of the group ``facts``, behind the component.

    Returns:
        Categories in lower case.
    """
    own_denial = span[0].text in CANNOT
    reaching = (
        modifier
        for modifier in span._.modifiers
        if not _inside(modifier.modifier_span, span) and not (own_denial and modifier.rule.literal == "no")
    )
    return {modifier.category.lower() for modifier in reaching}


def _inside(cue: tuple[int, int], span: Span) -> bool:
    return bool(span.start <= cue[0] and cue[1] <= span.end)
