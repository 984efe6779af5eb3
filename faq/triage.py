"""When a doctor is recommended: from stated facts to an urgency and its reasons, by rules that are data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, cast

import tomli

from faq.errors import RuleError

Urgency = Literal["none", "doctor", "emergency"]

KINDS = ("duration", "symptom", "condition", "medicine", "place")
URGENCIES: tuple[Urgency, ...] = ("emergency", "doctor")
"""The most urgent first: the order in which rules are asked."""

RULE_KEYS = {"id", "urgency", "advice", "source", "kind", "values", "at_least", "persons"}
PERSONS = ("self", "other")


@dataclass(frozen=True)
class Fact:
    """Something that a message states.

    ``value`` is an id of the vocabulary, or days for a duration. ``person`` is ``self``, ``other`` (somebody the reader
    asks about, who counts like the reader), ``family`` or ``none`` (a mere mention). ``emergency`` marks what no later
    message takes back.
    """

    kind: str
    value: str | float
    text: str
    negated: bool = False
    hypothetical: bool = False
    historical: bool = False
    person: str = "self"
    emergency: bool = False

    @classmethod
    def from_entity(cls, entity: Mapping[str, Any]) -> Fact:
        """Reads a fact from an entity of the NLU pipeline.

        Args:
            entity: with ``entity``, ``value`` and ``text``; the flags may be missing.

        Returns:
            The fact.
        """
        return cls(
            kind=str(entity["entity"]),
            value=entity["value"],
            text=str(entity["text"]),
            negated=bool(entity.get("negated", False)),
            hypothetical=bool(entity.get("hypothetical", False)),
            historical=bool(entity.get("historical", False)),
            person=str(entity.get("person", "self")),
            emergency=bool(entity.get("emergency", False)),
        )

    def as_dict(self) -> dict[str, Any]:
        """The fact as JSON; ``Fact(**fact.as_dict())`` restores it."""
        return asdict(self)

    @property
    def stated(self) -> bool:
        """Whether it is so, now, for a person who counts."""
        return not (self.negated or self.hypothetical or self.historical) and self.person != "none"


@dataclass(frozen=True)
class Rule:
    """One reason for advice: a kind of fact, with the values or the number of days that make it one."""

    id: str
    urgency: Urgency
    advice: str
    source: str
    kind: str
    values: frozenset[str] = frozenset()
    at_least: float = 0.0
    persons: tuple[str, ...] = PERSONS

    def applies(self, fact: Fact) -> bool:
        """Whether a fact is a reason by this rule."""
        if fact.kind != self.kind or not fact.stated or fact.person not in self.persons:
            return False
        if isinstance(fact.value, str):
            return fact.value in self.values
        return fact.value >= self.at_least


@dataclass(frozen=True)
class Assessment:
    """The advice that is due: ``because`` holds the reader's own words, ``advice`` the name of a fixed phrase."""

    urgency: Urgency
    rule: str | None = None
    because: tuple[str, ...] = ()
    source: str | None = None
    advice: str | None = None


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """Reads the rules of triage.

    Args:
        folder: with ``*.toml`` files, each a list of ``[[rule]]``.

    Returns:
        The rules, in the order of file names and of each file.

    Raises:
        RuleError: no rule is there, one is not well formed, or an id stands twice.
    """
    rules = [
        _rule(table, f"{path.name}, rule {number}")
        for path in sorted(folder.glob("*.toml"))
        for number, table in enumerate(_tables(path), 1)
    ]
    if not rules:
        raise RuleError(f"[TRI01] No rule in {folder}: put at least one [[rule]] into a .toml file there.")
    ids = [rule.id for rule in rules]
    for rule_id in ids:
        if ids.count(rule_id) > 1:
            raise RuleError(f"[TRI02] Rule id {rule_id!r} stands twice in {folder.name}: give each rule its own id.")
    return tuple(rules)


def _tables(path: Path) -> list[dict[str, Any]]:
    try:
        content = tomli.loads(path.read_text(encoding="utf-8"))
    except tomli.TOMLDecodeError as error:
        raise RuleError(f"[TRI03] {path.name} is not TOML: {error}. Put that line right.") from error
    tables = content.get("rule")
    if not isinstance(tables, list):
        raise RuleError(f"[TRI04] {path.name} has no [[rule]]: write each rule under its own [[rule]].")
    return cast("list[dict[str, Any]]", tables)


def _rule(table: Mapping[str, Any], place: str) -> Rule:
    for key in ("id", "urgency", "advice", "source", "kind"):
        if not isinstance(table.get(key), str) or not table[key]:
            raise RuleError(f'[TRI05] {place}, {key}: is missing or no text: write {key} = "...".')
    for key in table.keys() - RULE_KEYS:
        raise RuleError(f"[TRI06] {place}, {key}: no such key: use {', '.join(sorted(RULE_KEYS))}.")
    if table["urgency"] not in URGENCIES:
        raise RuleError(f"[TRI07] {place}, urgency: {table['urgency']!r} is none: use {' or '.join(URGENCIES)}.")
    if table["kind"] not in KINDS:
        raise RuleError(f"[TRI08] {place}, kind: {table['kind']!r} is none: use one of {', '.join(KINDS)}.")
    if ("at_least" if table["kind"] == "duration" else "values") not in table:
        raise RuleError(f"[TRI09] {place}: a duration needs at_least = days, any other kind values = [...].")
    return Rule(
        id=table["id"],
        urgency=table["urgency"],
        advice=table["advice"],
        source=table["source"],
        kind=table["kind"],
        values=frozenset(table.get("values", ())),
        at_least=float(table.get("at_least", 0)),
        persons=tuple(table.get("persons", PERSONS)),
    )


def fact_for(flag: str, rules: Sequence[Rule]) -> Fact | None:
    """What a message states that is known to state a red flag, but not in which words.

    Args:
        flag: an id of the vocabulary that a rule lists, or the id of a rule about durations.
        rules: of ``load_rules``.

    Returns:
        The fact, of a duration the shortest one that the rule applies to; None where no rule knows the flag.
    """
    for rule in rules:
        if flag in rule.values:
            return Fact(rule.kind, flag, "", emergency=rule.urgency == "emergency")
        if flag == rule.id and rule.kind == "duration":
            return Fact(rule.kind, rule.at_least, "")
    return None


def assess(facts: Sequence[Fact], rules: Sequence[Rule]) -> Assessment:
    """Decides which advice the facts call for.

    Args:
        facts: of a message, or gathered over a conversation.
        rules: of ``load_rules``.

    Returns:
        The most urgent rule that applies, the first one where several do, with the words of every fact that is a reason
        of that urgency.
    """
    for urgency in URGENCIES:
        reasons = [(rule, fact) for rule in rules if rule.urgency == urgency for fact in facts if rule.applies(fact)]
        if reasons:
            first = reasons[0][0]
            because = tuple(dict.fromkeys(fact.text for _, fact in reasons))
            return Assessment(urgency, first.id, because, first.source, first.advice)
    return Assessment("none")


def gather(known: Sequence[Fact], new: Sequence[Fact]) -> tuple[Fact, ...]:
    """Adds what a message states to what is known from the messages before it.

    A new duration replaces the old one ("sorry, 3 days"); "days not weeks" changes its unit; a denial takes a fact
    back. An emergency stays, whatever is said later.

    Args:
        known: facts of the conversation so far.
        new: facts of the message.

    Returns:
        The facts that stand.
    """
    stated = [fact for fact in new if fact.stated]
    takes_back = {(fact.kind, fact.value) for fact in new if fact.negated or fact.historical}
    replaced = {(fact.kind, fact.value) for fact in stated}
    kept = [fact for fact in known if fact.emergency or (fact.kind, fact.value) not in takes_back | replaced]
    durations = [fact for fact in stated if fact.kind == "duration"]
    if durations:
        before = next((fact for fact in kept if fact.kind == "duration"), None)
        kept = [fact for fact in kept if fact.kind != "duration"]
        stated = [fact for fact in stated if fact.kind != "duration"] + _corrected(before, new, durations)
    return tuple(kept) + tuple(fact for fact in dict.fromkeys(stated) if not (fact.emergency and fact in kept))


def _corrected(before: Fact | None, new: Sequence[Fact], durations: list[Fact]) -> list[Fact]:
    """Applies "days not weeks" to an earlier duration.

    A unit without a number is worth two of the unit, so that two of them stand to each other as the units do.
    """
    wrong = [fact for fact in new if fact.kind == "duration" and fact.negated and fact.text.isalpha()]
    right = [fact for fact in durations if fact.text.isalpha()]
    if before is None or not wrong or len(right) != len(durations):
        return durations
    days = float(before.value) * float(right[0].value) / float(wrong[0].value)
    return [Fact("duration", round(days, 2), right[0].text, person=right[0].person)]
