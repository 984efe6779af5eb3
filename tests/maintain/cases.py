"""Cases in few words, for tests of what is measured on them."""

from __future__ import annotations

from maintain.cases import Case, Understood
from maintain.scoring import Labelled, Outcome

TOPICS = frozenset({"heat", "time"})
THRESHOLD = 0.5


def case(
    asked: str,
    understood: str,
    *,
    text: str = "text",
    score: float = 0.9,
    confidence: float = 0.8,
    urgency: tuple[str, str] = ("none", "none"),
    note: str = "",
    alternatives: tuple[str, ...] = (),
) -> Case:
    """Makes a case.

    Args:
        asked: intents joined by ``+``.
        understood: the same.
        text: of the message.
        score: of refusal.
        confidence: of the best intent.
        urgency: of the label, and the one given.
        note: of the label.
        alternatives: further sets of intents that are right.

    Returns:
        The case.
    """
    intents = frozenset(understood.split("+"))
    either = tuple(frozenset(names.split("+")) for names in alternatives)
    label = Labelled("m1", text, frozenset(asked.split("+")), either, urgency[0], note)
    best = next(iter(sorted(intents - {"out_of_scope"})), "heat")
    ranking = ((best, confidence), ("other", 1 - confidence))
    return Case(Outcome(label, intents, urgency[1]), Understood(text, intents, confidence, ranking, score, THRESHOLD))
