"""What Rasa 3.6.21 works out anew for every message although it never changes: here it is worked out once.

Rasa itself stays as it is on the disk, and every answer stays the same (docs/decisions/0015-reply-path.md; tests
compare each with Rasa's own).
"""

from __future__ import annotations

import logging
from functools import lru_cache
from graphlib import TopologicalSorter
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from jsonschema.validators import validator_for
from rasa.core import processor
from rasa.core.actions.action import RemoteAction
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies import rule_policy
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.constants import CHANNEL, RESPONSE_CONDITION
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT

from channels.own_actions import OwnActions

RASA = "3.6.21"
"""The release whose code is known; any other is left as it is."""


def make_quick() -> bool:
    """Replaces methods of Rasa's by ones that remember; twice is no error.

    Returns:
        Whether they are replaced: not where Rasa is another release.
    """
    if version("rasa") != RASA:
        return False
    if RemoteAction._validate_action_result is not _validate_action_result:
        RemoteAction._validate_action_result = _validate_action_result
        Event.resolve_by_type = staticmethod(lru_cache(maxsize=None)(Event.resolve_by_type))
        Domain.is_empty = _is_empty
        DaskGraphRunner.run = _run
        RulePolicy._get_possible_keys = _possible_keys
        RulePolicy._find_action_from_rules = _action_from_rules
        TemplatedNaturalLanguageGenerator._random_response_for = _response_for
        for module in (processor, rule_policy):
            module.copy = SimpleNamespace(deepcopy=lambda logged: logged)
            module.structlogger = _Logger(module.structlogger)
    return True


class _Logger:
    """A logger of Rasa's that sees at once whether a message is to be shown, and not after it has copied it and put it
    together. In the modules that get it Rasa copies for that alone."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def debug(self, event: str, **values: Any) -> None:
        """Logs where the level of the root logger says so."""
        if logging.root.isEnabledFor(logging.DEBUG):
            self._logger.debug(event, **values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._logger, name)


@lru_cache(maxsize=1)
def _validator() -> Any:
    """Rasa has jsonschema check the schema itself, against the schema of schemas, before each use: 20 ms."""
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Raises the ValidationError that Rasa would raise; what our own actions have made, their executor has checked."""
    if not isinstance(getattr(self.action_endpoint, "inner", None), OwnActions):
        _validator().validate(result)
    return True


_rasas_is_empty = Domain.is_empty


def _is_empty(self: Domain) -> bool:
    """Rasa writes the whole domain as a dictionary to find out, and asks after each message."""
    if not hasattr(self, "_is_known_to_be_empty"):
        self._is_known_to_be_empty = _rasas_is_empty(self)
    return bool(self._is_known_to_be_empty)


def _run(
    self: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
) -> dict[str, Any]:
    """Runs the nodes one after the other, as Dask would; their order is worked out once for each set of targets."""
    wanted = tuple(targets or self._graph_schema.target_names)
    orders: dict[tuple[str, ...], list[tuple[GraphNode, tuple[str, ...]]]] = self.__dict__.setdefault("_orders", {})
    if wanted not in orders:
        orders[wanted] = _in_order(self, wanted)
    outputs = {name: (name, value) for name, value in (inputs or {}).items()}
    try:
        for node, needs in orders[wanted]:
            output = node(*(outputs.get(need, need) for need in needs))
            outputs[output[0]] = output
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(outputs[target] for target in wanted)


def _in_order(runner: DaskGraphRunner, targets: tuple[str, ...]) -> list[tuple[GraphNode, tuple[str, ...]]]:
    """The nodes that the targets need, each behind what it needs, which is named beside it."""
    nodes = runner._graph_schema.minimal_graph_schema(list(targets)).nodes
    order = TopologicalSorter({name: nodes.keys() & node.needs.values() for name, node in nodes.items()}).static_order()
    return [(runner._instantiated_nodes[name], tuple(nodes[name].needs.values())) for name in order]


_rasas_possible_keys = RulePolicy._get_possible_keys


def _possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    """Rasa looks at every rule, four times a message; only those that end with its intent can fit."""
    if not states:
        return set(_rasas_possible_keys(self, lookup, states))
    rules, said = _by_intent(self, lookup), states[-1].get(USER, {}).get(INTENT)
    return set(_rasas_possible_keys(self, {**rules.get(None, {}), **rules.get(said, {})}, states))


_rasas_action_from_rules = RulePolicy._find_action_from_rules


def _action_from_rules(
    self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
) -> tuple[str | None, str | None, bool]:
    """Rasa looks for a rule about the message's words before it looks for one about its intent."""
    may_fit = tracker.active_loop_name or None in _by_intent(self, self.lookup[RULES])
    if use_text_for_last_user_input and not may_fit:
        return None, None, False
    return tuple(_rasas_action_from_rules(self, tracker, domain, use_text_for_last_user_input))


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


_rasas_response_for = TemplatedNaturalLanguageGenerator._random_response_for


def _response_for(
    self: TemplatedNaturalLanguageGenerator, utter_action: str, output_channel: str, filled_slots: dict[str, Any]
) -> dict[str, Any] | None:
    """Rasa makes a NumPy array of all responses to draw one, also where there is one alone."""
    among = self.responses.get(utter_action, [])
    if len(among) == 1 and among[0].keys().isdisjoint((CHANNEL, RESPONSE_CONDITION)):
        return among[0]  # the caller copies it
    drawn: dict[str, Any] | None = _rasas_response_for(self, utter_action, output_channel, filled_slots)
    return drawn
