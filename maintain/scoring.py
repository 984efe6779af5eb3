"""How labelled messages are scored: pure functions over labels and replies."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any

from faq.errors import DocumentError
from faq.reply import OUT_OF_SCOPE

COLUMNS = {"id", "text", "intents", "urgency", "note"}
ANSWERING = {"answer", "no_answer", "smalltalk", "clarify"}
"""Types of parts that name the intent that was understood; the others come beside them."""


@dataclass(frozen=True)
class Labelled:
    """A message with its labels; tests/evaluation/README.md says how they are given.

    Attributes:
        intents: what it asks.
        alternatives: other sets of intents that are right too.
        urgency: ``none | doctor | emergency``.
        scores_intents: whether the intents are scored.
        scores_urgency: whether the urgency is scored.
    """

    id: str
    text: str
    intents: frozenset[str]
    alternatives: tuple[frozenset[str], ...]
    urgency: str
    note: str

    @property
    def scores_intents(self) -> bool:
        """Whether the label is firm enough to score the intents."""
        return "intents: do not score" not in self.note

    @property
    def scores_urgency(self) -> bool:
        """Whether the label is firm enough to score the urgency."""
        return "do not score urgency" not in self.note

    def is_right(self, intents: frozenset[str]) -> bool:
        """Whether these intents are the label's, or an alternative, or the label with an alternative."""
        several = (self.intents | alternative for alternative in self.alternatives)
        return intents in (self.intents, *self.alternatives, *several)


@dataclass(frozen=True)
class Outcome:
    """A labelled message and what the assistant made of it."""

    labelled: Labelled
    intents: frozenset[str]
    urgency: str


@dataclass(frozen=True)
class Rate:
    """A share with its counts.

    Attributes:
        name: what is counted.
        hits: how many.
        total: out of how many.
    """

    name: str
    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share, 0 to 1; not a number where nothing is counted."""
        return self.hits / self.total if self.total else float("nan")

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share (E. B. Wilson, 1927)."""
        if not self.total:
            return float("nan"), float("nan")
        z, n, p = 1.96, self.total, self.value
        middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def read_messages(path: Path) -> tuple[Labelled, ...]:
    """Reads labelled messages.

    Args:
        path: CSV with the columns ``id,text,intents,urgency,note``, UTF-8.

    Returns:
        The messages in the file's order.

    Raises:
        DocumentError: the file is not there or lacks a column.
    """
    if not path.is_file():
        raise DocumentError(f"[EVA01] There are no labelled messages at {path}: name another file with --messages.")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        missing = COLUMNS - set(rows.fieldnames or ())
        if missing:
            raise DocumentError(f"[EVA02] {path}, line 1: the column {sorted(missing)[0]!r} is missing; add it.")
        return tuple(_labelled(row) for row in rows)


def _labelled(row: Mapping[str, str]) -> Labelled:
    alternatives = (frozenset(names.split("+")) for names in re.findall(r"alt=([\w+]+)", row["note"]))
    intents = frozenset(row["intents"].split("+"))
    return Labelled(row["id"], row["text"], intents, tuple(alternatives), row["urgency"], row["note"])


def outcome(labelled: Labelled, messages: Sequence[Mapping[str, Any]]) -> Outcome:
    """Reads from a reply what was understood.

    Args:
        labelled: the message.
        messages: the parts of the reply, as the chat API gives them.

    Returns:
        The intents of its answering parts and its highest urgency.
    """
    parts = [message["custom"] for message in messages]
    types = {part["type"] for part in parts}
    intents = frozenset(part["intent"] for part in parts if part["type"] in ANSWERING)
    urgency = next((level for level in ("emergency", "doctor") if level in types), "none")
    return Outcome(labelled, intents, urgency)


def rates(outcomes: Iterable[Outcome], topics: frozenset[str]) -> list[Rate]:
    """Counts what matters.

    Args:
        outcomes: of all messages.
        topics: the intents that the documents answer.

    Returns:
        Intents in scope, both intents of double questions, small talk, recall and precision of refusal, recall on near
        misses, questions refused by mistake, recall of doctor and emergency, and false alarms.
    """
    everything = list(outcomes)
    scored = [each for each in everything if each.labelled.scores_intents]
    asked = [each for each in scored if each.labelled.intents <= topics]
    outside = [each for each in scored if OUT_OF_SCOPE in each.labelled.intents]
    small_talk = [each for each in scored if each not in asked and each not in outside]
    urgent = [each for each in everything if each.labelled.scores_urgency]
    refused = [each for each in scored if OUT_OF_SCOPE in each.intents]
    right = {id(each) for each in scored if each.labelled.is_right(each.intents)}
    rightly_refused = {id(each) for each in outside if id(each) in right or OUT_OF_SCOPE in each.intents}
    near = [each for each in outside if "near miss" in each.labelled.note]
    wrongly = [each for each in asked if OUT_OF_SCOPE in each.intents and id(each) not in right]

    def share(name: str, hits: Iterable[Outcome], total: Sequence[Outcome]) -> Rate:
        return Rate(name, len(list(hits)), len(total))

    def of_urgency(level: str) -> list[Outcome]:
        return [each for each in urgent if each.labelled.urgency == level]

    double = [each for each in asked if len(each.labelled.intents) > 1]
    calm, doctor, emergency = of_urgency("none"), of_urgency("doctor"), of_urgency("emergency")
    return [
        share("intents in scope", (each for each in asked if id(each) in right), asked),
        share("both intents of a double question", (e for e in double if e.labelled.intents <= e.intents), double),
        share("small talk", (each for each in small_talk if id(each) in right), small_talk),
        share("refusal, recall", (each for each in outside if id(each) in rightly_refused), outside),
        share("refusal, recall on near misses", (each for each in near if id(each) in rightly_refused), near),
        share("refusal, precision", (each for each in refused if each not in wrongly), refused),
        share("questions in scope refused", wrongly, asked),
        share("doctor, recall", (each for each in doctor if each.urgency != "none"), doctor),
        share("emergency, recall", (each for each in emergency if each.urgency == "emergency"), emergency),
        share("false alarms", (each for each in calm if each.urgency != "none"), calm),
    ]


def mistakes(outcomes: Iterable[Outcome]) -> list[str]:
    """Describes each message that was misunderstood, in one line.

    Args:
        outcomes: of all messages.

    Returns:
        Lines with id, text, what is right and what was understood.
    """
    lines = []
    for each in outcomes:
        label = each.labelled
        if label.scores_intents and not label.is_right(each.intents):
            lines.append(f"{label.id}  {_names(label.intents)} taken for {_names(each.intents)}: {label.text}")
        if label.scores_urgency and label.urgency != each.urgency:
            lines.append(f"{label.id}  urgency {label.urgency} taken for {each.urgency}: {label.text}")
    return lines


def _names(intents: frozenset[str]) -> str:
    return "+".join(sorted(intents)) or "nothing"


def by_intent(outcomes: Iterable[Outcome]) -> dict[str, tuple[Rate, Rate]]:
    """Counts intent by intent.

    Args:
        outcomes: of all messages.

    Returns:
        For each intent that is asked or understood, in alphabetical order: the share of the messages that ask it in
        which it was found, or which were otherwise right by an alternative; and the share of the messages understood
        as asking it which ask it, or were right.
    """
    scored = [each for each in outcomes if each.labelled.scores_intents]
    counted = {}
    for intent in sorted(set().union(*(each.labelled.intents | each.intents for each in scored))):
        asked = [each for each in scored if intent in each.labelled.intents]
        named = [each for each in scored if intent in each.intents]
        found = [each for each in asked if intent in each.intents or each.labelled.is_right(each.intents)]
        rightly = [each for each in named if intent in each.labelled.intents or each.labelled.is_right(each.intents)]
        counted[intent] = (
            Rate(f"{intent}, recall", len(found), len(asked)),
            Rate(f"{intent}, precision", len(rightly), len(named)),
        )
    return counted


def confusion(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], int]:
    """Counts what was taken for what.

    Args:
        outcomes: of all messages.

    Returns:
        Messages by what they ask and what was understood, each a set of intents joined by ``+``. What is right by an
        alternative counts as what the label says.
    """
    counts: dict[tuple[str, str], int] = {}
    for each in outcomes:
        if each.labelled.scores_intents:
            right = each.labelled.is_right(each.intents)
            cell = _names(each.labelled.intents), _names(each.labelled.intents if right else each.intents)
            counts[cell] = counts.get(cell, 0) + 1
    return counts
