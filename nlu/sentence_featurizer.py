"""Dense features: the sentence encoder as a Rasa featurizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from faq.errors import EncoderError
from nlu.encoder import ENCODER_DIR, WIDTH, load_encoder
from nlu.questions import asked_clauses
from nlu.spelling_corrector import corrected_text


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """One dense row a message: all-MiniLM-L6-v2's sentence vector (384 numbers, length 1), which is the mean over its
    tokens; the mean over those of the first and of the last clause that asks something (384 numbers each), which the
    story around them blurs less; and the extremes over the tokens (768 numbers), which keep single telling words of
    long messages (docs/decisions/0003-sentence-encoder.md).

    Training keeps the encoder's hash, and loading refuses another encoder: a classifier fits only the vectors that it
    was trained on.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults.

        Returns:
            ``encoder``: the folder with ``encoder.onnx`` and ``tokenizer.json``; ``extremes_weight``: length of each
            half of the extremes, against 1.0 of the sentence vector; ``clause_weight``: length of the vector of each
            asking clause.
        """
        return {
            **DenseFeaturizer.get_default_config(),
            "encoder": str(ENCODER_DIR),
            "extremes_weight": 0.7,
            "clause_weight": 0.5,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks that the encoder is there.

        Raises:
            InvalidConfigException: names the folder and how to build it.
        """
        folder = Path(config.get("encoder", ENCODER_DIR))
        if not (folder / "encoder.onnx").is_file():
            raise InvalidConfigException(
                f"[NLU05] config.yml: {cls.__name__} finds no encoder.onnx in {folder}: run `make setup`, "
                "which builds it."
            )
        for key in ("extremes_weight", "clause_weight"):
            if config.get(key, 0) < 0:
                raise InvalidConfigException(f"[NLU10] config.yml: {cls.__name__} needs {key} of 0 or more.")

    def __init__(self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        """Constructs the component over the process's one encoder."""
        super().__init__(name, config)
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self.encoder = load_encoder(config["encoder"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEncoderFeaturizer:
        """Creates the component."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Keeps the encoder's hash; the encoder itself is not trained."""
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "encoder.sha256").write_text(self.encoder.sha256, encoding="ascii")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SentenceEncoderFeaturizer:
        """Loads the component.

        Raises:
            EncoderError: the model was trained with another encoder.
        """
        component = cls(config, execution_context.node_name, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            expected = (folder / "encoder.sha256").read_text(encoding="ascii")
        if component.encoder.sha256 != expected:
            raise EncoderError(
                f"[ENC04] The model was trained with another encoder than the one in {config['encoder']}: run "
                "`make train`."
            )
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to the phrasings."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds a dense sentence feature, (1, 1920), to each message that has a text."""
        with_text = [message for message in messages if message.get(TEXT)]
        rows = self._rows([corrected_text(message) for message in with_text])
        for number, message in enumerate(with_text):
            row = rows[number : number + 1]
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        return messages

    def _rows(self, texts: list[str]) -> np.ndarray:
        """The features of texts, float32 (texts, 1920)."""
        rows = self.encoder.features(texts, [asked_clauses(text) for text in texts])
        rows[:, WIDTH : 3 * WIDTH] *= self._config["clause_weight"]
        rows[:, 3 * WIDTH :] *= self._config["extremes_weight"]
        return rows
