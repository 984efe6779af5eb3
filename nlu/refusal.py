"""Refuses what is not about anything known, so that it is declined and not answered."""

from __future__ import annotations

import logging
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

from faq.reply import OUT_OF_SCOPE
from nlu.intent_classifier import MultiIntentClassifier

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RefusalClassifier(IntentClassifier, GraphComponent):
    """Turns the intent into ``out_of_scope`` where the score that the classifier gives is under the threshold.

    It keeps the decision apart from the classification, as Rasa's FallbackClassifier does, and notes every refusal in
    the log and in ``refusal``: the score, the threshold and the nearest known phrasing
    (docs/decisions/0005-refusal.md).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """The score comes from the classifier."""
        return [MultiIntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults.

        Returns:
            ``threshold``: score, 0 to 1, under which a message is refused.
        """
        return {"threshold": 0.6}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the threshold.

        Raises:
            InvalidConfigException: it is not between 0 and 1.
        """
        if not 0 <= {**cls.get_default_config(), **config}["threshold"] <= 1:
            raise InvalidConfigException(f"[NLU08] config.yml: {cls.__name__} needs a threshold from 0 to 1.")

    def __init__(self, config: dict[str, Any]) -> None:
        """Constructs the component; it has no state."""
        self._threshold = config["threshold"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RefusalClassifier:
        """Creates the component."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets ``refusal`` and, where it refuses, ``intent`` and ``intents``, of each message that has a text."""
        for message in messages:
            if message.get(TEXT):
                self._decide(message)
        return messages

    def _decide(self, message: Message) -> None:
        scope = message.get("scope")
        refused = self._is_refused(message.get(INTENT)["name"], **scope)
        message.set("refusal", {**scope, "threshold": self._threshold, "refused": refused}, add_to_output=True)
        if refused:
            decision = {"name": OUT_OF_SCOPE, "confidence": 1.0 - scope["score"]}
            message.set(INTENT, decision, add_to_output=True)
            message.set("intents", [decision], add_to_output=True)
            message.set("close_intents", [], add_to_output=True)

    def _is_refused(self, intent: str, score: float, nearest: str) -> bool:
        if score >= self._threshold:
            return False
        logger.info(
            "refused: score %.3f is under the threshold %.3f; nearest would be %s with %r",
            score,
            self._threshold,
            intent,
            nearest,
        )
        return True
