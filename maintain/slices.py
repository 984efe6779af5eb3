"""Kinds of messages that are hard in their own way, each measured by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import tomli

from faq.reply import OUT_OF_SCOPE
from maintain.scoring import Labelled, Outcome, Rate
from maintain.settings import ROOT

SHORT = 3
"""Words that a search phrase has at most."""

LONG = 30
"""Words from which a message counts as long."""

VOCABULARY = ROOT / "data" / "facts" / "durations.toml"
"""Its ``complaint`` lists the words that name the complaint, its ``people`` those that one may ask about."""

SLICES = ("no mention of the topic", "keyword", "typos", "long", "third person", "two intents", "near miss")


def by_slice(outcomes: Iterable[Outcome], topics: frozenset[str], vocabulary: Path = VOCABULARY) -> list[Rate]:
    """Counts slice by slice.

    Args:
        outcomes: of all messages.
        topics: the intents that the documents answer.
        vocabulary: TOML with ``complaint`` and ``people``.

    Returns:
        For each of ``SLICES``, messages whose intents are right: near misses of those out of scope, all other slices
        of those that ask for topics.
    """
    slices = tests(vocabulary)
    scored = [each for each in outcomes if each.labelled.scores_intents]
    rates = []
    for name in SLICES:
        ours = [each for each in scored if _belongs(each.labelled, name, topics) and slices[name](each.labelled)]
        right = [each for each in ours if each.labelled.is_right(each.intents)]
        rates.append(Rate(name, len(right), len(ours)))
    return rates


@lru_cache(maxsize=1)
def tests(vocabulary: Path) -> dict[str, Callable[[Labelled], bool]]:
    """What belongs to a slice: what the message's note says, or what its words show.

    Args:
        vocabulary: TOML with ``complaint`` and ``people``.

    Returns:
        A test for each of ``SLICES``. Whether words are misspelt is not computed: the notes say it.
    """
    words = tomli.loads(vocabulary.read_text(encoding="utf-8"))
    complaint, people = _pattern(words["complaint"]), _pattern(words["people"])
    own = re.compile(rf"\b(?:my|our|his|her) (?:\w+ )?{people}|\b(?:he|she|him)\b", re.IGNORECASE)
    topic = re.compile(rf"\b{complaint}", re.IGNORECASE)
    return {
        "no mention of the topic": lambda each: "no mention of" in each.note or not topic.search(each.text),
        "keyword": lambda each: _noted(each, "keyword", "search phrase") or len(each.text.split()) <= SHORT,
        "typos": lambda each: _noted(each, "typos", "sms"),
        "long": lambda each: _noted(each, "long") or len(each.text.split()) >= LONG,
        "third person": lambda each: _noted(each, "third person") or bool(own.search(each.text)),
        "two intents": lambda each: len(each.intents) > 1,
        "near miss": lambda each: "near miss" in each.note,
    }


def _belongs(label: Labelled, name: str, topics: frozenset[str]) -> bool:
    return OUT_OF_SCOPE in label.intents if name == "near miss" else label.intents <= topics


def _noted(label: Labelled, *marks: str) -> bool:
    return bool({part.strip() for part in label.note.split(";")} & set(marks))


def _pattern(words: str) -> str:
    """Words with blanks between them, of which ``*`` at the end means any ending."""
    return "(?:" + "|".join(re.escape(word).replace(r"\*", r"\w*") for word in words.split()) + r")\b"
