"""What Rasa is spared gives what Rasa gives; each comparison runs Rasa's own code beside it."""

from __future__ import annotations

import json
import logging
from types import SimpleNamespace

import pytest
from jsonschema import ValidationError, validate
from rasa.core import processor
from rasa.core.actions.action import RemoteAction
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies import rule_policy
from rasa.core.policies.rule_policy import RULES as RULES_KEY
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import ExecutionContext, GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig

from channels import quick_rasa
from channels.action_calls import ActionCalls
from channels.own_actions import OwnActions

RASAS_RUN, RASAS_KEYS = DaskGraphRunner.run, RulePolicy._get_possible_keys
RASAS_FROM_RULES = RulePolicy._find_action_from_rules
RASAS_RESPONSE = TemplatedNaturalLanguageGenerator._random_response_for
"""As they are before any test of this module."""

LISTENED = {"action_name": "action_listen"}
RULES = {
    json.dumps(states): action
    for states, action in [
        ([{"prev_action": LISTENED, "user": {"intent": "a"}}], "action_a"),
        ([{"prev_action": LISTENED, "user": {"intent": "b"}}], "action_b"),
        ([{"prev_action": LISTENED, "user": {"intent": "b"}}] * 2, "action_twice"),
        ([{"prev_action": LISTENED, "user": {"intent": "should_not_be_set"}}], "action_nothing"),
        ([{"prev_action": LISTENED, "user": {"text": "words"}}], "action_words"),
        ([{"prev_action": LISTENED}], "action_any"),
        ([{"user": {"intent": "a"}}], "action_start"),
    ]
}


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


@pytest.mark.parametrize(
    "states",
    [
        [],
        [{}],
        [{}, {"prev_action": LISTENED, "user": {"intent": "a"}}],
        [{}, {"prev_action": LISTENED, "user": {"intent": "b"}}],
        [{"prev_action": LISTENED, "user": {"intent": "b"}}] * 2,
        [{"prev_action": LISTENED, "user": {"text": "words"}}],
        [{"prev_action": LISTENED, "user": {"intent": "unknown"}}],
        [{"prev_action": {"action_name": "action_a"}, "user": {"intent": "a"}}],
    ],
)
def test_quick_rasa_finds_the_rules_that_rasa_finds(states):
    policy = RulePolicy.__new__(RulePolicy)
    assert [policy._get_possible_keys(RULES, states) for _ in range(2)] == [RASAS_KEYS(policy, RULES, states)] * 2


BY_INTENT = {key: action for key, action in RULES.items() if action in ("action_a", "action_b", "action_twice")}


@pytest.mark.parametrize("rules", [RULES, BY_INTENT])
@pytest.mark.parametrize("intent", ["a", "b", "unknown"])
@pytest.mark.parametrize("answered", [False, True])
def test_quick_rasa_predicts_what_rasa_predicts(monkeypatch, rules, intent, answered):
    """With a rule about these words, and without any about words."""
    domain = Domain.from_dict({"intents": ["a", "b"], "actions": sorted(set(RULES.values()))})
    policy = RulePolicy(RulePolicy.get_default_config(), None, Resource("policy"), ExecutionContext(GraphSchema({})))
    policy.lookup = {RULES_KEY: rules, "rules_for_loop_unhappy_path": {}}
    message = UserUttered("words", {"name": intent})
    events = [ActionExecuted("action_listen"), message, *([ActionExecuted("action_a")] if answered else [])]
    tracker = DialogueStateTracker.from_events("reader", events)
    looked: list[bool] = []
    monkeypatch.setattr(
        policy, "_prediction_states", lambda *given, **more: looked.append(given[2]) or states(policy, *given, **more)
    )
    quick = vars(policy.predict_action_probabilities(tracker, domain))
    assert looked == [rules is RULES and not answered]
    monkeypatch.setattr(RulePolicy, "_find_action_from_rules", RASAS_FROM_RULES)
    assert quick == vars(policy.predict_action_probabilities(tracker, domain))


def states(policy, *given, **more):
    return RulePolicy._prediction_states(policy, *given, **more)
