"""Which messages deserve a look, and why."""

from __future__ import annotations

from collections.abc import Iterator

from maintain.review.messages import ADVICE, ReaderMessage

KINDS = {
    "down": "thumbs down",
    "red_flag": "doctor or emergency",
    "near_flag": "stated a fact, no advice",
    "refused": "no answer",
    "close": "close call",
    "unseen": "unlike all phrasings",
}
"""Each kind and its words on the page, the most urgent first."""

MARGIN = 0.15
"""Confidence by which the best intent leads in a close call."""
NEAR_THRESHOLD = 0.15
"""Distance of a score from the threshold of refusal in a close call."""
UNSEEN = 0.31
"""Similarity to the nearest phrasing under which a wording is new; on labelled messages that was one in ten."""
TELLING = ("symptom", "condition", "medicine", "duration")
"""Kinds of facts that rules of triage ask for by themselves."""


def kinds_of(message: ReaderMessage, nearest: float) -> tuple[str, ...]:
    """Tells why a message deserves a look.

    Args:
        message: of a reader.
        nearest: similarity of the nearest phrasing, 0 to 1.

    Returns:
        Kinds, the most urgent first; none where all seems well.
    """
    if message.pressed:
        return ("down",) if _is_down(message) else ()
    found = set(_kinds(message, nearest))
    return tuple(kind for kind in KINDS if kind in found)


def _kinds(message: ReaderMessage, nearest: float) -> Iterator[str]:
    if _is_down(message):
        yield "down"
    if message.types & set(ADVICE):
        yield "red_flag"
    elif not message.advised and any(kind in TELLING for kind, _ in message.facts):
        yield "near_flag"
    if message.refused:
        yield "refused"
    if _is_close(message):
        yield "close"
    if nearest < UNSEEN and not message.types <= {"smalltalk", "notice"}:
        yield "unseen"


def _is_down(message: ReaderMessage) -> bool:
    return message.thumb is not None and not message.thumb.helpful


def _is_close(message: ReaderMessage) -> bool:
    """Asked back, or the choice of the intent or of refusal could as well have gone the other way."""
    if "clarify" in message.types or message.close or _is_near_the_threshold(message):
        return True
    best = [confidence for _, confidence in message.ranking[:2]]
    single = len(message.intents) == 1 and len(best) > 1 and not message.refused
    return single and best[0] - best[1] < MARGIN


def _is_near_the_threshold(message: ReaderMessage) -> bool:
    if message.score is None or message.threshold is None:
        return False
    return abs(message.score - message.threshold) < NEAR_THRESHOLD
