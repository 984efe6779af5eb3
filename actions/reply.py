"""The custom actions: tracker in, ``faq`` decides, messages out."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecuted, EventType, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.watching import watched
from faq.dialogue import Conversation, Dialogue
from faq.documents import load_documents
from faq.emergency import VARIABLE, load_contacts
from faq.triage import load_rules
from faq.understanding import Understanding

SLOT = "conversation"
"""The slot that holds what a conversation remembers."""


@lru_cache(maxsize=1)
def load_dialogue() -> Dialogue:
    """Reads the documents, the triage rules and the emergency numbers, once a process.

    Returns:
        The dialogue over ``data/``.
    """
    contacts = load_contacts(Path("data/emergency.toml"), os.environ.get(VARIABLE, ""))
    return Dialogue(load_documents(Path("data/documents")), load_rules(Path("data/triage")), contacts)


class ActionReply(Action):
    """Answers any message: from the article, with a recommendation where one is due, or with a fixed phrase."""

    def __init__(self) -> None:
        """Loads the dialogue, so that a malformed file stops the server at its start."""
        self._dialogue = load_dialogue()

    def name(self) -> str:
        """The action's name in ``domain.yml``."""
        return "action_reply"

    @watched
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Replies to the latest message and remembers the conversation."""
        message = Understanding.from_parse_data(tracker.latest_message)
        parts, after = self._dialogue.respond(message, Conversation.from_dict(tracker.get_slot(SLOT)))
        for part in parts:
            dispatcher.utter_message(**part.as_message())
        return [SlotSet(SLOT, after.as_dict())]


class ActionSessionStart(Action):
    """Opens a conversation: says what this is and what can be asked."""

    def __init__(self) -> None:
        """Loads the dialogue, so that a malformed file stops the server at its start."""
        self._dialogue = load_dialogue()

    def name(self) -> str:
        """Rasa's name for the action that it runs at a conversation's start."""
        return "action_session_start"

    @watched
    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Sends the welcome."""
        dispatcher.utter_message(**self._dialogue.welcome().as_message())
        return [SessionStarted(), ActionExecuted("action_listen")]
