"""What is said around the questions."""

from __future__ import annotations

import pytest
import yaml

from maintain.settings import ROOT
from tests.conversations.reader import payloads, sections

TOPICS = ["/psychosomatic", "/prevention", "/duration"]
PHRASES = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]


@pytest.mark.parametrize(
    ("text", "intent", "offered"),
    [
        ("hello", "greet", TOPICS),
        ("what can you do?", "help", TOPICS),
        ("are you a real doctor or a robot?", "bot_challenge", []),
        ("thank you very much!", "thanks", []),
        ("goodbye", "goodbye", []),
        ("yes", "affirm", TOPICS),
        ("no", "deny", TOPICS),
        ("please delete my data", "erase", []),
    ],
)
def test_small_talk_has_a_phrase_for_each_kind(reader, text, intent, offered):
    (part,) = reader.say(text)
    assert (part["custom"]["type"], part["custom"]["intent"]) == ("smalltalk", intent)
    assert part["text"] == PHRASES[f"utter_{intent}"][0]["text"].strip()
    assert payloads(part) == offered


def test_small_talk_leads_to_a_topic(reader):
    (part,) = reader.say("hello")
    assert sections(reader.press(payloads(part)[2])) == ["duration"]
