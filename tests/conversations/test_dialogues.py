"""Labelled conversations through the running assistant: every turn right, the doctor neither missed nor nagging."""

from __future__ import annotations

from typing import Any

import pytest

from maintain.chat_client import ChatClient
from maintain.dialogues import Dialogue, play, read_dialogues
from maintain.settings import ROOT

FOLDER = ROOT / "tests" / "evaluation"
DEVELOPMENT = read_dialogues(FOLDER / "dialogues.yml")
UNSEEN = read_dialogues(FOLDER / "unseen_dialogues.yml")

UNSEEN_RIGHT = 11
"""Of the 14 conversations that nothing was tuned on; 12 were right when they were first played."""


@pytest.mark.parametrize("dialogue", DEVELOPMENT, ids=lambda dialogue: dialogue.id)
def test_dialogues_are_right_in_every_turn(assistant: Any, dialogue: Dialogue) -> None:
    with ChatClient(assistant.url) as client:
        assert play(client, dialogue) == []


def test_dialogues_unseen_are_mostly_right(assistant: Any) -> None:
    with ChatClient(assistant.url) as client:
        faults = {dialogue.id: play(client, dialogue) for dialogue in UNSEEN}
    right = sum(not lines for lines in faults.values())
    assert right >= UNSEEN_RIGHT, "\n".join(line for lines in faults.values() for line in lines)
