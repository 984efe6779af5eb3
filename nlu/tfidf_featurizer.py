"""Sparse features: tf-idf of words or of characters inside words."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.spelling_corrector import corrected_text

MEMORY = 8192
"""Words whose characters' columns are remembered."""

ANALYZERS = ("word", "char_wb")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(SparseFeaturizer, GraphComponent):
    """One sparse row a message: sublinear tf-idf, length 1 times ``weight``.

    Rasa's CountVectorsFeaturizer gives counts and a row for every token; a linear classifier over whole messages needs
    neither, and tf-idf scored better (docs/decisions/0004-intent-classification.md).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Words come from the tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults.

        Returns:
            ``analyzer``: ``word`` (tokens) or ``char_wb`` (characters inside words, robust to typos);
            ``min_ngram`` and ``max_ngram``: lengths of the n-grams; ``min_df``: messages an n-gram must stand in;
            ``weight``: length of a row, against 1.0 of the sentence encoder's.
        """
        return {
            **SparseFeaturizer.get_default_config(),
            "analyzer": "word",
            "min_ngram": 1,
            "max_ngram": 2,
            "min_df": 1,
            "weight": 0.8,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the settings.

        Raises:
            InvalidConfigException: names the key and what it may be.
        """
        settings = {**cls.get_default_config(), **config}
        if settings["analyzer"] not in ANALYZERS:
            raise InvalidConfigException(
                f"[NLU02] config.yml: {cls.__name__} has analyzer {settings['analyzer']!r}: use one of {ANALYZERS}."
            )
        if not 1 <= settings["min_ngram"] <= settings["max_ngram"]:
            raise InvalidConfigException(
                f"[NLU03] config.yml: {cls.__name__} needs 1 <= min_ngram <= max_ngram, "
                f"not {settings['min_ngram']} and {settings['max_ngram']}."
            )
        if settings["weight"] <= 0:
            raise InvalidConfigException(f"[NLU04] config.yml: {cls.__name__} needs a weight above 0.")

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        """Constructs an untrained component."""
        super().__init__(name, config)
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        words = {"tokenizer": str.split, "token_pattern": None} if config["analyzer"] == "word" else {}
        self._vectorizer = TfidfVectorizer(
            analyzer=config["analyzer"],
            ngram_range=(config["min_ngram"], config["max_ngram"]),
            min_df=config["min_df"],
            dtype=np.float32,
            **words,
        )
        self._analyze = self._vectorizer.build_analyzer()
        self._inside = lru_cache(maxsize=MEMORY)(self._columns_inside)
        self._take({}, np.zeros(0, dtype=np.float32))

    def _take(self, columns: dict[str, int], idf: np.ndarray) -> None:
        """Takes the column of each n-gram, and the inverse document frequency of each column."""
        self._columns, self._idf = columns, idf
        self._empty = sparse.csr_matrix((1, len(columns)), dtype=np.float32)
        self._inside.cache_clear()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TfidfFeaturizer:
        """Creates an untrained component."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns vocabulary and inverse document frequencies from the phrasings."""
        texts = [self._text(example) for example in training_data.training_examples if example.get(TEXT)]
        self._vectorizer.fit(texts)
        columns = {term: int(column) for term, column in self._vectorizer.vocabulary_.items()}
        self._take(columns, self._vectorizer.idf_)
        self.persist()
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to the phrasings."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds a sparse sentence feature, (1, vocabulary), to each message that has a text."""
        for message in messages:
            if message.get(TEXT):
                row = self._row(self._text(message))
                message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def _row(self, text: str) -> sparse.csr_matrix:
        """What ``TfidfVectorizer.transform`` gives, weighted; it takes several times as long for one message.

        Most of that goes into what scipy checks and converts when it makes a matrix, so an empty one is filled.
        """
        columns, counts = _counted(self._places(text))
        values = (np.log(counts) + 1) * self._idf[columns]
        values *= self._config["weight"] / (math.sqrt(values @ values) or 1)
        row = sparse.csr_matrix.__new__(sparse.csr_matrix)
        vars(row).update(vars(self._empty))
        row.data, row.indices, row.indptr = values.astype(np.float32), columns, np.array([0, len(columns)], np.int32)
        return row

    def _places(self, text: str) -> np.ndarray:
        """The columns of the n-grams of a text, int32, each as often as it stands there."""
        words = text.lower().split()
        if self._config["analyzer"] == "char_wb" and words:
            return np.concatenate(list(map(self._inside, words)))
        lengths = range(self._config["min_ngram"], self._config["max_ngram"] + 1)
        return self._known(" ".join(words[at : at + n]) for n in lengths for at in range(len(words) - n + 1))

    def _columns_inside(self, word: str) -> np.ndarray:
        return self._known(self._analyze(word))

    def _known(self, ngrams: Iterable[str]) -> np.ndarray:
        return np.array([self._columns[each] for each in ngrams if each in self._columns], dtype=np.int32)

    def _text(self, message: Message) -> str:
        if self._config["analyzer"] == "char_wb":
            return corrected_text(message)
        return " ".join(token.lemma for token in message.get(TOKENS_NAMES[TEXT]))

    def persist(self) -> None:
        """Writes the vocabulary and the frequencies as JSON."""
        state = {"vocabulary": self._columns, "idf": self._idf.tolist()}
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "tfidf.json").write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TfidfFeaturizer:
        """Loads a trained component."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            state = json.loads((folder / "tfidf.json").read_text(encoding="utf-8"))
        component._take(state["vocabulary"], np.array(state["idf"], dtype=np.float32))
        return component


def _counted(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different ones among whole numbers, ascending, and how often each is there: ``np.unique`` for few numbers."""
    places.sort()
    edges = np.empty(len(places) + 1, dtype=bool)
    edges[0] = edges[-1] = True
    np.not_equal(places[1:], places[:-1], out=edges[1:-1])
    at = edges.nonzero()[0]
    return places[at[:-1]], at[1:] - at[:-1]
