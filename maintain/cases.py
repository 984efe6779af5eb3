"""A labelled message with what the assistant made of it and with the numbers behind that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from faq.reply import OUT_OF_SCOPE
from maintain.scoring import Labelled, Outcome

REFUSALS = (OUT_OF_SCOPE, "nlu_fallback")
"""What a pipeline names where it does not know: ours, and Rasa's FallbackClassifier."""


@dataclass(frozen=True)
class Understood:
    """What an NLU pipeline makes of one message.

    Attributes:
        text: the message.
        intents: what it asks, after refusal.
        confidence: of the best one of them.
        ranking: intents but refusal with their confidences, best first, at most 20 of ours; refusal does not touch it.
        score: how sure the pipeline is that the message is about something known, 0 to 1.
        threshold: score under which it refuses; None where the pipeline does not say.
    """

    text: str
    intents: frozenset[str]
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    score: float
    threshold: float | None = None

    @property
    def best(self) -> str:
        """The best intent, whether it was refused or not."""
        return self.ranking[0][0]

    @classmethod
    def from_parse_data(cls, data: Mapping[str, Any]) -> Understood:
        """Reads parse data.

        Args:
            data: of this project's pipeline, or of one of Rasa's, whose score is the best intent's confidence.

        Returns:
            The same as plain values.
        """
        intents, refusal = data.get("intents") or [data["intent"]], data.get("refusal")
        ranking = tuple(
            (entry["name"], float(entry["confidence"]))
            for entry in data["intent_ranking"]
            if entry["name"] not in REFUSALS
        )
        return cls(
            text=data["text"],
            intents=frozenset(OUT_OF_SCOPE if each["name"] in REFUSALS else each["name"] for each in intents),
            confidence=float(intents[0]["confidence"]),
            ranking=ranking,
            score=float(refusal["score"]) if refusal else ranking[0][1],
            threshold=float(refusal["threshold"]) if refusal else None,
        )


@dataclass(frozen=True)
class Case:
    """One message: its label, what readers are told, and what the pipeline understood."""

    outcome: Outcome
    understood: Understood

    @property
    def label(self) -> Labelled:
        """The message's label."""
        return self.outcome.labelled

    @property
    def is_wrong(self) -> bool:
        """Whether the intents are scored and not right."""
        return self.label.scores_intents and not self.label.is_right(self.outcome.intents)

    @property
    def is_known(self) -> bool:
        """Whether the message is in scope."""
        return OUT_OF_SCOPE not in self.label.intents

    @property
    def decides_scope(self) -> bool:
        """Whether the label says firmly that the message is in scope, or that it is not."""
        either = {OUT_OF_SCOPE in intents for intents in (self.label.intents, *self.label.alternatives)}
        return self.label.scores_intents and len(either) == 1

    @property
    def badness(self) -> float:
        """How sure the pipeline was of what is wrong, 0 to 1."""
        if OUT_OF_SCOPE in self.outcome.intents:
            return 1 - self.understood.score
        return self.understood.score if not self.is_known else self.understood.confidence
