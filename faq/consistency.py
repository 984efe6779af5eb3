"""The project's parts against each other: domain, documents, phrasings, rules, fixed phrases, evaluation messages."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from faq.documents import Section, load_documents
from faq.errors import PhrasingError
from faq.intents import OWN_INTENTS, SMALL_TALK
from faq.measuring import messages_that_measure
from faq.phrasings import NOTHING, Phrasing, read_phrasings, same_words
from faq.triage import KINDS, Rule, fact_for, load_rules

CODE = ("faq", "actions", "channels")
"""The packages that may ask for a fixed phrase."""

PHRASE = re.compile(r"utter_\w+")


@dataclass(frozen=True)
class Parts:
    """What is held against each other.

    Attributes:
        intents: of the domain.
        entities: of the domain.
        phrases: names of the domain's fixed phrases.
        asked: each fixed phrase that is asked for, and who asks.
        ruled: intents that a rule of dialogue begins with.
        sections: each section and the file it stands in.
        phrasings: the training examples.
        triage: the rules of triage.
        kept_apart: messages that measure, by ``same_words``, and where each stands.
    """

    intents: frozenset[str]
    entities: frozenset[str]
    phrases: frozenset[str]
    asked: Mapping[str, str]
    ruled: frozenset[str]
    sections: Sequence[tuple[Section, str]]
    phrasings: Sequence[Phrasing]
    triage: Sequence[Rule]
    kept_apart: Mapping[str, str]

    @property
    def topics(self) -> frozenset[str]:
        """The intents that sections answer."""
        return frozenset(section.intent for section, _ in self.sections)


def read_parts(root: Path) -> Parts:
    """Reads the parts of a project.

    Args:
        root: the project's top folder.

    Returns:
        The parts.

    Raises:
        FaqError: a file cannot be read, so that nothing can be compared.
    """
    domain, rules = _yaml(root / "domain.yml"), _yaml(root / "data" / "rules.yml")
    documents = load_documents(root / "data" / "documents")
    return Parts(
        intents=_names(domain.get("intents")),
        entities=_names(domain.get("entities")),
        phrases=_names(domain.get("responses")),
        asked=_asked_for(root),
        ruled=frozenset(_intents(rules)),
        sections=tuple((section, f"data/documents/{each.id}.md") for each in documents for section in each.sections),
        phrasings=read_phrasings(root / "data" / "nlu"),
        triage=load_rules(root / "data" / "triage"),
        kept_apart={same_words(text): place for text, place in messages_that_measure(root, dialogues=False)},
    )


def find_faults(parts: Parts) -> list[str]:
    """Finds all that does not fit.

    Args:
        parts: of ``read_parts``.

    Returns:
        One line a fault, with its code, its place and its mend; none where everything fits.
    """
    return [fault for check in CHECKS for fault in check(parts)]


def _check_topics(parts: Parts) -> Iterator[str]:
    for intent in sorted(parts.intents - OWN_INTENTS - parts.topics):
        yield (
            f"[CHK01] domain.yml, intents: {intent!r} is answered by no section: "
            f"add a `## Heading {{#{intent}}}` under data/documents, or take the intent out."
        )
    for section, file in parts.sections:
        if section.intent not in parts.intents:
            yield f"[CHK02] {file}, #{section.id}: domain.yml has no such intent: add it under `intents:`."
    for intent in sorted(OWN_INTENTS - parts.intents):
        yield f"[CHK02] faq/intents.py, {intent!r}: domain.yml has no such intent: add it under `intents:`."


def _check_phrasings(parts: Parts) -> Iterator[str]:
    known = {intent for phrasing in parts.phrasings for intent in phrasing.intents}
    for intent in sorted((parts.topics | OWN_INTENTS) - known):
        yield f"[CHK03] data/nlu has no phrasing of {intent!r}: add some, in data/nlu/{intent}.yml."
    for phrasing in parts.phrasings:
        for intent in phrasing.intents[1:]:
            if intent not in parts.topics or intent == phrasing.intents[0]:
                yield f"[CHK04] {phrasing.place}, also: {intent!r} is no second topic: name another section's intent."


def _check_states(parts: Parts) -> Iterator[str]:
    for phrasing in parts.phrasings:
        if phrasing.states not in ("", NOTHING) and fact_for(phrasing.states, parts.triage) is None:
            yield (
                f"[CHK12] {phrasing.place}, states: no rule of data/triage knows {phrasing.states!r}: write "
                f"{NOTHING!r}, the id of a fact that a rule lists, or of a rule about durations."
            )


def _check_rules(parts: Parts) -> Iterator[str]:
    for intent in sorted(parts.intents - parts.ruled):
        yield (
            f"[CHK05] data/rules.yml has no rule for {intent!r}: "
            f"add one with the steps `- intent: {intent}` and `- action: action_reply`."
        )


def _check_phrases(parts: Parts) -> Iterator[str]:
    for phrase in sorted(parts.asked.keys() - parts.phrases):
        yield f"[CHK06] {parts.asked[phrase]} asks for {phrase!r}: write it under `responses:` in domain.yml."
    for phrase in sorted(parts.phrases - parts.asked.keys()):
        yield f"[CHK07] domain.yml, responses: nothing asks for {phrase!r}: take it out, or correct its name."


def _check_entities(parts: Parts) -> Iterator[str]:
    for kind in sorted(set(KINDS) - parts.entities):
        yield f"[CHK08] domain.yml, entities: {kind!r} is missing, a kind of fact that triage uses: add it."


def _check_repeats(parts: Parts) -> Iterator[str]:
    seen: dict[str, Phrasing] = {}
    for phrasing in parts.phrasings:
        first = seen.setdefault(same_words(phrasing.text), phrasing)
        if first is not phrasing:
            yield f"[CHK09] {phrasing.place}: {phrasing.text!r} stands at {first.place} too: keep one of them."


def _check_evaluation(parts: Parts) -> Iterator[str]:
    for phrasing in parts.phrasings:
        if place := parts.kept_apart.get(same_words(phrasing.text)):
            yield (
                f"[CHK10] {phrasing.place}: {phrasing.text!r} stands in {place}, too, "
                "so that the measurement would ask for what was learned: take it out of data/nlu."
            )


CHECKS: tuple[Callable[[Parts], Iterator[str]], ...] = (
    _check_topics,
    _check_phrasings,
    _check_states,
    _check_rules,
    _check_phrases,
    _check_entities,
    _check_repeats,
    _check_evaluation,
)


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        raise PhrasingError(f"[CHK11] {path.name} cannot be read as YAML: {error}. Put it right.") from error
    if not isinstance(content, dict):
        raise PhrasingError(f"[CHK11] {path.name} has no keys: put back what it should say.")
    return content


def _names(entries: Any) -> frozenset[str]:
    """Names of a list whose entries are names or mappings from a name, or of a mapping."""
    return frozenset(name for entry in entries or () for name in ([entry] if isinstance(entry, str) else entry))


def _intents(node: Any) -> Iterator[str]:
    """Every value of a key ``intent``, at any depth."""
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "intent" and isinstance(value, str))
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _intents(child)


def _asked_for(root: Path) -> dict[str, str]:
    asked = {f"utter_{intent}": "faq/intents.py" for intent in SMALL_TALK}
    for path in (path for package in CODE for path in sorted((root / package).glob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and PHRASE.fullmatch(node.value):
                asked.setdefault(node.value, f"{path.relative_to(root).as_posix()}, line {node.lineno},")
    for rule in load_rules(root / "data" / "triage"):
        asked.setdefault(rule.advice, f"data/triage, rule {rule.id!r},")
    return asked
