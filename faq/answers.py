"""Which sentences of the document answer a question."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from faq.documents import Passage, Section
from faq.understanding import RankedPassage

MOST_QUOTES = 3
"""An answer of more sentences is no longer read in a chat."""

QUOTE_MARGIN = 0.35
"""A further sentence is quoted if its score is at most this far behind the best one's; right sentences are usually 0.9
ahead of the next (150 questions of tests/passages)."""

GENERAL_BELOW = -0.45
"""Under this score no single sentence is meant: the key sentences answer. Of the questions of tests/passages that
get the right sentence, 95 in 100 score above -0.2."""


def quotes_for(
    section: Section, ranked: Sequence[RankedPassage], shown: Collection[tuple[int, int]] = ()
) -> tuple[Passage, ...]:
    """Chooses the sentences of a section that answer a message.

    Args:
        section: the section that answers the intent.
        ranked: sentences, best first; of several sections. None are of this one where a button was pressed, and where
            the message does not say what it is about, as "tell me more".
        shown: offsets of sentences to leave out; where nothing else is left, they come again.

    Returns:
        One to three sentences, best first.
    """
    candidates = [entry for entry in ranked if entry.section == section.id]
    if not candidates or candidates[0].score < GENERAL_BELOW:
        keys = tuple(passage for passage in section.key_passages if (passage.start, passage.end) not in shown)
        if keys:
            return keys
        if not candidates:
            return _next(section, shown) or section.key_passages
    fresh = [entry for entry in candidates if (entry.start, entry.end) not in shown] or candidates
    limit = fresh[0].score - QUOTE_MARGIN
    passages = {(passage.start, passage.end): passage for passage in section.passages}
    most = 1 if shown else MOST_QUOTES  # what is left behind the answer fits less well: one sentence at a time
    return tuple(passages[entry.start, entry.end] for entry in fresh if entry.score >= limit)[:most]


def _next(section: Section, shown: Collection[tuple[int, int]]) -> tuple[Passage, ...]:
    """The section's first sentence that was not shown."""
    return tuple(passage for passage in section.passages if (passage.start, passage.end) not in shown)[:1]
