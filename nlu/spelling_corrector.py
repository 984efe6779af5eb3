"""Puts slips of the pen right before a message is turned into features."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.facts import english_words
from nlu.spelling import SHORTEST_FUZZY, Spelling
from nlu.vocabulary import read_table


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingCorrector(GraphComponent):
    """Writes the corrected form of each token into its lemma; the text and its offsets stay as typed.

    A word is only changed if it is neither an English word nor common in the phrasings, and only into a word that the
    phrasings use often, one slip away (two in long words). So no real word ever becomes another one.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Tokens come from the tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults.

        Returns:
            ``target_from``: phrasings in which an English word must stand to be the outcome of a correction;
            ``trusted_from``: the same for a word that the list of English words lacks, and which is then left alone
            too; ``facts``: folder whose ``spelling.toml`` lists further words to keep.
        """
        return {"target_from": 4, "trusted_from": 12, "facts": "data/facts"}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the settings.

        Raises:
            InvalidConfigException: names the key and what it may be.
        """
        settings = {**cls.get_default_config(), **config}
        if not 1 <= settings["target_from"] <= settings["trusted_from"]:
            raise InvalidConfigException(
                f"[NLU12] config.yml: {cls.__name__} needs 1 <= target_from <= trusted_from, "
                f"not {settings['target_from']} and {settings['trusted_from']}."
            )

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Constructs an untrained corrector, which changes nothing."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._spelling = Spelling(english_words(), (), {})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpellingCorrector:
        """Creates an untrained corrector."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns which words the phrasings use, and how often."""
        examples = [example for example in training_data.training_examples if example.get(TEXT)]
        counts = Counter(word for example in examples for word in {token.text.lower() for token in _tokens(example)})
        kept = read_table(Path(self._config["facts"]) / "spelling.toml").get("keep", {}).get("words", "").split()
        trusted = {word for word, count in counts.items() if count >= self._config["trusted_from"]}
        often = {word for word, count in counts.items() if count >= self._config["target_from"]}
        known = trusted | set(kept)
        targets = {word for word in trusted | (often & english_words()) if len(word) >= SHORTEST_FUZZY}
        self._build(sorted(known), sorted(targets))
        with self._model_storage.write_to(self._resource) as folder:
            words = {"known": sorted(known), "targets": sorted(targets)}
            (folder / "spelling.json").write_text(json.dumps(words), encoding="utf-8")
        return self._resource

    def _build(self, known: list[str], targets: list[str]) -> None:
        self._spelling = Spelling(english_words() | set(known), targets, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SpellingCorrector:
        """Loads a trained corrector."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            words = json.loads((folder / "spelling.json").read_text(encoding="utf-8"))
        component._build(words["known"], words["targets"])
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Corrects the phrasings, so that they and the messages look alike."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the lemma of each token."""
        for message in messages:
            for token in _tokens(message):
                word = token.text.lower()
                corrected = self._spelling.correct(word)
                token.lemma = token.text if corrected == word else corrected
        return messages


def corrected_text(message: Message) -> str:
    """A message's text with its tokens' corrections put in.

    Args:
        message: with tokens.

    Returns:
        The text as typed where nothing was corrected.
    """
    text, parts, behind = message.get(TEXT), [], 0
    for token in _tokens(message):
        parts += [text[behind : token.start], token.lemma]
        behind = token.end
    return "".join(parts) + text[behind:]


def _tokens(message: Message) -> list[Any]:
    return message.get(TOKENS_NAMES[TEXT]) or []
