"""What speaks against a phrase becoming data: repeats, leaks from what measures, contradictions, personal details."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from faq.intents import OWN_INTENTS
from maintain.phrasing_text import Phrase
from maintain.review.known import Known
from maintain.review.masking import mask
from maintain.review.nearest import Near

LONGEST = 500
"""Characters of a phrase; the chat API takes no longer message by default."""
CONTRADICTS = 0.75
"""Similarity from which a phrasing of another intent contradicts. Seen on the phrasings: below it, most pairs ask
different things in similar words; above it, they mostly differ in a word of no weight."""
NEARER = 0.6
"""The same, where no phrasing of the same intent is as near."""
NEARLY_LEAKS = 0.9
"""Similarity to a message that measures from which the measurement would ask for what was learned."""


@dataclass(frozen=True)
class Finding:
    """Something that speaks against a phrase.

    Attributes:
        kind: ``form``, ``intent``, ``duplicate``, ``leak``, ``conflict``, ``near leak`` or ``personal``.
        text: what it is and what to do, with a code.
        refuses: whether it cannot be confirmed away.
    """

    kind: str
    text: str
    refuses: bool


def find(phrase: Phrase, known: Known, intents: Collection[str]) -> list[Finding]:
    """Finds all that speaks against a phrase.

    Args:
        phrase: what would be added.
        known: what stands in the data, and what measures.
        intents: of the domain.

    Returns:
        The findings, those that refuse it first.
    """
    findings = [*_form(phrase), *_intents(phrase, intents), *_repeats(phrase, known)]
    if not any(each.refuses for each in findings):
        findings += [*_near_leak(phrase, known), *_conflict(phrase, known), *_personal(phrase)]
    return findings


def _form(phrase: Phrase) -> Iterator[Finding]:
    if not phrase.text:
        yield Finding("form", "[LBL01] The phrase is empty: write what a reader would type.", True)
    elif len(phrase.text) > LONGEST:
        yield Finding("form", f"[LBL02] The phrase has {len(phrase.text)} characters: {LONGEST} are the most.", True)
    elif phrase.text.startswith("/"):
        yield Finding("form", "[LBL03] Rasa reads a text that begins with / as a command: take the / away.", True)


def _intents(phrase: Phrase, intents: Collection[str]) -> Iterator[Finding]:
    for name in phrase.intents:
        if name not in intents:
            yield Finding("intent", f"[LBL04] domain.yml has no intent {name!r}: use {', '.join(intents)}.", True)
    wrong = len(phrase.intents) not in (1, 2) or len(set(phrase.intents)) != len(phrase.intents)
    if wrong or (len(phrase.intents) > 1 and set(phrase.intents) & OWN_INTENTS):
        yield Finding("intent", "[LBL05] A message asks one intent, or two different topics: choose again.", True)
    if phrase.sentence and len(phrase.intents) > 1:
        yield Finding("intent", "[LBL06] One sentence answers one question: leave out the second intent.", True)


def _repeats(phrase: Phrase, known: Known) -> Iterator[Finding]:
    same = known.same(phrase.text)
    if same:
        label = " + ".join(same.intents)
        yield Finding("duplicate", f"[LBL07] It stands at {same.place} already, as {label}: leave it out.", True)
    place = known.leak(phrase.text)
    if place:
        text = f"[LBL08] It stands in {place}, which measures, so it must not be learned: leave it out."
        yield Finding("leak", text, True)


def _near_leak(phrase: Phrase, known: Known) -> Iterator[Finding]:
    place, similarity = known.near_leak(phrase.text)
    if similarity >= NEARLY_LEAKS:
        text = f"[LBL09] It is nearly the same as {place}, which measures ({similarity:.2f}): better leave it out."
        yield Finding("near leak", text, False)


def _conflict(phrase: Phrase, known: Known) -> Iterator[Finding]:
    nearest = known.nearest(phrase.text, 20)
    same = max((near.similarity for near in nearest if set(near.phrasing.intents) & set(phrase.intents)), default=0.0)
    for near in nearest:
        if _contradicts(near, phrase, same):
            label = " + ".join(near.phrasing.intents)
            place = f"{near.phrasing.text!r} ({near.phrasing.place}) is {label}"
            yield Finding("conflict", f"[LBL10] {place} and {near.similarity:.2f} alike: one may be wrong.", False)
            return


def _contradicts(near: Near, phrase: Phrase, same: float) -> bool:
    if set(near.phrasing.intents) & set(phrase.intents):
        return set(near.phrasing.intents) != set(phrase.intents) and near.similarity >= NEARLY_LEAKS
    return near.similarity >= CONTRADICTS or (near.similarity >= NEARER and near.similarity > same)


def _personal(phrase: Phrase) -> Iterator[Finding]:
    masked = mask(phrase.text)
    if masked.found:
        text = f"[LBL11] It holds a personal detail ({', '.join(masked.kinds)}); without it: {masked.text!r}."
        yield Finding("personal", text, False)
