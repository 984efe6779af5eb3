"""How the assistant does, day by day: what the page of numbers shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from maintain.review.messages import ADVICE, ReaderMessage
from maintain.review.queue import Group

MOST_DAYS = 60
"""Days that are drawn, so that a bar can still be seen; the table has the same."""


@dataclass(frozen=True)
class Day:
    """The messages of one day, or of all days together.

    Attributes:
        day: which; None for all.
        messages: how many there were.
        conversations: in how many conversations.
        answered: had an answer from the article.
        refused: had none.
        asked_back: were asked back about.
        advised: brought up a doctor or an emergency.
        helpful: answers with a thumb up.
        rated: answers with a thumb at all.
    """

    day: date | None
    messages: int = 0
    conversations: int = 0
    answered: int = 0
    refused: int = 0
    asked_back: int = 0
    advised: int = 0
    helpful: int = 0
    rated: int = 0

    @property
    def other(self) -> int:
        """Small talk, buttons of small talk, and what else has neither answer nor refusal."""
        return self.messages - self.answered - self.refused - self.asked_back

    @classmethod
    def of(cls, day: date | None, messages: Sequence[ReaderMessage]) -> Day:
        """Counts messages; each counts as one of answered, asked back, refused and other."""
        outcomes = Counter(outcome(message) for message in messages)
        thumbs = [message.thumb.helpful for message in messages if message.thumb]
        return cls(
            day=day,
            messages=len(messages),
            conversations=len({message.conversation for message in messages}),
            answered=outcomes["answered"],
            refused=outcomes["refused"],
            asked_back=outcomes["asked_back"],
            advised=sum(bool(message.types & set(ADVICE)) for message in messages),
            helpful=sum(thumbs),
            rated=len(thumbs),
        )


def outcome(message: ReaderMessage) -> str:
    """What became of a message: ``answered``, ``asked_back``, ``refused`` or ``other``."""
    if "answer" in message.types:
        return "answered"
    if "clarify" in message.types:
        return "asked_back"
    return "refused" if message.refused else "other"


def days(messages: Sequence[ReaderMessage]) -> list[Day]:
    """Counts day by day, days without a message included.

    Args:
        messages: in any order.

    Returns:
        The days from the first message to the last, oldest first, the latest ``MOST_DAYS`` of them.
    """
    by_day: dict[date, list[ReaderMessage]] = {}
    for message in messages:
        by_day.setdefault(message.day, []).append(message)
    if not by_day:
        return []
    last = max(by_day)
    first = max(min(by_day), last - timedelta(days=MOST_DAYS - 1))
    span = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [Day.of(day, by_day.get(day, [])) for day in span]


def unanswered(groups: Sequence[Group]) -> list[Group]:
    """Groups of refused messages, the largest first: what readers ask and the article does not say."""
    refused = [group for group in groups if "refused" in group.kinds]
    return sorted(refused, key=lambda group: (-len(group.entries), -group.first.message.at))
