"""What Rasa is spared gives what Rasa gives; each comparison runs Rasa's own code beside it."""

from __future__ import annotations

import json

import pytest
from jsonschema import ValidationError, validate
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, UserUttered
from rasa.shared.utils.common import all_subclasses
from rasa.utils.endpoints import EndpointConfig

from channels import quick_rasa

RASAS_RUN, RASAS_KEYS = DaskGraphRunner.run, RulePolicy._get_possible_keys
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
