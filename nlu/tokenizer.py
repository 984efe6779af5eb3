"""spaCy's tokens for Rasa, without a trained spaCy model."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import spacy
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language

NEW_WORDS = 5_000
"""Words that spaCy may have met before its rules are built anew, in a tenth of a second: it keeps each, a kilobyte, and
what readers write is not to stay in memory for ever."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BlankSpacyTokenizer(Tokenizer):
    """Cuts a message into spaCy's tokens; white space is no token.

    Rasa's own SpacyTokenizer needs a downloaded ``en_core_web_*``; the rules of ``spacy.blank`` come with spaCy.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults.

        Returns:
            ``language``: spaCy's language code. The rest is what Rasa's tokenizers ask for.
        """
        return {
            "language": "en",
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the language.

        Raises:
            InvalidConfigException: spaCy has no rules for it.
        """
        language = config.get("language", "en")
        try:
            spacy.util.get_lang_class(language)
        except ImportError as error:
            raise InvalidConfigException(
                f"[NLU01] config.yml: {cls.__name__} has language {language!r}, which spaCy does not know: use a code "
                "such as `en`."
            ) from error

    def __init__(self, config: dict[str, Any]) -> None:
        """Builds spaCy's tokenizer for the configured language."""
        super().__init__(config)
        self._language = config["language"]
        blank(self._language)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> BlankSpacyTokenizer:
        """Creates the component; it has no state."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Cuts one attribute of a message.

        Args:
            message: Rasa's message.
            attribute: ``text`` or another text attribute of it.

        Returns:
            Its tokens with offsets.
        """
        doc = blank(self._language).make_doc(message.get(attribute))
        return [Token(token.text, token.idx) for token in doc if not token.is_space]


def blank(language: str) -> Language:
    """spaCy's rules for a language, one set for every model that the process loads.

    Args:
        language: spaCy's code.

    Returns:
        The shared pipeline, of which only the tokenizer is used; a new one after ``NEW_WORDS`` words.
    """
    nlp, words = _built(language)
    if len(nlp.vocab) > words + NEW_WORDS:
        _built.cache_clear()
        nlp, _ = _built(language)
    return nlp


@lru_cache(maxsize=2)
def _built(language: str) -> tuple[Language, int]:
    """The rules, and how many words they know by themselves."""
    nlp = spacy.blank(language)
    return nlp, len(nlp.vocab)
