"""Labelled conversations: how they are read and scored. tests/evaluation/dialogues.yml explains the fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from maintain.chat_client import ChatClient
from maintain.scoring import Labelled, Outcome, outcome


@dataclass(frozen=True)
class Turn:
    """One message of a conversation with its labels.

    Attributes:
        labelled: the message, its intents and its urgency.
        doctor: ``must``, ``may`` or ``no``.
    """

    labelled: Labelled
    doctor: str

    def faults(self, found: Outcome) -> list[str]:
        """Says what is wrong with the reply to this turn.

        Args:
            found: what the assistant made of it.

        Returns:
            One phrase a fault, none where the reply is right.
        """
        faults = []
        if self.labelled.scores_intents and not self.labelled.is_right(found.intents):
            faults.append(f"{sorted(self.labelled.intents)} taken for {sorted(found.intents)}")
        if self.doctor == "must" and found.urgency == "none":
            faults.append("no doctor")
        if self.doctor == "must" and self.labelled.urgency == "emergency" != found.urgency:
            faults.append("no emergency")
        if self.doctor == "no" and found.urgency != "none":
            faults.append(f"a false {found.urgency}")
        return faults


@dataclass(frozen=True)
class Dialogue:
    """A labelled conversation."""

    id: str
    title: str
    turns: tuple[Turn, ...]


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """Reads labelled conversations.

    Args:
        path: YAML as in tests/evaluation/dialogues.yml.

    Returns:
        The conversations in the file's order.
    """
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["dialogues"]
    return tuple(Dialogue(entry["id"], entry["title"], tuple(map(_turn, entry["turns"]))) for entry in entries)


def _turn(entry: dict[str, object]) -> Turn:
    alternatives = tuple(frozenset(names) for names in entry.get("alt_intents", ()))  # type: ignore[attr-defined]
    note = "" if entry.get("score_intents", True) else "intents: do not score"
    intents = frozenset(entry["intents"])  # type: ignore[call-overload]
    labelled = Labelled("", str(entry["user"]), intents, alternatives, str(entry["urgency"]), note)
    return Turn(labelled, str(entry["doctor"]))


def play(client: ChatClient, dialogue: Dialogue) -> list[str]:
    """Has a conversation with the assistant.

    Args:
        client: of a running assistant.
        dialogue: what the reader says, and the labels.

    Returns:
        One line a fault: the turn and what is wrong; the doctor said in full in three replies in a row is one too.
    """
    client.start()
    found = [outcome(turn.labelled, client.send(turn.labelled.text)) for turn in dialogue.turns]
    client.delete()
    lines = [
        f"{dialogue.id}.{number} {turn.labelled.text!r}: {fault}"
        for number, (turn, outcome_) in enumerate(zip(dialogue.turns, found, strict=True), 1)
        for fault in turn.faults(outcome_)
    ]
    return lines + [f"{dialogue.id}: the doctor three times in a row"] * _nags(found)


def _nags(found: Sequence[Outcome]) -> bool:
    urgencies = [each.urgency for each in found]
    return any(urgencies[start : start + 3] == ["doctor"] * 3 for start in range(len(urgencies)))
