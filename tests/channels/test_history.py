from __future__ import annotations

import json

from rasa.core.actions.action import create_bot_utterance
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, UserUttered

from channels.history import as_reply, replies_to, transcript

CUSTOM = {"type": "answer", "source": {"quotes": [{"text": "é", "start": 1, "end": 2}]}}
BUTTONS = [{"title": "How long?", "payload": "/duration", "type": "postback"}]


def bot(text: str, **more: object) -> BotUttered:
    return create_bot_utterance({"text": text, **more})


def user(text: str, message_id: str, **metadata: str) -> UserUttered:
    return UserUttered(text, {"name": "other"}, message_id=message_id, metadata=metadata)


EVENTS = [
    ActionExecuted("action_session_start"),
    bot("Hello.", buttons=BUTTONS),
    user("/x", "1"),
    ActionExecuted("action_answer"),
    bot("one\n\ntwo", custom=CUSTOM),
    bot("three"),
    user("/duration", "2", title="How long?"),
    bot("four", buttons=[{"title": "Again?", "payload": "/duration"}]),
]


def test_as_reply_is_whole_and_survives_the_store():
    for event in (bot("a\n\nb", custom=CUSTOM, buttons=BUTTONS, utter_action="utter_x"), bot("a"), BotUttered()):
        again = Event.from_parameters(json.loads(json.dumps(event.as_dict())))
        assert as_reply(again) == as_reply(event)
    assert as_reply(bot("a\n\nb", custom=CUSTOM, buttons=BUTTONS)) == {
        "text": "a\n\nb",
        "custom": CUSTOM,
        "buttons": [{"title": "How long?", "payload": "/duration"}],
    }


def test_replies_to_ends_at_the_next_message():
    assert [reply["text"] for reply in replies_to(EVENTS, "1")] == ["one\n\ntwo", "three"]
    assert [reply["text"] for reply in replies_to(EVENTS, "2")] == ["four"]
    assert replies_to(EVENTS, "3") is None


def test_transcript_shows_words_and_titles():
    lines = [(line["role"], line["text"]) for line in transcript(EVENTS)]
    assert lines == [
        ("assistant", "Hello."),
        ("reader", "/x"),
        ("assistant", "one\n\ntwo"),
        ("assistant", "three"),
        ("reader", "How long?"),
        ("assistant", "four"),
    ]
