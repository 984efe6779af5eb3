"""The phrasings that stand in the data, and which of them are nearest to a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from faq.measuring import messages_that_measure
from faq.phrasings import Phrasing, read_phrasings, same_words
from maintain.review.nearest import Near, Nearest


class Known:
    """Known phrasings and the messages that measure, which must never become phrasings."""

    def __init__(
        self, phrasings: Sequence[Phrasing], kept_apart: Mapping[str, str], before: Known | None = None
    ) -> None:
        """Takes them.

        Args:
            phrasings: of ``faq.phrasings.read_phrasings``.
            kept_apart: text of each message that measures, and where it stands.
            before: the state before a change, whose work is used again where it can be.
        """
        self.phrasings = tuple(phrasings)
        self._by_words = {same_words(phrasing.text): phrasing for phrasing in reversed(self.phrasings)}
        self._kept_apart = dict(kept_apart)
        self._kept_by_words = {same_words(text): place for text, place in kept_apart.items()}
        if before is not None and before.spelling.suits(self.phrasings, list(kept_apart)):
            self.spelling = before.spelling
            self.spelling.change(self.phrasings)
        else:
            self.spelling = Nearest(self.phrasings, list(kept_apart))

    @classmethod
    def read(cls, root: Path, before: Known | None = None) -> Known:
        """Reads them from a project.

        Args:
            root: its top folder.
            before: what was read last.

        Raises:
            PhrasingError: a file of phrasings cannot be read.
        """
        return cls(read_phrasings(root / "data" / "nlu"), dict(messages_that_measure(root)), before)

    def same(self, text: str) -> Phrasing | None:
        """The phrasing that differs from a text in nothing but case, punctuation and spaces."""
        return self._by_words.get(same_words(text))

    def leak(self, text: str) -> str | None:
        """Where a message that measures has the same words, None where none has."""
        return self._kept_by_words.get(same_words(text))

    def near_leak(self, text: str) -> tuple[str, float]:
        """Where the most similar message that measures stands, and how similar it is."""
        if not self._kept_apart:
            return "", 0.0
        similarity = self.spelling.to_others(text)
        best = int(np.argmax(similarity))
        return list(self._kept_apart.values())[best], float(similarity[best])

    def nearest(self, text: str, count: int = 5) -> list[Near]:
        """The phrasings most similar to a text, best first."""
        return self.nearest_of([text], count)[0]

    def nearest_of(self, texts: Sequence[str], count: int = 5) -> list[list[Near]]:
        """The same for many texts at once."""
        return self.spelling.of(texts, count)

    def pair(self, intents: Sequence[str]) -> tuple[str, ...]:
        """Two intents in the order in which the phrasings combine them."""
        asked = tuple(intents)
        turned = asked[::-1]
        return turned if turned in self._pairs and asked not in self._pairs else asked

    @cached_property
    def _pairs(self) -> set[tuple[str, ...]]:
        return {phrasing.intents for phrasing in self.phrasings if len(phrasing.intents) > 1}
