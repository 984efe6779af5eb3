"""Whether a model may take the current one's place: pure functions over two manifests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from faq.errors import ModelError, SetupError
from maintain.judge import LEVELS

Manifest = Mapping[str, Any]


class RefusedError(ModelError):
    """The gate refused a model; the current one stays."""


@dataclass(frozen=True)
class Tolerance:
    """How much worse a model may measure, as shares of the development messages.

    Attributes:
        in_scope: FAQ_GATE_IN_SCOPE. Three of a hundred: about what two trainings on phrasings of equal worth differ by.
        refusal: FAQ_GATE_REFUSAL. There are fewer such messages, so that one weighs more.
    """

    in_scope: float = 0.03
    refusal: float = 0.05

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Tolerance:
        """Reads the settings.

        Args:
            environment: the variables; an empty one counts as not set.

        Raises:
            SetupError: a value is no share.
        """
        return cls(
            _share(environment, "FAQ_GATE_IN_SCOPE", cls.in_scope), _share(environment, "FAQ_GATE_REFUSAL", cls.refusal)
        )


@dataclass(frozen=True)
class Objection:
    """A reason against a model.

    Attributes:
        kind: ``red_flag | relabelled | missed | in_scope | refusal | unlike``.
        words: for people.
        text: the message that it is about, or None.
    """

    kind: str
    words: str
    text: str | None = None

    @property
    def is_final(self) -> bool:
        """Whether no override helps."""
        return self.kind == "red_flag"


def required(before: Manifest | None, after: Manifest) -> dict[str, str]:
    """The urgency that each message must at least bring up.

    Args:
        before: the current model's manifest, or None.
        after: the manifest of the model that would take its place.

    Returns:
        What the safety tables and the labels asked for then and the current model gave, what the tables ask for now,
        and what the current model gave without being asked. Its false alarms are not required.
    """
    must: dict[str, str] = {}
    for text, (given, due) in (before["asked"] if before else {}).items():
        must[text] = given if due is None else min(given, due, key=LEVELS.index)
    for text, (_, due) in after["asked"].items():
        if due is not None and text not in must:
            must[text] = due
    return {text: urgency for text, urgency in must.items() if urgency != "none"}


def objections(before: Manifest | None, after: Manifest, tolerance: Tolerance) -> list[Objection]:
    """Finds what speaks against a model.

    Args:
        before: the current model's manifest, or None.
        after: the manifest of the model that would take its place, judged on all that is ``required``.
        tolerance: how much worse it may measure.

    Returns:
        Nothing if it may take the current one's place; silenced red flags first.
    """
    found = list(_silenced(before, after))
    if before is not None:
        found += _worse(before, after, "in_scope", "intents in scope", tolerance.in_scope)
        found += _worse(before, after, "refusal", "refusal, recall", tolerance.refusal)
    return sorted(found, key=lambda each: not each.is_final)


def _silenced(before: Manifest | None, after: Manifest) -> Iterator[Objection]:
    for text, must in required(before, after).items():
        given, due = after["asked"].get(text, ("none", None))
        if LEVELS.index(given) >= LEVELS.index(must):
            continue
        if before is None or text not in before["asked"]:
            yield Objection("missed", f"{must} is due, and it is {given}: {text}", text)
        elif due is not None and LEVELS.index(due) <= LEVELS.index(given):
            yield Objection("relabelled", f"{must} before is now {given}, as the tables now say: {text}", text)
        else:
            yield Objection("red_flag", f"{must} before is now {given}: {text}", text)


def _worse(before: Manifest, after: Manifest, kind: str, name: str, most: float) -> Iterator[Objection]:
    if before["messages"] != after["messages"]:
        if kind == "in_scope":
            yield Objection("unlike", "the current model was measured on other development messages")
        return
    (hits, total), (old_hits, old_total) = after["metrics"][name], before["metrics"][name]
    if total and old_total and old_hits / old_total - hits / total > most + 1e-9:
        yield Objection(kind, f"{name}: {hits}/{total}, before {old_hits}/{old_total}, more than {most:.1%} worse")


def _share(environment: Mapping[str, str], name: str, default: float) -> float:
    value = environment.get(name) or str(default)
    try:
        share = float(value)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise SetupError(f"[GAT02] {name} is {value!r}: set it to a share from 0 to 1, such as {default}.")
    return share
