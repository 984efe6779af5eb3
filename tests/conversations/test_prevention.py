"""What can be done about it."""

from __future__ import annotations

import pytest

from tests.conversations.reader import sections, types


@pytest.mark.parametrize(
    "text",
    [
        "how do I stop it",
        "What can I do against muscle twitching?",
        "does magnesium help against twitching",
        "how can i prevent my eyelid from twitching??",
    ],
)
def test_prevention_is_answered_from_its_section(reader, text):
    reply = reader.say(text)
    assert types(reply) == ["answer"]
    assert sections(reply) == ["prevention"]


def test_prevention_asked_without_a_subject_after_another_question(reader):
    reader.say("can stress cause my eyelid to twitch?")
    assert sections(reader.say("how do I stop it")) == ["prevention"]
