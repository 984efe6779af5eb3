"""Red flags in words that no pattern of data/facts knows: the model has learned what they are like."""

from __future__ import annotations

import pytest

from faq.triage import Fact, assess, load_rules
from maintain.settings import ROOT
from nlu.facts import FactFinder
from tests.conversations.test_doctor import advice

RULES = load_rules(ROOT / "data" / "triage")

NEW_WORDS = [
    ("talking has become more of an effort over time and my tongue flickers. should i have that seen to", "doctor"),
    ("water keeps going down the wrong way lately when i swallow, and my chin twitches. why", "doctor"),
    ("grandma's leg muscles twitch, she can hardly walk to the kitchen these days. is it her nerves", "doctor"),
    ("could it be nerves that my wifes mouth is suddenly crooked and her cheek is jumping", "emergency"),
]


@pytest.fixture(scope="module")
def finder() -> FactFinder:
    return FactFinder(ROOT / "data" / "facts")


@pytest.mark.parametrize(("text", "urgency"), NEW_WORDS)
def test_red_flags_are_learned_for_new_words(reader, finder, text, urgency):
    known = [Fact.from_entity(entity) for entity in finder.find(text)]
    assert assess(known, RULES).urgency != urgency, "the patterns know it by now: take a message that they do not know"
    ((found, because),) = advice(reader.say(text))
    assert found == urgency
    assert all(words in text for words in because)


@pytest.mark.parametrize(
    "text",
    [
        "no chest pain, only a twitch in the chest muscle. stress?",
        "my eyelid has been twitching for 20 minutes",
        "six months in this warehouse without any trouble and yesterday evening my eye started",
        "could murder a coffee but i heard it makes eyes twitch. true?",
    ],
)
def test_red_flags_are_not_learned_from_look_alikes(reader, text):
    assert advice(reader.say(text)) == []
