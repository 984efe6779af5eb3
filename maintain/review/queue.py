"""The queue: what deserves a look and is not decided yet, similar messages together, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from maintain.review.kinds import KINDS, kinds_of
from maintain.review.known import Known
from maintain.review.likeness import Likeness
from maintain.review.messages import ReaderMessage


@dataclass(frozen=True)
class Entry:
    """A message that deserves a look: why, and the number of its group."""

    message: ReaderMessage
    kinds: tuple[str, ...]
    group: int


@dataclass
class Group:
    """Similar messages; the first one, the latest, stands for all."""

    entries: list[Entry] = field(default_factory=list)

    @property
    def first(self) -> Entry:
        """The one that is shown."""
        return self.entries[0]

    @property
    def key(self) -> str:
        """Names the group on the page."""
        return self.first.message.key

    @property
    def kinds(self) -> tuple[str, ...]:
        """Why it deserves a look, the most urgent first."""
        found = {kind for entry in self.entries for kind in entry.kinds}
        return tuple(kind for kind in KINDS if kind in found)

    @property
    def urgency(self) -> tuple[int, int, float]:
        """What the queue is sorted by: kind, count, time."""
        return list(KINDS).index(self.kinds[0]), -len(self.entries), -self.first.message.at


@dataclass(frozen=True)
class Filter:
    """What the maintainer wants to see; what is empty filters nothing.

    Attributes:
        since: first day.
        until: last day.
        intent: that was understood.
        kind: why it deserves a look.
        words: that stand in the message.
    """

    since: date | None = None
    until: date | None = None
    intent: str = ""
    kind: str = ""
    words: str = ""

    def fits(self, entry: Entry) -> bool:
        """Whether an entry is wanted."""
        message = entry.message
        return (
            (self.since is None or message.day >= self.since)
            and (self.until is None or message.day <= self.until)
            and (not self.intent or self.intent in message.intents)
            and (not self.kind or self.kind in entry.kinds)
            and self.words.casefold() in message.masked.text.casefold()
        )


def entries(messages: Sequence[ReaderMessage], known: Known, likeness: Likeness) -> list[Entry]:
    """Finds what deserves a look.

    Args:
        messages: latest first.
        known: the phrasings.
        likeness: knows which messages are alike.

    Returns:
        One entry a message, in the same order.
    """
    nearest = known.nearest_of([message.text for message in messages], 1)
    pairs = zip(messages, nearest, strict=True)
    kinds = [(message, kinds_of(message, near[0].similarity if near else 0.0)) for message, near in pairs]
    found = [(message, why) for message, why in kinds if why]
    numbers = likeness.groups_of([message.masked.text for message, _ in reversed(found)])[::-1]
    return [Entry(message, why, number) for (message, why), number in zip(found, numbers, strict=True)]


def groups(found: Sequence[Entry]) -> list[Group]:
    """Puts similar messages together.

    Args:
        found: latest first.

    Returns:
        The groups, the most urgent first.
    """
    made: dict[int, Group] = {}
    for entry in found:
        made.setdefault(entry.group, Group()).entries.append(entry)
    return sorted(made.values(), key=lambda group: group.urgency)


def undecided(found: Sequence[Entry], decided: Collection[tuple[str, str]]) -> list[Entry]:
    """Leaves out what was decided already, by conversation and message id."""
    return [entry for entry in found if (entry.message.conversation, entry.message.id) not in decided]


def counts(found: Sequence[Entry]) -> Mapping[str, int]:
    """How many messages there are of each kind."""
    return {kind: sum(kind in entry.kinds for entry in found) for kind in KINDS}


def conversation(messages: Sequence[ReaderMessage], message: ReaderMessage) -> Iterator[ReaderMessage]:
    """The messages of the same conversation, oldest first."""
    return reversed([each for each in messages if each.conversation == message.conversation])
