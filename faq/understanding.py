"""What the NLU pipeline understood of one message, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faq.reply import OUT_OF_SCOPE
from faq.triage import Fact


@dataclass(frozen=True)
class RankedPassage:
    """A sentence with its fitness for the message.

    Attributes:
        section: id of its section.
        start: its first character in the document.
        end: behind its last character.
        score: higher fits better; comparable within one message.
    """

    section: str
    start: int
    end: int
    score: float


@dataclass(frozen=True)
class Understanding:
    """One message, understood.

    Attributes:
        intents: what it asks, best first; ``(out_of_scope,)`` where it was refused.
        close: two intents that are too close to choose between, or empty.
        passages: the sentences of the sections that it may be about, best first; empty for a button.
        facts: what the message states.
        goes_on: whether it asks for more of the answer before it, such as "why?".
        ranking: the best intents with their probabilities, best first; empty for a button.
    """

    intents: tuple[str, ...]
    close: tuple[str, ...] = ()
    passages: tuple[RankedPassage, ...] = ()
    facts: tuple[Fact, ...] = ()
    goes_on: bool = False
    ranking: tuple[tuple[str, float], ...] = ()

    @classmethod
    def from_parse_data(cls, data: Mapping[str, Any]) -> Understanding:
        """Reads Rasa's parse data, as it stands in ``tracker.latest_message``.

        Args:
            data: with ``intent``; a button's payload has neither ``intents`` nor ``passages``.

        Returns:
            The understanding.
        """
        names = [entry["name"] for entry in data.get("intents") or [data.get("intent") or {"name": None}]]
        intents = tuple(OUT_OF_SCOPE if name is None else str(name) for name in names)
        return cls(
            intents=intents,
            close=tuple(data.get("close_intents") or ()),
            passages=tuple(
                RankedPassage(entry["section"], entry["start"], entry["end"], entry["score"])
                for entry in data.get("passages") or ()
            ),
            facts=tuple(Fact.from_entity(entity) for entity in data.get("entities") or ()),
            ranking=tuple((entry["name"], entry["confidence"]) for entry in data.get("intent_ranking") or ()),
        )
