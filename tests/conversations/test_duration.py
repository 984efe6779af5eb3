"""How long it lasts."""

from __future__ import annotations

import pytest

from tests.conversations.reader import sections, types


@pytest.mark.parametrize(
    "text",
    [
        "how long does this last",
        "How long will my eyelid keep twitching?",
        "does the twitching go away by itself",
        "how lng does it last",
    ],
)
def test_duration_is_answered_from_its_section(reader, text):
    reply = reader.say(text)
    assert types(reply) == ["answer"]
    assert sections(reply) == ["duration"]


def test_duration_is_the_third_topic_of_a_conversation(reader):
    texts = ["can stress cause my eyelid to twitch?", "how do I stop it", "how long does this last"]
    assert [sections(reader.say(text)) for text in texts] == [["psychosomatic"], ["prevention"], ["duration"]]
