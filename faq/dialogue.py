"""What to say: from an understood message and the conversation so far to the parts of a reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from faq import reply
from faq.answers import quotes_for
from faq.documents import Document, Section
from faq.emergency import Contacts
from faq.reply import OUT_OF_SCOPE, Button, Part
from faq.triage import Fact, Rule, assess, gather
from faq.understanding import RankedPassage, Understanding

WITH_TOPICS = {"greet", "help", "affirm", "deny", "follow_up"}
"""Small talk after which the topics are offered."""

FOLLOW_UP = "follow_up"
"""Intent of "why?", "tell me more": it leans on the topic that was answered last."""

PATIENCE = 2
"""Replies without an answer in a row after which the assistant stops asking back and points elsewhere."""

MOST_TOPICS = 10
"""Topics that are offered at once; a chat has no room for more, and what is offered is stored."""

SURE = 0.7
"""Probability from which a message is taken as it stands, without the conversation."""

LEANING = 0.05
"""Probability from which an unsure message may go on with the topic that was answered last."""


@dataclass(frozen=True)
class Conversation:
    """What a conversation must remember between two messages; JSON through ``as_dict`` and ``from_dict``.

    Attributes:
        facts: what the reader stated so far.
        told: ids of the triage rules whose advice was given and stands.
        shown: offsets of the sentences quoted so far.
        latest: those of the latest answer.
        asked_back: the two intents that were offered in the last reply, or empty.
        pending: the sentences of both as they were ranked for that question.
        topic: the intent that was answered last, or None.
        unanswered: replies in a row that answered nothing.
    """

    facts: tuple[Fact, ...] = ()
    told: tuple[str, ...] = ()
    shown: tuple[tuple[int, int], ...] = ()
    latest: tuple[tuple[int, int], ...] = ()
    asked_back: tuple[str, ...] = ()
    pending: tuple[RankedPassage, ...] = ()
    topic: str | None = None
    unanswered: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The conversation as JSON."""
        facts, pending = ([dict(vars(each)) for each in values] for values in (self.facts, self.pending))
        return {**vars(self), "facts": facts, "pending": pending}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any] | None) -> Conversation:
        """Restores a conversation.

        Args:
            data: of ``as_dict``; None at a conversation's beginning.

        Returns:
            The conversation.
        """
        if not data:
            return cls()
        return cls(
            facts=tuple(Fact(**fact) for fact in data["facts"]),
            told=tuple(data["told"]),
            shown=tuple((start, end) for start, end in data["shown"]),
            latest=tuple((start, end) for start, end in data["latest"]),
            asked_back=tuple(data["asked_back"]),
            pending=tuple(RankedPassage(**passage) for passage in data["pending"]),
            topic=data["topic"],
            unanswered=data["unanswered"],
        )


class Dialogue:
    """Answers from documents, by rules; knows nothing of Rasa."""

    def __init__(self, documents: Sequence[Document], rules: Sequence[Rule], contacts: Contacts) -> None:
        """Takes the article, the rules and the numbers to call.

        Args:
            documents: of ``load_documents``.
            rules: of ``load_rules``.
            contacts: of ``load_contacts``.
        """
        self._rules = rules
        self._contacts = contacts
        self._places = {section.intent: (document, section) for document in documents for section in document.sections}

    def welcome(self) -> Part:
        """The first message of a conversation."""
        return Part("notice", "utter_welcome", buttons=self._topics())

    def respond(self, message: Understanding, before: Conversation) -> tuple[tuple[Part, ...], Conversation]:
        """Decides the reply to a message.

        Args:
            message: what was understood.
            before: the conversation up to it.

        Returns:
            The parts of the reply, at least one, an emergency first; and the conversation after it.
        """
        message, before = self._resolve(message, before)
        facts = gather(before.facts, message.facts)
        advice, told = self._advise(facts, message, before)
        urgent = bool(advice) and advice[0].type == "emergency"
        parts, after = self._parts(message, replace(before, facts=facts, told=told), urgent)
        return (advice + parts if urgent else parts + advice), after

    def _resolve(self, message: Understanding, before: Conversation) -> tuple[Understanding, Conversation]:
        """Reads what leans on the conversation: a topic offered and picked by button or "yes", "why?", and what is
        unsure by itself ("but how does the body do that")."""
        said = message.intents[0]
        picked = before.asked_back[0] if said == "affirm" and before.asked_back else said
        if picked in before.asked_back and (picked != said or not message.passages):
            message = replace(message, intents=(picked,), passages=before.pending)
        elif said == FOLLOW_UP and before.topic:
            message = replace(message, intents=(before.topic,), goes_on=True)
        elif self._goes_on(message, before.topic):
            message = replace(message, intents=(str(before.topic),), close=())
        return message, replace(before, asked_back=(), pending=())

    def _goes_on(self, message: Understanding, topic: str | None) -> bool:
        """Whether one question, unsure by itself, may be about the topic that was answered last."""
        chances = dict(message.ranking)
        asks_one = len(message.intents) == 1 and message.intents[0] in self._places
        if not asks_one or (message.close and topic not in message.close):
            return False
        return chances.get(message.intents[0], 1.0) < SURE and chances.get(str(topic), 0.0) >= LEANING

    def _advise(
        self, facts: Sequence[Fact], message: Understanding, before: Conversation
    ) -> tuple[tuple[Part, ...], tuple[str, ...]]:
        """The recommendation: once for each reason, an emergency whenever it is stated; withdrawn in words when a
        correction takes its reason back."""
        stated = assess(message.facts, self._rules)
        if stated.rule is not None and stated.urgency == "emergency":
            return (reply.recommendation(stated, message.intents[0], self._contacts),), tuple(
                dict.fromkeys((*before.told, stated.rule))
            )
        standing = assess(facts, self._rules)
        if standing.rule is None:
            withdrawn = (Part("notice", "utter_doctor_withdrawn"),) if before.told else ()
            return withdrawn, ()
        if standing.rule in before.told:  # what this message adds may be a reason of its own
            untold = [rule for rule in self._rules if rule.id not in before.told and rule.urgency == standing.urgency]
            standing = assess(message.facts, untold)
        if standing.rule is None:
            return (), before.told
        return (reply.recommendation(standing, message.intents[0], self._contacts),), (*before.told, standing.rule)

    def _parts(
        self, message: Understanding, before: Conversation, urgent: bool
    ) -> tuple[tuple[Part, ...], Conversation]:
        if all(intent in self._places for intent in message.intents):
            if message.close and not urgent and before.unanswered < PATIENCE:
                return self._ask_back(message, before)
            return self._answer(message, before)
        if urgent:
            return (), replace(before, unanswered=0)
        if OUT_OF_SCOPE in message.intents:
            return (self._decline(message, before),), replace(before, unanswered=before.unanswered + 1)
        return (self._small_talk(message.intents[0]),), before

    def _answer(self, message: Understanding, before: Conversation) -> tuple[tuple[Part, ...], Conversation]:
        parts: list[Part] = []
        quoted: list[tuple[int, int]] = []
        for intent in message.intents:
            document, section = self._places[intent]
            known = before.shown if self._is_asked_again(message, section, before) else ()
            quotes = quotes_for(section, message.passages, known)
            parts.append(reply.answer(document, section, quotes))
            quoted += [(quote.start, quote.end) for quote in quotes]
        shown = tuple(dict.fromkeys((*before.shown, *quoted)))
        return tuple(parts), replace(before, shown=shown, latest=tuple(quoted), topic=message.intents[-1], unanswered=0)

    @staticmethod
    def _is_asked_again(message: Understanding, section: Section, before: Conversation) -> bool:
        """Whether the same words would come as in the answer before, so that the next ones are due."""
        best = next((entry for entry in message.passages if entry.section == section.id), None)
        if message.goes_on or best is None:
            return before.topic == section.intent
        return (best.start, best.end) in before.latest

    def _ask_back(self, message: Understanding, before: Conversation) -> tuple[tuple[Part, ...], Conversation]:
        buttons = reply.topic_buttons([self._places[intent][1] for intent in message.close])
        part = Part("clarify", "utter_ask_back", message.intents[0], buttons=buttons)
        pending = tuple(each for each in message.passages if each.section in message.close)
        return (part,), replace(before, asked_back=message.close, pending=pending, unanswered=before.unanswered + 1)

    def _decline(self, message: Understanding, before: Conversation) -> Part:
        phrase = "utter_no_answer" if before.unanswered < PATIENCE else "utter_no_answer_again"
        return Part("no_answer", phrase, OUT_OF_SCOPE, buttons=self._topics(message.ranking))

    def _small_talk(self, intent: str) -> Part:
        buttons = self._topics() if intent in WITH_TOPICS else ()
        return Part("smalltalk", f"utter_{intent}", intent, buttons=buttons)

    def _topics(self, ranking: Sequence[tuple[str, float]] = ()) -> tuple[Button, ...]:
        """What can be asked, in the documents' order; of many topics the nearest to a message, or the first."""
        near = [intent for intent, _ in ranking if intent in self._places]
        offered = {*list(dict.fromkeys([*near, *self._places]))[:MOST_TOPICS]}
        return reply.topic_buttons([section for _, section in self._places.values() if section.intent in offered])
