"""What the next turn of a conversation needs of those before it, so that it takes as long as the first one did."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.history import buttons_of

KEPT_FOR = 120.0
"""Seconds after a conversation's latest turn in which it is remembered; who comes back later waits for one reading."""

MOST = 1_000
"""Conversations that are remembered, a few tens of megabytes at most; the one longest silent is forgotten first."""


@dataclass
class Recent:
    """One conversation: its events condensed.

    A turn starts from the slots, which are all that an assistant of this kind remembers, and from having listened: no
    rule looks further back than to the latest message (a test keeps it so).

    Attributes:
        last: number of its latest event in the database; 0 before the first.
        said: ids of the reader's messages.
        offers: title of each button that was offered, by its payload.
        slots: what they hold.
    """

    last: int = 0
    said: set[str] = field(default_factory=set)
    offers: dict[str, str] = field(default_factory=dict)
    slots: dict[str, Any] = field(default_factory=dict)

    def add(self, events: Iterable[Event], last: int, slots: dict[str, Any]) -> None:
        """Takes in what has happened.

        Args:
            events: those that were added.
            last: number of the latest.
            slots: what they hold now.
        """
        self.last, self.slots = last, slots
        for event in events:
            if isinstance(event, UserUttered):
                self.said.add(str(event.message_id))
            elif isinstance(event, BotUttered):
                self.offers.update((button["payload"], button["title"]) for button in buttons_of(event))

    def tracker(self, conversation: str, domain: Domain) -> DialogueStateTracker:
        """The conversation as a turn starts from it.

        Args:
            conversation: its id.
            domain: of the model in use.
        """
        tracker = DialogueStateTracker(conversation, domain.slots)
        known = {name: value for name, value in self.slots.items() if name in tracker.slots}
        changed = [SlotSet(name, value) for name, value in known.items() if value != tracker.slots[name].value]
        for event in [*changed, ActionExecuted(ACTION_LISTEN_NAME)] if self.last else []:
            tracker.update(event)
        return tracker

    def catch_up(self, conversation: str, domain: Domain, events: Sequence[Event], last: int) -> None:
        """Takes in what was read from the database: all of it, or what other servers have added.

        Args:
            conversation: its id.
            domain: of the model in use.
            events: those after ``last``.
            last: number of the latest.
        """
        tracker = self.tracker(conversation, domain)
        for event in events:
            tracker.update(event)
        self.add(events, last, tracker.current_slot_values())


class RecentConversations:
    """The conversations of the latest minutes, in memory; each turn compares what it finds with the database."""

    def __init__(self, most: int = MOST, kept_for: float = KEPT_FOR) -> None:
        """Remembers nothing yet.

        Args:
            most: conversations.
            kept_for: seconds.
        """
        self._most, self._kept_for = most, kept_for
        self._kept: OrderedDict[str, tuple[float, Recent]] = OrderedDict()
        self._sweeping: asyncio.TimerHandle | None = None

    def get(self, conversation: str) -> Recent:
        """What is remembered of a conversation, or an empty one."""
        return self._kept[conversation][1] if conversation in self._kept else Recent()

    def keep(self, conversation: str, recent: Recent) -> None:
        """Remembers a conversation for a while."""
        self._kept[conversation] = (time.monotonic(), recent)
        self._kept.move_to_end(conversation)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(self._kept_for, self._sweep)

    def forget(self, conversation: str) -> None:
        """Forgets a conversation."""
        self._kept.pop(conversation, None)

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._kept

    def _sweep(self) -> None:
        """Forgets what is old, and comes again when the next one will be."""
        now, self._sweeping = time.monotonic(), None
        while self._kept:
            oldest, (at, _) = next(iter(self._kept.items()))
            if at + self._kept_for > now:
                self._sweeping = asyncio.get_running_loop().call_later(at + self._kept_for - now, self._sweep)
                return
            self.forget(oldest)
