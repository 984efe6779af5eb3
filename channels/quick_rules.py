"""What Rasa 3.6.21 works out anew of its rules for every message; ``quick_rasa.py`` puts this in its place."""

from __future__ import annotations

from typing import Any

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT

PLAIN = frozenset((ActionExecuted, BotUttered, DefinePrevUserUtteredFeaturization, SlotSet, UserUttered))
"""Events that take nothing back and begin no loop."""

MOST = 1_000
"""Courses of a conversation for which a policy remembers what its rules say, a megabyte at most."""

Found = tuple[str | None, str | None, bool]
"""What rules say: the next action, which rule says so, and whether a loop was interrupted."""

_rasas_possible_keys = RulePolicy._get_possible_keys


def possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """Rasa looks at every rule, four times a message; only those that end with its intent can fit."""
    if not states:
        return set(_rasas_possible_keys(self, lookup, states))
    rules, said = _by_intent(self, lookup), states[-1].get(USER, {}).get(INTENT)
    return set(_rasas_possible_keys(self, {**rules.get(None, {}), **rules.get(said, {})}, states))


_rasas_action_from_rules = RulePolicy._find_action_from_rules


def action_from_rules(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
) -> Found:
    """Rasa makes states of the whole conversation, for rules about the message's words and again for those about its
    intent. What they say depends on few things, so it is remembered."""
    if tracker.active_loop_name or None in _by_intent(self, self.lookup[RULES]):
        return _rules_say(self, tracker, domain, use_text_for_last_user_input)
    if use_text_for_last_user_input:
        return None, None, False
    course = _course(tracker)
    if course is None:
        return _rules_say(self, tracker, domain, False)
    known: dict[tuple[Any, ...], tuple[Domain, Found]] = self.__dict__.setdefault("_rules_said", {})
    if course not in known or known[course][0] is not domain:
        if len(known) >= MOST:
            known.clear()
        known[course] = domain, _rules_say(self, tracker, domain, False)
    return known[course][1]


def _rules_say(policy: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text: bool) -> Found:
    action, rule, interrupted = _rasas_action_from_rules(policy, tracker, domain, use_text)
    return action, rule, interrupted


def _course(tracker: DialogueStateTracker) -> tuple[Any, ...] | None:
    """All of a conversation that rules about intents look at; None where they may look at more."""
    course: list[Any] = []
    for event in tracker.events:
        kind = type(event)
        if kind is ActionExecuted and event.action_name:
            course.append(event.action_name)
        elif kind is UserUttered and event.intent_name and not event.use_text_for_featurization:
            if any("role" in entity or "group" in entity for entity in event.entities):
                return None
            course.append((event.intent_name, frozenset([entity.get("entity") for entity in event.entities])))
        elif not _is_beside(event, tracker):
            return None
    return tuple(course)


def _is_beside(event: Event, tracker: DialogueStateTracker) -> bool:
    """Whether no rule looks at an event."""
    kind = type(event)
    if kind is SlotSet:
        return event.key not in tracker.slots or not tracker.slots[event.key].influence_conversation
    return kind is BotUttered or (kind is DefinePrevUserUtteredFeaturization and not event.use_text_for_featurization)


def _by_intent(policy: RulePolicy, lookup: dict[str, str]) -> dict[Any, dict[str, str]]:
    """A policy's rules by the intent that they end with; None for those that would take any."""
    indexes: dict[int, dict[Any, dict[str, str]]] = policy.__dict__.setdefault("_rules_by_intent", {})
    if id(lookup) not in indexes:
        indexes[id(lookup)] = _indexed(lookup)
    return indexes[id(lookup)]


def _indexed(lookup: dict[str, str]) -> dict[Any, dict[str, str]]:
    rules: dict[Any, dict[str, str]] = {}
    for key, action in lookup.items():
        last = RulePolicy._rule_key_to_state(key)[-1]
        intent = last.get(USER, {}).get(INTENT) if PREVIOUS_ACTION in last else None
        rules.setdefault(None if intent == SHOULD_NOT_BE_SET else intent, {})[key] = action
    return rules
