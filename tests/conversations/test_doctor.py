"""When a doctor is recommended, and when not, over whole conversations."""

from __future__ import annotations

import pytest
import yaml

from maintain.settings import ROOT
from tests.conversations.reader import Reply, sections, types

DIALOGUES = yaml.safe_load((ROOT / "tests" / "evaluation" / "dialogues.yml").read_text(encoding="utf-8"))["dialogues"]


def advice(messages: list[Reply]) -> list[tuple[str, list[str]]]:
    """Urgency and reasons of a reply's recommendations."""
    found = [message["custom"]["doctor"] for message in messages if "doctor" in message["custom"]]
    return [(each["urgency"], each["because"]) for each in found]


def test_doctor_is_recommended_in_the_readers_own_words(reader):
    assert advice(reader.say("its ben 3 weks")) == [("doctor", ["3 weks"])]


def test_doctor_comes_behind_the_answer(reader):
    reply = reader.say("my eyelid has been twitching for a month, how do I stop it?")
    assert "prevention" in sections(reply)
    assert types(reply)[0] == "answer"
    assert types(reply)[-1] == "doctor"


def test_doctor_is_not_repeated_at_each_turn(reader):
    assert advice(reader.say("my eyelid has been twitching for 3 weeks"))
    texts = ["can stress cause it?", "how do I stop it", "how long does this last", "thanks"]
    assert [advice(reader.say(text)) for text in texts] == [[]] * 4


def test_doctor_is_recommended_again_for_another_reason(reader):
    assert advice(reader.say("my eyelid has been twitching for 3 weeks"))
    assert "weak" in str(advice(reader.say("and my hand is getting weak")))


def test_doctor_is_taken_back_by_a_correction(reader):
    assert advice(reader.say("my eyelid has been twitching for 3 weeks"))
    reply = reader.say("sorry, I meant 3 days")
    assert advice(reply) == []
    assert "notice" in types(reply)


@pytest.mark.parametrize(
    "text",
    [
        "my eyelid has been twitching since yesterday",
        "no weakness, no numbness, just a twitch",
        "my dad is a doctor, how do I stop the twitching?",
        "I had ten weeks of exams, can stress cause my eyelid to twitch?",
    ],
)
def test_doctor_is_not_recommended_without_a_reason(reader, text):
    assert advice(reader.say(text)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("my chest hurts and my arm is twitching", "chest hurts"),
        ("how long does this last? i want to kill myself", "kill myself"),
        ("thanks, but now he is having a seizure", "seizure"),
    ],
)
def test_doctor_emergency_comes_first(reader, text, words):
    reply = reader.say(text)
    assert types(reply)[0] == "emergency"
    assert words in str(advice(reply)[0][1])


def test_doctor_emergency_is_not_taken_back(reader):
    reader.say("my chest hurts and my arm is twitching")
    assert "notice" not in types(reader.say("no chest pain, I was only joking"))


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda dialogue: dialogue["title"])
def test_doctor_over_a_conversation(reader, dialogue):
    """``must`` and ``no`` as labelled; where the advice is only allowed, it does not come with every turn."""
    given = {"must": [], "may": [], "no": []}
    for turn in dialogue["turns"]:
        given[turn["doctor"]].append(bool(advice(reader.say(turn["user"]))))
    assert all(given["must"])
    assert not any(given["no"])
    assert sum(given["may"]) < max(len(given["may"]), 1)
