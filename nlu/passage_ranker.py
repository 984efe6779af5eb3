"""Ranks the sentences of the documents against a message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from faq.documents import load_documents
from faq.errors import DocumentError
from nlu.encoder import ENCODER_DIR, WIDTH, load_encoder
from nlu.features import metadata_of, sentence_features
from nlu.kernel_ridge import KernelRidge

SENTENCE = "sentence"
"""Key of an example's metadata in data/nlu: how the sentence begins that answers it best."""

MOST_SECTIONS = 10
"""Sections whose sentences are ranked: what is ranked travels and is stored with each message, and of all others hardly
one can be meant."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class PassageRanker(GraphComponent):
    """Sets ``passages``: the sentences of the sections that the message may be about, the best fit for it first.

    Those are the ``MOST_SECTIONS`` that come first in ``intent_ranking``; if there are no more, it is every sentence.

    The score is learned from the phrasings whose metadata names the sentence that answers them, by kernel ridge
    regression over all features; to it comes ``cosine_weight`` times the cosine between message and sentence, which
    alone decides where no phrasing names a sentence (docs/decisions/0008-passages.md).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Features come from the featurizers."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults.

        Returns:
            ``documents``: folder of the documents; ``encoder``: folder of the sentence encoder; ``gamma`` and
            ``ridge``: of the regression; ``cosine_weight``: against the regression's score.
        """
        return {
            "documents": "data/documents",
            "encoder": str(ENCODER_DIR),
            "gamma": 0.15,
            "ridge": 0.1,
            "cosine_weight": 0.3,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the settings.

        Raises:
            InvalidConfigException: names the key and what it may be.
        """
        settings = {**cls.get_default_config(), **config}
        if not Path(settings["documents"]).is_dir():
            raise InvalidConfigException(
                f"[NLU09] config.yml: {cls.__name__} finds no folder {settings['documents']}: name the right one."
            )
        for key in ("gamma", "ridge", "cosine_weight"):
            if settings[key] <= 0:
                raise InvalidConfigException(f"[NLU13] config.yml: {cls.__name__} needs {key} above 0.")

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Reads the documents.

        Raises:
            DocumentError: a document is malformed.
        """
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        documents = load_documents(Path(config["documents"]))
        passages = [p for document in documents for section in document.sections for p in section.passages]
        self._texts = [passage.text for passage in passages]
        self._entries = [{"section": p.section, "start": p.start, "end": p.end} for p in passages]
        self._rows: dict[str, list[int]] = {}
        for row, passage in enumerate(passages):
            self._rows.setdefault(passage.section, []).append(row)
        self._first = list(self._rows)[:MOST_SECTIONS]
        self._ridge: KernelRidge | None = None
        self._answering: list[int] = []

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> PassageRanker:
        """Creates an untrained ranker."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Encodes the sentences, and learns from the phrasings that name one; where none does the cosine alone decides.

        Raises:
            DocumentError: a phrasing names a sentence that is not there, or not the only one.
        """
        examples = [example for example in training_data.intent_examples if _opening(example)]
        answers = [self._find(_opening(example)) for example in examples]
        self._vectors = self._encoded()
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "sentences.json").write_text(json.dumps(self._texts), encoding="utf-8")
            np.savez(folder / "sentences.npz", vectors=self._vectors)
            if examples:
                self._answering = sorted(set(answers))
                asked = np.array([[answer == row for row in self._answering] for answer in answers])
                features = sentence_features(examples)
                self._ridge, _ = KernelRidge.fit(*features, asked, self._config["gamma"], self._config["ridge"])
                self._ridge.save(folder)
                texts = [self._texts[row] for row in self._answering]
                (folder / "answering.json").write_text(json.dumps(texts), encoding="utf-8")
        return self._resource

    def _encoded(self) -> np.ndarray:
        """The vectors of the sentences, float32 (sentences, 384)."""
        return load_encoder(self._config["encoder"]).encode(self._texts)

    def _find(self, opening: str) -> int:
        """The sentence with this beginning."""
        rows = [row for row, text in enumerate(self._texts) if text.startswith(opening)]
        if len(rows) != 1:
            raise DocumentError(
                f"[NLU14] data/nlu: a phrasing names the sentence {opening!r}, with which {len(rows)} sentences of "
                f"{self._config['documents']} begin: write the beginning of one."
            )
        return rows[0]

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PassageRanker:
        """Loads a trained ranker.

        Raises:
            DocumentError: a sentence that it was trained on is no longer in the documents.
        """
        ranker = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            ranker._vectors = ranker._read(folder)
            if (folder / "answering.json").is_file():
                texts = json.loads((folder / "answering.json").read_text(encoding="utf-8"))
                ranker._answering = [ranker._find(text) for text in texts]
                ranker._ridge = KernelRidge.load(folder)
        return ranker

    def _read(self, folder: Path) -> np.ndarray:
        """The vectors that a model keeps, since to encode a sentence takes 2 ms; anew if the documents have changed."""
        kept = folder / "sentences.json"
        if kept.is_file() and json.loads(kept.read_text(encoding="utf-8")) == self._texts:
            with np.load(folder / "sentences.npz") as arrays:
                return arrays["vectors"]
        return self._encoded()

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets ``passages`` of each message that has a text."""
        for message in messages:
            if message.get(TEXT):
                message.set("passages", self._rank(message), add_to_output=True)
        return messages

    def _rank(self, message: Message) -> list[dict[str, Any]]:
        rows = self._near(message)
        dense, words = sentence_features([message])
        scores = self._config["cosine_weight"] * (self._vectors[rows] @ dense[0, :WIDTH])
        if self._ridge is not None:
            learned = np.full(len(self._texts), -1.0)
            learned[self._answering] = self._ridge.scores(dense, words)[0]
            scores = scores + learned[rows]
        order = np.argsort(-scores, kind="stable")
        ranked = zip(rows[order].tolist(), scores[order].tolist(), strict=True)
        return [{**self._entries[row], "score": score} for row, score in ranked]

    def _near(self, message: Message) -> np.ndarray:
        """Where the sentences stand of the sections that the message may be about, in the documents' order."""
        ranked = [entry["name"] for entry in message.get("intent_ranking", ()) if entry["name"] in self._rows]
        sections = list(dict.fromkeys([*ranked, *self._first]))[:MOST_SECTIONS]
        return np.sort(np.concatenate([self._rows[section] for section in sections]))


def _opening(example: Message) -> str:
    return metadata_of(example).get(SENTENCE, "")
