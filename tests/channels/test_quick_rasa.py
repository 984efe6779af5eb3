"""What Rasa is spared gives what Rasa gives; each comparison runs Rasa's own code beside it."""

from __future__ import annotations

import copy
import logging
from types import SimpleNamespace

import pytest
from jsonschema import ValidationError, validate
from rasa.core import processor
from rasa.core.actions import action as actions
from rasa.core.actions.action import RemoteAction
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies import rule_policy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import ActionNotFoundException, Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig

from channels import quick_rasa
from channels.action_calls import ActionCalls
from channels.own_actions import OwnActions

RASAS_RUN, RASAS_COPY = DaskGraphRunner.run, DialogueStateTracker.copy
RASAS_ACTION, RASAS_LOG_SLOTS = actions.action_for_name_or_text, processor.MessageProcessor._log_slots
RASAS_RESPONSE = TemplatedNaturalLanguageGenerator._random_response_for
"""As they are before any test of this module."""


@pytest.fixture(autouse=True)
def quick():
    assert quick_rasa.make_quick()
    assert quick_rasa.make_quick()


def test_quick_rasa_leaves_another_release_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(quick_rasa, "version", lambda name: "3.6.22")
    assert not quick_rasa.make_quick()


@pytest.mark.parametrize(
    ("good", "result"),
    [
        (True, {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"text": "words"}]}),
        (False, {"events": [{"event": "slot"}], "responses": []}),
        (False, {"events": {}, "responses": []}),
        (False, {"events": [], "responses": "words"}),
    ],
)
def test_quick_rasa_refuses_what_rasa_refuses(good, result):
    action = RemoteAction("action", EndpointConfig("http://actions"))
    if good:
        validate(result, RemoteAction.action_response_format_spec())
        assert action._validate_action_result(result)
        return
    with pytest.raises(ValidationError):
        validate(result, RemoteAction.action_response_format_spec())
    with pytest.raises(ValidationError):
        action._validate_action_result(result)


def test_quick_rasa_trusts_what_its_own_actions_have_made(monkeypatch):
    """As ``Conversations`` names them to Rasa."""
    checked: list[object] = []
    monkeypatch.setattr(quick_rasa, "_validator", lambda: SimpleNamespace(validate=checked.append))
    for endpoint in (OwnActions.__new__(OwnActions), EndpointConfig("http://actions")):
        EndpointConfig.__init__(endpoint, "own:")
        assert RemoteAction("action", ActionCalls(endpoint))._validate_action_result({})
    assert checked == [{}]


def test_quick_rasa_finds_every_event():
    for kind in all_subclasses(Event):
        assert Event.resolve_by_type(kind.type_name).type_name == kind.type_name
    assert Event.resolve_by_type("user") is UserUttered
    assert Event.resolve_by_type("topic") is None
    assert Event.resolve_by_type("unknown", ActionExecuted) is ActionExecuted
    with pytest.raises(ValueError, match="Unknown event"):
        Event.resolve_by_type("unknown")


def test_quick_rasa_knows_an_empty_domain():
    empty, full = Domain.empty(), Domain.from_dict({"intents": ["a"]})
    assert [empty.is_empty(), full.is_empty(), full.is_empty()] == [True, False, False]


@pytest.mark.parametrize(("level", "shown"), [("DEBUG", [{"rasa_events": [1]}]), ("WARNING", [])])
@pytest.mark.parametrize("module", [processor, rule_policy])
def test_quick_rasa_copies_nothing_for_a_log_that_nobody_sees(monkeypatch, module, level, shown):
    logged: list[dict[str, object]] = []
    inner = SimpleNamespace(debug=lambda event, **values: logged.append(values), exception=logged.append)
    monkeypatch.setattr(module.structlogger, "_logger", inner)
    monkeypatch.setattr(logging.root, "level", getattr(logging, level))
    logging.root.manager._clear_cache()
    events = [1]
    module.structlogger.debug("event", rasa_events=module.copy.deepcopy(events))
    assert logged == shown
    assert all(each["rasa_events"] is events for each in logged)
    module.structlogger.exception({"always": "shown"})
    assert logged[-1] == {"always": "shown"}


RESPONSES = {
    "utter_one": [{"text": "one {word}"}],
    "utter_two": [{"text": "two"}, {"text": "two"}],
    "utter_channel": [{"text": "there", "channel": "there"}],
    "utter_condition": [{"text": "set", "condition": [{"type": "slot", "name": "a", "value": "set"}]}],
}


@pytest.mark.parametrize("name", [*RESPONSES, "utter_unknown"])
@pytest.mark.parametrize("channel", ["here", "there"])
@pytest.mark.parametrize("slots", [{}, {"a": "set"}])
def test_quick_rasa_says_what_rasa_says(monkeypatch, name, channel, slots):
    generator = TemplatedNaturalLanguageGenerator(RESPONSES)
    quick = [generator.generate_from_slots(name, slots, channel, word="word") for _ in range(2)]
    monkeypatch.setattr(TemplatedNaturalLanguageGenerator, "_random_response_for", RASAS_RESPONSE)
    assert quick == [generator.generate_from_slots(name, slots, channel, word="word")] * 2


class Adds:
    """A node that adds what it is given to its own name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *given: tuple[str, list[str]]) -> tuple[str, list[str]]:
        return self._name, [self._name, *(word for _, words in given for word in words)]


def graph(**needs: list[str]) -> DaskGraphRunner:
    schema = GraphSchema({name: SchemaNode(dict(enumerate(each)), None, "", "", {}) for name, each in needs.items()})
    runner = DaskGraphRunner(GraphSchema({}), None, None)
    runner._graph_schema, runner._instantiated_nodes = schema, {name: Adds(name) for name in needs}
    return runner


@pytest.mark.parametrize("targets", [None, ["c"], ["b", "c"], ["d"]])
def test_quick_rasa_runs_a_graph_as_dask_does(targets):
    runner = graph(d=["c", "message"], c=["a", "b"], b=["a"], a=["message"], unused=["nowhere"])
    runner._graph_schema.nodes["d"].is_target = True
    again = [runner.run({"message": ["words"]}, targets) for _ in range(2)]
    assert again == [RASAS_RUN(runner, {"message": ["words"]}, targets)] * 2


def test_quick_rasa_says_what_went_wrong_in_a_graph(monkeypatch):
    runner = graph(a=["message"])
    runner._instantiated_nodes["a"] = lambda *_: (_ for _ in ()).throw(RuntimeError("no memory"))
    with pytest.raises(GraphRunError):
        runner.run({"message": ["words"]}, ["a"])


LISTENED, SAID = ActionExecuted("action_listen"), UserUttered("words", {"name": "a"})
SLOTS = {
    "text": {"type": "text", "mappings": [{"type": "custom"}], "initial_value": "first"},
    "number": {"type": "float", "mappings": [{"type": "custom"}], "max_value": 5},
    "kind": {"type": "categorical", "values": ["a", "b"], "mappings": [{"type": "custom"}]},
}
DOMAIN = {
    "intents": ["a", "faq"],
    "slots": SLOTS,
    "actions": ["action_a", "action_restart", "utter_faq"],
    "responses": {"utter_a": [{"text": "a"}]},
    "forms": {"form": {"required_slots": ["text"]}},
    "e2e_actions": ["words of an action"],
}


def state(tracker: DialogueStateTracker) -> dict[str, object]:
    """All that a tracker holds, but for when an event that stands for none was made."""
    held = {**vars(tracker), "slots": {name: (type(slot), {**vars(slot)}) for name, slot in tracker.slots.items()}}
    for name in ("latest_message", "latest_bot_utterance"):
        held[name] = {**vars(held[name]), "timestamp": None}
    return held


@pytest.mark.parametrize(
    "events",
    [
        [],
        [SAID],
        [LISTENED, SAID],
        [LISTENED, SAID, DefinePrevUserUtteredFeaturization(False), ActionExecuted("action_a"), BotUttered("words")],
        [SlotSet("text", "set"), LISTENED, SlotSet("number", 3.0), SlotSet("kind", "b"), SAID],
        [LISTENED, SAID, FollowupAction("action_a")],
        [LISTENED, ActiveLoop("form"), SAID],
        [LISTENED, SAID, UserUtteranceReverted(), LISTENED],
        [LISTENED, SlotSet("text", "set"), Restarted()],
        [LISTENED, SlotSet("text", "set"), SessionStarted(), LISTENED],
    ],
)
@pytest.mark.parametrize("most", [None, 2])
def test_quick_rasa_copies_a_conversation_as_rasa_does(events, most):
    tracker = DialogueStateTracker.from_events("reader", events, Domain.from_dict(DOMAIN).slots, most, "a.yml")
    tracker.model_id, tracker.assistant_id = "model", "assistant"
    tracker.clear_followup_action()  # as each prediction does
    before, quick = state(tracker), tracker.copy()
    assert state(quick) == state(RASAS_COPY(tracker))
    for event in (SlotSet("text", "later"), ActionExecuted("action_a"), UserUttered("later")):
        quick.update(event)
    assert state(tracker) == before


def test_quick_rasa_copies_slots_as_python_does(monkeypatch):
    slots = Domain.from_dict(DOMAIN).slots
    slots[0].value = ["a list that both hold"]
    quick = [copy.copy(slot) for slot in slots]
    monkeypatch.delattr(Slot, "__copy__")
    assert [(type(slot), vars(slot)) for slot in quick] == [(type(slot), vars(copy.copy(slot))) for slot in slots]
    assert quick[0].value is slots[0].value
    quick[0].value = "another"
    assert slots[0].value == ["a list that both hold"]


@pytest.mark.parametrize("overridden", [[], ["action_listen", "action_extract_slots"]])
def test_quick_rasa_finds_the_actions_that_rasa_finds(overridden):
    domain = Domain.from_dict({**DOMAIN, "actions": [*DOMAIN["actions"], *overridden]})
    endpoint = EndpointConfig("http://actions")
    for name in domain.action_names_or_texts:
        quick, rasas = actions.action_for_name_or_text(name, domain, endpoint), RASAS_ACTION(name, domain, endpoint)
        assert (type(quick), vars(quick), quick.name()) == (type(rasas), vars(rasas), rasas.name())
    with pytest.raises(ActionNotFoundException):
        actions.action_for_name_or_text("action_unknown", domain, endpoint)


@pytest.mark.parametrize(("level", "times"), [("DEBUG", 1), ("WARNING", 0)])
def test_quick_rasa_writes_slots_out_for_a_log_that_somebody_sees(monkeypatch, level, times):
    logged: list[dict[str, object]] = []
    monkeypatch.setattr(processor, "structlogger", SimpleNamespace(debug=lambda _, **values: logged.append(values)))
    monkeypatch.setattr(logging.root, "level", getattr(logging, level))
    logging.root.manager._clear_cache()
    tracker = DialogueStateTracker("reader", Domain.from_dict(DOMAIN).slots)
    processor.MessageProcessor._log_slots(tracker)
    quick = [*logged]
    RASAS_LOG_SLOTS(tracker)
    assert quick == logged[len(quick) :] * times
