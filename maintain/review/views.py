"""Gathers what each page shows."""

from __future__ import annotations

from typing import Any

from faq.intents import SMALL_TALK
from faq.reply import OUT_OF_SCOPE
from maintain.review.charts import chart
from maintain.review.desk import Desk, Snapshot
from maintain.review.forms import as_query, filter_fields
from maintain.review.kinds import KINDS
from maintain.review.masking import mask
from maintain.review.numbers import Day, days, unanswered
from maintain.review.queue import Filter, Group, conversation, counts, groups

MOST_GROUPS = 200
"""Groups that the list shows; the filter finds the others."""
DIGITS = "123456789"
"""Keys that choose an intent."""

OUTCOMES = {
    "answered": lambda day: day.answered,
    "asked back": lambda day: day.asked_back,
    "no answer": lambda day: day.refused,
    "other": lambda day: day.other,
}
ADVISED = {"doctor or emergency": lambda day: day.advised}
RATED = {"helpful": lambda day: day.helpful, "not helpful": lambda day: day.rated - day.helpful}


class Views:
    """What the templates get."""

    def __init__(self, desk: Desk) -> None:
        """Takes what is shown."""
        self._desk = desk

    def queue(self, wanted: Filter, at: str, flash: dict[str, Any] | None) -> dict[str, Any]:
        """The page of the queue.

        Args:
            wanted: which messages are shown.
            at: key of the group that is shown in full; the first one where there is no such.
            flash: what the last step has to say.
        """
        snapshot = self._desk.snapshot()
        found = snapshot.queue(wanted)
        place = next((number for number, group in enumerate(found) if group.key == at), 0)
        first = max(0, min(place - MOST_GROUPS // 2, len(found) - MOST_GROUPS))
        return {
            **self._choices(),
            "groups": [(group, as_query(wanted, at=group.key)) for group in found[first : first + MOST_GROUPS]],
            "total": len(found),
            "waiting": sum(len(group.entries) for group in found),
            "place": place - first,
            "detail": self._detail(snapshot, found[place]) if found else None,
            "fields": filter_fields(wanted),
            "counts": counts(snapshot.open),
            "open": len(snapshot.open),
            "flash": flash or {},
            "stored": len(snapshot.messages),
            "mask": mask,
        }

    def numbers(self, wanted: Filter) -> dict[str, Any]:
        """The page of numbers; of the filter, only the days count."""
        snapshot = self._desk.snapshot()
        messages = snapshot.between(wanted.since, wanted.until)
        by_day = days(messages)
        span = Filter(wanted.since, wanted.until)
        topics = unanswered(groups([entry for entry in snapshot.all if span.fits(entry)]))
        return {
            "all": Day.of(None, messages),
            "days": by_day,
            "charts": [
                ("What became of the messages", list(OUTCOMES), chart(by_day, OUTCOMES)),
                ("Doctor or emergency recommended", list(ADVISED), chart(by_day, ADVISED)),
                ("What readers said about answers", list(RATED), chart(by_day, RATED)),
            ],
            "topics": [(group, as_query(Filter(), at=group.key)) for group in topics[:20]],
            "open": {entry.message.key for entry in snapshot.open},
            "fields": filter_fields(wanted),
        }

    def _choices(self) -> dict[str, Any]:
        desk = self._desk
        return {"kinds": KINDS, "intents": desk.intents, "topics": desk.topics, "keys": self._keys()}

    def _keys(self) -> list[tuple[str, str]]:
        """Each intent that can be chosen, and its key."""
        names = [*self._desk.topics, *(name for name in SMALL_TALK if name in self._desk.intents)]
        return [(name, DIGITS[number] if number < len(DIGITS) else "") for number, name in enumerate(names)]

    def _detail(self, snapshot: Snapshot, group: Group) -> dict[str, Any]:
        message = group.first.message
        return {
            "group": group,
            "message": message,
            "nearest": snapshot.known.nearest(message.text, 5),
            "conversation": list(conversation(snapshot.messages, message)),
            "best": " + ".join(message.best) or OUT_OF_SCOPE,
            "others": [entry.message for entry in group.entries[1:]],
        }
