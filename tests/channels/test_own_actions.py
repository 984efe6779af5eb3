from __future__ import annotations

import asyncio
import sys
from types import ModuleType

import pytest
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from rasa_sdk.interfaces import ActionExecutionRejection as Refusal

from channels.own_actions import OwnActions


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> OwnActions:
    """Two actions of a package of the test's own; rasa-sdk takes every class that there is."""

    class Heard(Action):
        def name(self):
            return "action_heard"

        def run(self, dispatcher, tracker, domain):
            dispatcher.utter_message(text=f"{tracker.latest_message['text']} {tracker.get_slot('n')} {sorted(domain)}")
            return [SlotSet("n", 2)]

    class Refuses(Action):
        def name(self):
            return "action_refuses"

        def run(self, dispatcher, tracker, domain):
            raise Refusal("action_refuses", "not now")

    monkeypatch.setitem(sys.modules, "stand_in_actions", ModuleType("stand_in_actions"))
    return OwnActions("stand_in_actions")


def run(own: OwnActions, name: str):
    tracker = DialogueStateTracker.from_events("a", [UserUttered("words")])
    action = RemoteAction(name, own)
    return asyncio.run(
        action.run(CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({}), tracker, Domain.empty())
    )


def test_own_actions_run_as_in_an_action_server(own):
    said, slot = run(own, "action_heard")
    assert said.text == "words None []"
    assert (slot.key, slot.value) == ("n", 2)


def test_own_actions_may_refuse(own):
    with pytest.raises(ActionExecutionRejection, match="not now"):
        run(own, "action_refuses")


def test_own_actions_are_taken_where_the_environment_says_so():
    assert OwnActions.from_environment({"FAQ_ACTIONS_URL": "http://actions:5055/webhook"}) is None
    assert OwnActions.from_environment({}) is None
    assert isinstance(OwnActions.from_environment({"FAQ_ACTIONS_URL": ""}), OwnActions)
