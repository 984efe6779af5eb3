"""What is said, turn by turn, about a tiny article and with rules of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.dialogue import MOST_TOPICS, PATIENCE, Conversation, Dialogue
from faq.documents import Document, load_documents
from faq.emergency import Contacts
from faq.intents import SMALL_TALK
from faq.triage import Fact, Rule
from faq.understanding import RankedPassage, Understanding
from tests.contract_reply import check_part, check_reply, rendered

RULES = (
    Rule("lasting", "doctor", "utter_doctor", "A book", "duration", at_least=14),
    Rule("numb", "doctor", "utter_doctor", "A book", "symptom", frozenset({"numb"})),
    Rule("faint", "emergency", "utter_emergency", "A book", "symptom", frozenset({"faint"})),
)
WEEKS = Fact("duration", 21.0, "three weeks")
NUMB = Fact("symptom", "numb", "numb")
FAINT = Fact("symptom", "faint", "fainted", emergency=True)


@pytest.fixture
def dialogue(tea: Document, contacts: Contacts) -> Dialogue:
    return Dialogue([tea], RULES, contacts)


class Talk:
    """A conversation whose every reply is held against the contract, and whose memory goes through JSON."""

    def __init__(self, dialogue: Dialogue, document: Document) -> None:
        self._dialogue = dialogue
        self._document = document
        self._memory: dict[str, Any] | None = None

    def say(
        self,
        *intents: str,
        facts: tuple[Fact, ...] = (),
        close: tuple[str, ...] = (),
        typed: bool = True,
        ranking: tuple[tuple[str, float], ...] = (),
    ) -> list[dict[str, Any]]:
        message = Understanding(intents, close, self._ranked() if typed else (), facts, ranking=ranking)
        parts, after = self._dialogue.respond(message, Conversation.from_dict(self._memory))
        self._memory = json.loads(json.dumps(after.as_dict()))
        assert Conversation.from_dict(self._memory) == after
        messages = [rendered(part) for part in parts]
        check_reply(messages, [self._document])
        return messages

    def _ranked(self) -> tuple[RankedPassage, ...]:
        """All sentences, the last one first, so that an answer by rank differs from the key sentences."""
        passages = [passage for section in self._document.sections for passage in section.passages]
        ranked = [RankedPassage(p.section, p.start, p.end, number / 2) for number, p in enumerate(passages)]
        return tuple(reversed(ranked))


@pytest.fixture
def talk(dialogue: Dialogue, tea: Document) -> Talk:
    return Talk(dialogue, tea)


def kinds(messages: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(message["custom"]["type"], message["custom"]["intent"]) for message in messages]


def quoted(messages: list[dict[str, Any]]) -> list[str]:
    return [quote["text"] for message in messages for quote in message["custom"].get("source", {}).get("quotes", ())]


def test_dialogue_welcomes_with_the_topics(dialogue: Dialogue, tea: Document) -> None:
    message = rendered(dialogue.welcome())
    check_part(message, [tea])
    assert message["custom"]["type"] == "notice"
    assert [button["payload"] for button in message["buttons"]] == ["/heat", "/time"]


def test_dialogue_answers_a_question(talk: Talk) -> None:
    messages = talk.say("heat")
    assert kinds(messages) == [("answer", "heat")]
    assert quoted(messages) == ["Wait a little."]


def test_dialogue_answers_both_questions_of_a_message(talk: Talk) -> None:
    messages = talk.say("time", "heat")
    assert kinds(messages) == [("answer", "time"), ("answer", "heat")]
    assert quoted(messages) == ["Longer makes it bitter.", "Wait a little."]


def test_dialogue_answers_a_button_with_the_key_sentences(talk: Talk) -> None:
    assert quoted(talk.say("heat", typed=False)) == ["Boil the water for black tea."]
    assert quoted(talk.say("heat", typed=False)) == ["Green tea likes it cool."], "pressed again, it goes on"


def test_dialogue_brings_other_sentences_when_asked_again(talk: Talk) -> None:
    assert quoted(talk.say("time")) != quoted(talk.say("time"))


@pytest.mark.parametrize("intent", SMALL_TALK)
def test_dialogue_small_talk(talk: Talk, intent: str) -> None:
    (message,) = talk.say(intent)
    assert kinds([message]) == [("smalltalk", intent)]


def test_dialogue_declines_and_offers_the_topics(talk: Talk) -> None:
    (message,) = talk.say("out_of_scope")
    assert kinds([message]) == [("no_answer", "out_of_scope")]
    assert [button["title"] for button in message["buttons"]] == [
        "How hot should the water be?",
        "How long should tea steep?",
    ]


def test_dialogue_offers_few_of_many_topics_and_the_nearest_where_it_declines(
    tmp_path: Path, contacts: Contacts
) -> None:
    sections = "\n".join(f"## About topic {number}? {{#topic_{number}}}\n\nText.\n" for number in range(50))
    matter = "---\nid: many\ntitle: Many\nurl: https://example.org/many\nlanguage: en\n---\n\n"
    (tmp_path / "many.md").write_text(matter + sections, encoding="utf-8")
    dialogue = Dialogue(load_documents(tmp_path), RULES, contacts)
    ranking = (("thanks", 0.3), ("topic_40", 0.2), ("topic_30", 0.1))
    ((declined,), _) = dialogue.respond(Understanding(("out_of_scope",), ranking=ranking), Conversation())
    first = [f"/topic_{number}" for number in range(MOST_TOPICS)]
    assert [button.payload for button in dialogue.welcome().buttons] == first
    assert [button.payload for button in declined.buttons] == [*first[:-2], "/topic_30", "/topic_40"]


def test_dialogue_recommends_a_doctor_after_the_answer(talk: Talk) -> None:
    messages = talk.say("time", facts=(WEEKS,))
    assert kinds(messages) == [("answer", "time"), ("doctor", "time")]
    assert messages[1]["custom"]["doctor"] == {
        **{"urgency": "doctor", "because": ["three weeks"], "rule": "lasting", "source": "A book"},
    }


@pytest.mark.parametrize("intent", ["out_of_scope", "thanks", "heat"])
def test_dialogue_recommends_a_doctor_whatever_is_asked(talk: Talk, intent: str) -> None:
    assert ("doctor", intent) in kinds(talk.say(intent, facts=(NUMB,)))


@pytest.mark.parametrize(
    "fact",
    [
        Fact("duration", 3.0, "three days"),
        Fact("symptom", "numb", "no numbness", negated=True),
        Fact("symptom", "numb", "if it goes numb", hypothetical=True),
        Fact("symptom", "numb", "was numb", historical=True),
        Fact("symptom", "numb", "numb", person="none"),
    ],
)
def test_dialogue_recommends_nothing_without_a_reason(talk: Talk, fact: Fact) -> None:
    assert kinds(talk.say("time", facts=(fact,))) == [("answer", "time")]


def test_dialogue_recommends_a_doctor_once(talk: Talk) -> None:
    talk.say("time", facts=(WEEKS,))
    assert kinds(talk.say("heat")) == [("answer", "heat")]
    assert kinds(talk.say("heat", facts=(WEEKS,))) == [("answer", "heat")]


def test_dialogue_correction_withdraws_the_recommendation(talk: Talk) -> None:
    talk.say("time", facts=(WEEKS,))
    messages = talk.say("time", facts=(Fact("duration", 3.0, "3 days"),))
    assert kinds(messages) == [("answer", "time"), ("notice", None)]
    assert kinds(talk.say("heat")) == [("answer", "heat")], "it is withdrawn once"
    assert ("doctor", "time") in kinds(talk.say("time", facts=(WEEKS,))), "a new reason is told anew"


def test_dialogue_correction_of_one_reason_leaves_the_other(talk: Talk) -> None:
    talk.say("time", facts=(WEEKS, NUMB))
    messages = talk.say("time", facts=(Fact("duration", 3.0, "3 days"),))
    assert "notice" not in [kind for kind, _ in kinds(messages)]


@pytest.mark.parametrize("intent", ["out_of_scope", "thanks", "heat"])
def test_dialogue_emergency_comes_first(talk: Talk, intent: str) -> None:
    messages = talk.say(intent, facts=(WEEKS, FAINT))
    assert kinds(messages)[0] == ("emergency", intent)
    assert "doctor" not in [kind for kind, _ in kinds(messages)]
    assert messages[0]["custom"]["doctor"]["because"] == ["fainted"]


def test_dialogue_emergency_is_not_taken_back(talk: Talk) -> None:
    talk.say("time", facts=(FAINT,))
    denied = Fact("symptom", "faint", "did not faint", negated=True)
    assert "notice" not in [kind for kind, _ in kinds(talk.say("thanks", facts=(denied,)))]


def test_dialogue_emergency_leaves_no_time_to_ask_back(talk: Talk) -> None:
    assert kinds(talk.say("heat", facts=(FAINT,), close=("heat", "time")))[0] == ("emergency", "heat")


def test_dialogue_asks_back_between_close_topics(talk: Talk) -> None:
    (message,) = talk.say("heat", close=("heat", "time"))
    assert message["custom"]["type"] == "clarify"
    assert [button["payload"] for button in message["buttons"]] == ["/heat", "/time"]


@pytest.mark.parametrize(("picked", "answered"), [("time", "time"), ("heat", "heat"), ("affirm", "heat")])
def test_dialogue_answers_what_was_asked_back_about(talk: Talk, picked: str, answered: str) -> None:
    talk.say("heat", close=("heat", "time"))
    messages = talk.say(picked, typed=False)
    assert kinds(messages) == [("answer", answered)]
    last = {"time": "Longer makes it bitter.", "heat": "Wait a little."}[answered]
    assert quoted(messages) == [last], "the question was typed before, so its ranking counts"


def test_dialogue_remembers_only_sentences_of_what_it_asked_back_about(dialogue: Dialogue, tea: Document) -> None:
    sentences = [passage for section in tea.sections for passage in section.passages]
    ranked = [RankedPassage(each.section, each.start, each.end, 0.5) for each in sentences]
    other = RankedPassage("milk", 0, 9, 0.9)
    message = Understanding(("heat",), ("heat", "time"), (other, *ranked))
    (_, after) = dialogue.respond(message, Conversation())
    assert after.pending == tuple(ranked)


def test_dialogue_yes_answers_only_the_last_offer(talk: Talk) -> None:
    talk.say("heat", close=("heat", "time"))
    talk.say("thanks")
    assert kinds(talk.say("affirm")) == [("smalltalk", "affirm")]


def test_dialogue_no_after_an_offer_offers_the_topics(talk: Talk) -> None:
    talk.say("heat", close=("heat", "time"))
    (message,) = talk.say("deny")
    assert kinds([message]) == [("smalltalk", "deny")]
    assert len(message["buttons"]) == 2


def test_dialogue_follow_up_leans_on_the_last_topic(talk: Talk) -> None:
    talk.say("time")
    talk.say("thanks")
    assert kinds(talk.say("follow_up")) == [("answer", "time")]


def test_dialogue_stops_asking_back_when_that_does_not_help(talk: Talk) -> None:
    asked = [kinds(talk.say("heat", close=("heat", "time")))[0][0] for _ in range(PATIENCE + 1)]
    assert asked == ["clarify"] * PATIENCE + ["answer"]


def test_dialogue_declines_in_other_words_when_that_happens_again(talk: Talk) -> None:
    said = [talk.say("out_of_scope")[0]["text"] for _ in range(PATIENCE + 1)]
    assert said[0] == said[PATIENCE - 1] != said[PATIENCE]


def test_dialogue_says_a_further_reason(talk: Talk) -> None:
    talk.say("time", facts=(WEEKS,))
    (_, recommendation) = talk.say("time", facts=(NUMB,))
    assert recommendation["custom"]["doctor"]["because"] == ["numb"]


def test_dialogue_begins_without_memory() -> None:
    assert Conversation.from_dict(None) == Conversation.from_dict({}) == Conversation()


DAYS, NOT_NUMB = Fact("duration", 3.0, "days"), Fact("symptom", "numb", "not", negated=True)
FACTS = st.sampled_from([WEEKS, NUMB, FAINT, DAYS, NOT_NUMB])
TURNS = st.tuples(
    st.sampled_from([("heat",), ("time",), ("heat", "time"), ("out_of_scope",), ("affirm",), ("deny",), ("thanks",)]),
    st.lists(FACTS, max_size=3).map(tuple),
    st.sampled_from([(), ("heat", "time")]),
    st.booleans(),
)


@settings(max_examples=100, deadline=None)
@given(turns=st.lists(TURNS, min_size=1, max_size=6))
def test_dialogue_keeps_the_contract_in_any_conversation(tea: Document, contacts: Contacts, turns: list[Any]) -> None:
    talk, emergencies = Talk(Dialogue([tea], RULES, contacts), tea), 0
    for intents, facts, close, typed in turns:
        types = [kind for kind, _ in kinds(talk.say(*intents, facts=facts, close=close, typed=typed))]
        assert not (emergencies and {"notice", "doctor"} & set(types)), "nothing talks an emergency down"
        assert FAINT not in facts or types[0] == "emergency"
        emergencies += "emergency" in types


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        ((("time", 0.6), ("heat", 0.1)), "heat"),
        ((("time", 0.8), ("heat", 0.1)), "time"),
        ((("time", 0.6), ("heat", 0.01)), "time"),
        ((), "time"),
    ],
)
def test_dialogue_goes_on_with_its_topic_where_a_message_is_unsure(
    talk: Talk, ranking: tuple[tuple[str, float], ...], expected: str
) -> None:
    talk.say("heat")
    assert kinds(talk.say("time", ranking=ranking)) == [("answer", expected)]


def test_dialogue_takes_an_unsure_first_message_as_it_stands(talk: Talk) -> None:
    assert kinds(talk.say("time", ranking=(("time", 0.6), ("heat", 0.3)))) == [("answer", "time")]


def test_dialogue_need_not_ask_back_where_the_conversation_tells(talk: Talk) -> None:
    talk.say("heat")
    messages = talk.say("time", close=("time", "heat"), ranking=(("time", 0.3), ("heat", 0.3)))
    assert kinds(messages) == [("answer", "heat")]
