"""What Rasa 3.6.21 works out anew for every message although it never changes: here it is worked out once.

Rasa itself stays as it is on the disk, and every answer stays the same (docs/decisions/0015-reply-path.md; tests
compare each with Rasa's own).
"""

from __future__ import annotations

import logging
from copy import copy
from functools import lru_cache
from graphlib import TopologicalSorter
from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

from jsonschema.validators import validator_for
from rasa.core import processor
from rasa.core.actions import action as actions
from rasa.core.actions.action import Action, RemoteAction
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies import rule_policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.constants import CHANNEL, RESPONSE_CONDITION
from rasa.shared.core.constants import ACTION_EXTRACT_SLOTS, ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from channels.own_actions import OwnActions
from channels.quick_rules import PLAIN, action_from_rules, possible_keys

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
        Slot.__copy__ = _copied
        DialogueStateTracker.copy = _copy
        actions.action_for_name_or_text = _action_for
        processor.MessageProcessor._log_slots = staticmethod(_log_slots)
        DaskGraphRunner.run = _run
        RulePolicy._get_possible_keys = possible_keys
        RulePolicy._find_action_from_rules = action_from_rules
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


def _copied(slot: Slot) -> Slot:
    """What ``copy.copy`` makes of a slot, of which every tracker gets its own."""
    copied = slot.__class__.__new__(slot.__class__)
    copied.__dict__.update(slot.__dict__)
    return copied


_rasas_copy = DialogueStateTracker.copy


def _copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """Rasa makes a new tracker and applies all events to it again. Plain ones give the state that is there."""
    kinds = set(map(type, self.events))
    if self._max_event_history is not None or ActionExecuted not in kinds or not kinds <= PLAIN:
        return _rasas_copy(self)
    tracker = DialogueStateTracker.__new__(DialogueStateTracker)
    tracker.__dict__.update(self.__dict__)
    tracker.events, tracker.latest_action = self.events.copy(), copy(self.latest_action)
    tracker.slots = {name: copy(slot) for name, slot in self.slots.items()}
    tracker.sender_source = tracker.model_id = tracker.assistant_id = None
    return tracker


_rasas_action_for = actions.action_for_name_or_text
_OFTEN: dict[str, Any] = {
    ACTION_LISTEN_NAME: lambda _: actions.ActionListen(),
    ACTION_EXTRACT_SLOTS: actions.ActionExtractSlots,
}


def _action_for(action_name_or_text: str, domain: Domain, action_endpoint: EndpointConfig | None) -> Action:
    """Rasa makes each of its twelve own actions to take one of them, three times a message."""
    if action_name_or_text in _OFTEN and action_name_or_text not in domain.user_actions_and_forms:
        return _OFTEN[action_name_or_text](action_endpoint)
    return _rasas_action_for(action_name_or_text, domain, action_endpoint)


_rasas_log_slots = processor.MessageProcessor._log_slots


def _log_slots(tracker: DialogueStateTracker) -> None:
    """Rasa writes out all slots, be it to be logged or not."""
    if logging.root.isEnabledFor(logging.DEBUG):
        _rasas_log_slots(tracker)


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
