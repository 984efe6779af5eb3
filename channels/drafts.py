"""A draft of one turn, which is kept whole or not at all."""

from __future__ import annotations

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker

from channels.recent import Recent
from channels.tracker_store import ErasableSQLTrackerStore


class DraftStore(TrackerStore):
    """One turn: keeps what Rasa saves to itself, until it is known whether the turn succeeded.

    Args:
        store: where the turn is kept in the end.
        recent: the conversation until now; it learns of the turn when that is kept.
    """

    def __init__(self, store: ErasableSQLTrackerStore, recent: Recent) -> None:
        super().__init__(store.domain, None)
        self._store, self._recent = store, recent
        self._known = 0
        self.draft: DialogueStateTracker | None = None

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """The conversation as a turn starts from it; empty before its beginning."""
        tracker = self._recent.tracker(sender_id, self.domain)
        self._known = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keeps the tracker as ``draft``."""
        self.draft = tracker

    async def keep(self, tracker: DialogueStateTracker) -> None:
        """Saves the tracker to the store that the draft was made of.

        Raises:
            ConflictError: the conversation has changed since it was read.
        """
        new = list(tracker.events)[self._known :]
        last = await self._store.append(tracker.sender_id, new, self._recent.last)
        self._recent.add(new, last, tracker.current_slot_values())
