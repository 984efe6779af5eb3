"""What Rasa is spared of its rules gives what Rasa gives; each comparison runs Rasa's own code beside it."""

from __future__ import annotations

import json

import pytest
from rasa.core.policies.rule_policy import RULES as RULES_KEY
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from channels import quick_rasa, quick_rules

RASAS_KEYS, RASAS_FROM_RULES = RulePolicy._get_possible_keys, RulePolicy._find_action_from_rules
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
def test_quick_rules_fit_where_rasas_do(states):
    policy = RulePolicy.__new__(RulePolicy)
    assert [policy._get_possible_keys(RULES, states) for _ in range(2)] == [RASAS_KEYS(policy, RULES, states)] * 2


BY_INTENT = {key: action for key, action in RULES.items() if action in ("action_a", "action_b", "action_twice")}


@pytest.mark.parametrize("rules", [RULES, BY_INTENT])
@pytest.mark.parametrize("intent", ["a", "b", "unknown"])
@pytest.mark.parametrize("answered", [False, True])
def test_quick_rules_predicts_what_rasa_predicts(monkeypatch, rules, intent, answered):
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


SLOTS = {"beside": False, "counts": True}
DOMAIN = {
    "intents": ["a", "b"],
    "entities": ["e", "f"],
    "slots": {
        name: {"type": "text", "influence_conversation": counts, "mappings": [{"type": "custom"}]}
        for name, counts in SLOTS.items()
    },
    "actions": ["action_a", "action_b", "action_e", "action_role", "action_slot", "action_after"],
}
SAYS = {
    json.dumps(states): action
    for states, action in [
        ([{"prev_action": LISTENED, "user": {"intent": "a"}}], "action_a"),
        ([{"prev_action": LISTENED, "user": {"intent": "a", "entities": ["e"]}}], "action_e"),
        ([{"prev_action": LISTENED, "user": {"intent": "a", "entities": ["e", "e#role"]}}], "action_role"),
        ([{"prev_action": LISTENED, "user": {"intent": "b"}}], "action_b"),
        ([{"prev_action": LISTENED, "user": {"intent": "b"}, "slots": {"counts": [1.0]}}], "action_slot"),
        ([{"prev_action": {"action_name": "action_a"}, "user": {"intent": "a"}}], "action_after"),
    ]
}


def said(intent: str = "a", *entities: dict[str, str]) -> UserUttered:
    return UserUttered("words", {"name": intent}, [*entities])


def course(*events: Event) -> list[Event]:
    return [ActionExecuted("action_listen"), *events]


E, F, ROLE = {"entity": "e"}, {"entity": "f"}, {"entity": "e", "role": "role"}
REMEMBERED = [
    course(said()),
    course(said("b")),
    course(said("a", E)),
    course(said("a", F, E, E)),
    course(said("a", {"value": "of no entity"})),
    course(said("unknown")),
    course(SlotSet("beside", "1"), SlotSet("unknown", "1"), said("b")),
    course(said(), DefinePrevUserUtteredFeaturization(False), ActionExecuted("action_a"), BotUttered("words")),
    course(said(), ActionExecuted("action_b")),
]
OTHERS = [
    course(said("a", ROLE)),
    course(said("a", {"entity": "e", "group": "1"})),
    course(SlotSet("counts", "1"), said("b")),
    course(UserUttered("words", {"name": None})),
    course(UserUttered("words", {"name": "a"}, use_text_for_featurization=True)),
    course(said("b"), UserUtteranceReverted(), ActionExecuted("action_listen"), said()),
    course(said("b"), DefinePrevUserUtteredFeaturization(True), ActionExecuted("action_b")),
    course(said(), ActionExecuted(action_text="words")),
    course(ActiveLoop("loop"), said()),
    course(ActiveLoop("loop"), ActiveLoop(None), said()),
]


def policy_of(rules: dict[str, str]) -> RulePolicy:
    policy = RulePolicy(RulePolicy.get_default_config(), None, Resource("policy"), ExecutionContext(GraphSchema({})))
    policy.lookup = {RULES_KEY: rules, "rules_for_loop_unhappy_path": {}}
    return policy


@pytest.mark.parametrize(
    ("events", "remembered"), [*((each, True) for each in REMEMBERED), *((each, False) for each in OTHERS)]
)
def test_quick_rules_say_what_rasas_say(monkeypatch, events, remembered):
    domain, policy = Domain.from_dict(DOMAIN), policy_of(SAYS)
    looked: list[None] = []
    monkeypatch.setattr(policy, "_get_rule_only_data", lambda: looked.append(None) or {})

    def tracker() -> DialogueStateTracker:
        return DialogueStateTracker.from_events("reader", events, domain.slots)

    quick = [policy._find_action_from_rules(tracker(), domain, False) for _ in range(3)]
    assert len(looked) == (1 if remembered else 3)
    assert quick == [RASAS_FROM_RULES(policy, tracker(), domain, False)] * 3


def test_quick_rules_tell_courses_apart():
    domain, policy = Domain.from_dict(DOMAIN), policy_of(SAYS)
    trackers = [DialogueStateTracker.from_events("reader", events, domain.slots) for events in [*REMEMBERED, *OTHERS]]
    rasas = [RASAS_FROM_RULES(policy, tracker, domain, False) for tracker in trackers]
    assert [policy._find_action_from_rules(tracker, domain, False) for tracker in trackers] == rasas
    assert len({action for action, _, _ in rasas}) > 5


def test_quick_rules_say_nothing_of_another_domain():
    policy, tracker = policy_of(SAYS), DialogueStateTracker.from_events("reader", course(said("a", E)))
    wanted = Domain.from_dict({**DOMAIN, "intents": ["a", "b"]})
    ignored = Domain.from_dict({**DOMAIN, "intents": [{"a": {"ignore_entities": ["e"]}}, "b"]})
    said_of = [policy._find_action_from_rules(tracker, domain, False)[0] for domain in (wanted, ignored, wanted)]
    assert said_of == ["action_e", "action_a", "action_e"]


def test_quick_rules_do_not_remember_without_end(monkeypatch):
    monkeypatch.setattr(quick_rules, "MOST", 2)
    domain, policy = Domain.from_dict(DOMAIN), policy_of(SAYS)
    for events in REMEMBERED:
        policy._find_action_from_rules(DialogueStateTracker.from_events("reader", events, domain.slots), domain, False)
        assert len(policy._rules_said) <= 2
