"""Whether it comes from the mind."""

from __future__ import annotations

import pytest

from tests.conversations.reader import sections, types


@pytest.mark.parametrize(
    "text",
    [
        "can stress cause my eyelid to twitch?",
        "Is muscle twitching psychosomatic?",
        "could my twitching be caused by anxiety",
        "The doctors found nothing. Can a twitch come from the psyche?",
    ],
)
def test_psychosomatic_is_answered_from_its_section(reader, text):
    reply = reader.say(text)
    assert types(reply) == ["answer"]
    assert sections(reply) == ["psychosomatic"]


def test_psychosomatic_with_a_second_question_gets_two_answers(reader):
    reply = reader.say("can stress cause my eyelid to twitch and how long does it last?")
    assert sorted(sections(reply)) == ["duration", "psychosomatic"]


def test_psychosomatic_asked_again_shows_other_sentences(reader):
    first = reader.say("can stress cause my eyelid to twitch?")[0]["custom"]["source"]["quotes"]
    again = reader.say("can stress cause my eyelid to twitch?")[0]["custom"]["source"]["quotes"]
    assert not {quote["start"] for quote in first} & {quote["start"] for quote in again}
