"""Labelled conversations through the running assistant: every turn right, the doctor neither missed nor nagging."""

from __future__ import annotations

from typing import Any

import pytest

from maintain.chat_client import ChatClient
from maintain.dialogues import Dialogue, play, read_dialogues
from maintain.settings import ROOT

FOLDER = ROOT / "tests" / "evaluation"
DEVELOPMENT = read_dialogues(FOLDER / "dialogues.yml")

LEAST = {
    "unseen_dialogues.yml": 11,
    "fresh_dialogues.yml": 10,
    "blind_dialogues.yml": 10,
    "urgent_dialogues.yml": 13,
    "acceptance_dialogues.yml": 12,
}
"""How many conversations of a file that others wrote must be right in every turn; a little under what was seen."""


@pytest.mark.parametrize("dialogue", DEVELOPMENT, ids=lambda dialogue: dialogue.id)
def test_dialogues_are_right_in_every_turn(assistant: Any, dialogue: Dialogue) -> None:
    with ChatClient(assistant.url) as client:
        assert play(client, dialogue) == []


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_dialogues_of_others_are_mostly_right(assistant: Any, name: str, least: int) -> None:
    with ChatClient(assistant.url) as client:
        faults = {dialogue.id: play(client, dialogue) for dialogue in read_dialogues(FOLDER / name)}
    right = sum(not lines for lines in faults.values())
    assert right >= least, "\n".join(line for lines in faults.values() for line in lines)
