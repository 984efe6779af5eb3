"""The phrasings that stand in the data, and which of them are nearest to a text."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from faq.phrasings import Phrasing, read_phrasings, same_words

ROWS = 256
"""Texts that are compared at a time, so that the table of similarities stays small."""
COMMON, MANY = 0.1, 1000
"""N-grams in more than this share of texts are left out where there are that many texts: they say least, cost most."""
KEPT = 20
"""Nearest phrasings that are kept of a text; more are never asked for."""


@dataclass(frozen=True)
class Near:
    """A phrasing near to a text.

    Attributes:
        phrasing: the known one.
        similarity: cosine over weighted character n-grams, 0 to 1; 1 is the same but for case.
    """

    phrasing: Phrasing
    similarity: float


class Known:
    """Known phrasings and the messages that measure, which must never become phrasings.

    Nearness goes by spelling (word-bound character n-grams, tf-idf), so that it needs no model and no seconds.
    """

    def __init__(self, phrasings: Sequence[Phrasing], kept_apart: Mapping[str, str]) -> None:
        """Takes them.

        Args:
            phrasings: of ``faq.phrasings.read_phrasings``.
            kept_apart: text of each message that measures, and where it stands.
        """
        self.phrasings = tuple(phrasings)
        self._by_words = {same_words(phrasing.text): phrasing for phrasing in reversed(self.phrasings)}
        self._kept_apart = dict(kept_apart)
        self._remembered: dict[int, list[Near]] = {}
        self._kept_by_words = {same_words(text): place for text, place in kept_apart.items()}

    @classmethod
    def read(cls, root: Path) -> Known:
        """Reads them from a project.

        Args:
            root: its top folder.

        Raises:
            PhrasingError: a file of phrasings cannot be read.
        """
        return cls(read_phrasings(root / "data" / "nlu"), dict(_messages_that_measure(root / "tests" / "evaluation")))

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
        similarity = (self.vectors([text]) @ self._kept_matrix).toarray()[0]
        best = int(np.argmax(similarity))
        return list(self._kept_apart.values())[best], float(similarity[best])

    def nearest(self, text: str, count: int = 5) -> list[Near]:
        """The phrasings most similar to a text, best first."""
        return self.nearest_of([text], count)[0]

    def nearest_of(self, texts: Sequence[str], count: int = 5) -> list[list[Near]]:
        """The same for many texts at once; what was asked before is remembered, by hash and not by text."""
        new = list(dict.fromkeys(text for text in texts if hash(text) not in self._remembered))
        for start in range(0, len(new) if self.phrasings else 0, ROWS):
            part = new[start : start + ROWS]
            self._remembered.update(zip(map(hash, part), self._top(self.vectors(part)), strict=True))
        return [self._remembered.get(hash(text), [])[:count] for text in texts]

    def vectors(self, texts: Sequence[str]) -> Any:
        """Texts as rows of length 1 of a sparse matrix."""
        return self._vectorizer.transform(text.casefold() for text in texts)

    def pair(self, intents: Sequence[str]) -> tuple[str, ...]:
        """Two intents in the order in which the phrasings combine them."""
        asked = tuple(intents)
        turned = asked[::-1]
        return turned if turned in self._pairs and asked not in self._pairs else asked

    def _top(self, vectors: Any) -> Iterator[list[Near]]:
        count = min(KEPT, len(self.phrasings))
        for row in (vectors @ self._matrix).toarray():
            best = np.argpartition(-row, count - 1)[:count]
            best = best[np.argsort(-row[best], kind="stable")]
            yield [Near(self.phrasings[place], float(row[place])) for place in best]

    @cached_property
    def _pairs(self) -> set[tuple[str, ...]]:
        return {phrasing.intents for phrasing in self.phrasings if len(phrasing.intents) > 1}

    @cached_property
    def _vectorizer(self) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to import

        texts = [each.text.casefold() for each in self.phrasings]
        texts += [*(text.casefold() for text in self._kept_apart), "a word"]
        common = COMMON if len(texts) >= MANY else 1.0
        options = {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True, "dtype": np.float32}
        return TfidfVectorizer(max_df=common, **options).fit(texts)

    @cached_property
    def _matrix(self) -> Any:
        """One column a phrasing, so that a product with rows of texts gives the cosines."""
        return self.vectors([phrasing.text for phrasing in self.phrasings]).T.tocsr()

    @cached_property
    def _kept_matrix(self) -> Any:
        return self.vectors(list(self._kept_apart)).T.tocsr()


def _messages_that_measure(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                yield row["text"], f"tests/evaluation/{path.name}, {row['id']}"
    for path in sorted(folder.glob("*.yml")):
        for text in _reader_turns(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)):
            yield text, f"tests/evaluation/{path.name}"


def _reader_turns(node: Any) -> Iterator[str]:
    """Every text of a dialogue that a reader says: the values of ``user:`` and ``text:``, at any depth."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("user", "text", "say") and isinstance(value, str):
                yield value
            else:
                yield from _reader_turns(value)
    elif isinstance(node, list):
        for each in node:
            yield from _reader_turns(each)
