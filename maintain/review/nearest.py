"""Which phrasings are nearest to a text by its spelling, kept up to date while phrasings come and go."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from faq.phrasings import Phrasing

ROWS = 256
"""Texts that are compared at a time, so that the table of similarities stays small."""
COMMON, MANY = 0.1, 1000
"""N-grams in more than this share of texts are left out where there are that many texts: they say least, cost most."""
KEPT = 20
"""Nearest phrasings that are kept of a text; more are never asked for."""
REFIT = 500
"""New phrasings from which on the weights of the n-grams are worked out anew: fewer do not change them."""


@dataclass(frozen=True)
class Near:
    """A phrasing near to a text.

    Attributes:
        phrasing: the known one.
        similarity: cosine over weighted character n-grams, 0 to 1; 1 is the same but for case.
    """

    phrasing: Phrasing
    similarity: float


class Nearest:
    """Nearness by spelling (word-bound character n-grams, tf-idf), so that it needs no model and no seconds.

    Of the texts that were asked about it remembers hashes and vectors. A phrasing that comes is compared with those
    alone, so that a label costs a moment and not the seconds of the first look.
    """

    def __init__(self, phrasings: Sequence[Phrasing], others: Sequence[str]) -> None:
        """Takes the phrasings; nothing is computed yet.

        Args:
            phrasings: which can be near.
            others: further texts that weigh the n-grams.
        """
        self.others = tuple(others)
        self._phrasings = tuple(phrasings)
        self._came = 0
        self._lock = threading.RLock()
        self._forget()

    def suits(self, phrasings: Sequence[Phrasing], others: Sequence[str]) -> bool:
        """Whether ``change`` is enough for these, or a new start is better."""
        few = abs(len(phrasings) - len(self._phrasings)) + self._came < REFIT
        return few and min(len(phrasings), len(self._phrasings)) >= KEPT and tuple(others) == self.others

    def vectors(self, texts: Sequence[str]) -> Any:
        """Texts as rows of length 1 of a sparse matrix."""
        return self._vectorizer.transform(text.casefold() for text in texts)

    def of(self, texts: Sequence[str], count: int) -> list[list[Near]]:
        """The phrasings most similar to each text, best first."""
        with self._lock:
            new = list(dict.fromkeys(text for text in texts if hash(text) not in self._asked))
            for start in range(0, len(new) if self._phrasings else 0, ROWS):
                self._remember(new[start : start + ROWS])
            return [self._near(self._asked[hash(text)], count) if self._phrasings else [] for text in texts]

    def to_others(self, text: str) -> np.ndarray:
        """The similarity of each of the other texts."""
        return np.asarray((self.vectors([text]) @ self._other_rows.T).toarray()[0])

    def change(self, phrasings: Sequence[Phrasing]) -> None:
        """Takes the phrasings as they are now.

        Args:
            phrasings: of which few are new, as ``suits`` tells.
        """
        with self._lock:
            before, self._phrasings = self._phrasings, tuple(phrasings)
            if "_rows" not in self.__dict__:
                return
            known = {_key(each): place for place, each in enumerate(before)}
            new = [each for each in self._phrasings if _key(each) not in known]
            self._came += len(new)
            came = self.vectors([each.text for each in new]) if new else self._rows[:0]
            places = {**known, **{_key(each): len(before) + number for number, each in enumerate(new)}}
            order = np.array([places[_key(each)] for each in self._phrasings])
            self._rows = _stack([self._rows, came])[order]
            self.__dict__.pop("_columns", None)
            self._move(len(before) + len(new), order, came, range(len(before), len(before) + len(new)))

    def _move(self, count: int, order: np.ndarray, came: Any, numbers: Sequence[int]) -> None:
        """Brings what is remembered up to date: places are moved, what came is compared, what lost one is done anew."""
        if self._vectors is None:
            return
        moved = np.full(count, -1)
        moved[order] = np.arange(len(order))
        similarities = np.hstack([self._similarities, (self._vectors @ came.T).toarray()])
        added = np.broadcast_to(moved[list(numbers)], (len(similarities), len(numbers)))
        places = np.hstack([moved[self._places], added])
        lost = np.flatnonzero((moved[self._places] < 0).any(axis=1))
        self._places, self._similarities = _best(places, similarities)
        for start in range(0, len(lost), ROWS):
            part = lost[start : start + ROWS]
            self._places[part], self._similarities[part] = self._compared(self._vectors[part])

    def _remember(self, texts: Sequence[str]) -> None:
        vectors = self.vectors(texts)
        places, similarities = self._compared(vectors)
        first = self._vectors is None
        self._places = places if first else np.vstack([self._places, places])
        self._similarities = similarities if first else np.vstack([self._similarities, similarities])
        self._vectors = vectors if first else _stack([self._vectors, vectors])
        self._asked.update({hash(text): len(self._asked) + number for number, text in enumerate(texts)})

    def _compared(self, vectors: Any) -> tuple[np.ndarray, np.ndarray]:
        similarities = (vectors @ self._columns).toarray()
        return _best(np.broadcast_to(np.arange(similarities.shape[1]), similarities.shape), similarities)

    def _near(self, row: int, count: int) -> list[Near]:
        pairs = zip(self._places[row, :count], self._similarities[row, :count], strict=True)
        return [Near(self._phrasings[place], float(similarity)) for place, similarity in pairs]

    def _forget(self) -> None:
        self._asked: dict[int, int] = {}
        self._vectors: Any = None
        self._places = np.empty((0, 0), dtype=int)
        self._similarities = np.empty((0, 0), dtype=np.float32)

    @cached_property
    def _vectorizer(self) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer  # takes a second to import

        texts = [each.text.casefold() for each in self._phrasings]
        texts += [*(text.casefold() for text in self.others), "a word"]
        common = COMMON if len(texts) >= MANY else 1.0
        options = {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True, "dtype": np.float32}
        return TfidfVectorizer(max_df=common, **options).fit(texts)

    @cached_property
    def _rows(self) -> Any:
        return self.vectors([phrasing.text for phrasing in self._phrasings])

    @cached_property
    def _columns(self) -> Any:
        """The same, one column a phrasing, so that a product with rows of texts gives the cosines."""
        return self._rows.T.tocsr()

    @cached_property
    def _other_rows(self) -> Any:
        return self.vectors(self.others)


def _best(places: np.ndarray, similarities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The best of each row, the best first."""
    count = min(KEPT, similarities.shape[1])
    best = np.argpartition(-similarities, count - 1, axis=1)[:, :count]
    values = np.take_along_axis(similarities, best, axis=1)
    order = np.take_along_axis(best, np.argsort(-values, axis=1, kind="stable"), axis=1)
    return np.take_along_axis(places, order, axis=1), np.take_along_axis(similarities, order, axis=1)


def _key(phrasing: Phrasing) -> tuple[str, tuple[str, ...], str]:
    """What makes a phrasing the same one, on whatever line it stands."""
    return phrasing.text, phrasing.intents, phrasing.file


def _stack(rows: Sequence[Any]) -> Any:
    from scipy.sparse import vstack

    return vstack(rows, format="csr")
