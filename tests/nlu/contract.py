"""What every component of the pipeline keeps to: really trained, persisted, loaded anew, and the same as before.

The data is about tea, so that nothing depends on the published article.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

ROOT = Path(__file__).resolve().parents[2]

PHRASINGS = {
    "heat": ["how hot should it be", "which temperature is right", "boiling water or not", "is 80 degrees enough"],
    "time": [
        "how long should it steep",
        "how many minutes",
        "when do I take the leaves out",
        "is ten minutes too long",
    ],
    "greet": ["hello there", "good morning", "hi", "good evening"],
    "out_of_scope": ["who won the match", "book me a flight", "my car will not start", "tell me a joke"],
}
ANSWERED = {
    "Three minutes": ("time", "how many minutes exactly"),
    "Longer makes": ("time", "is it bad to leave it in for an hour"),
    "Green tea": ("heat", "and for the green one"),
    "Boil the": ("heat", "do I boil it for the black one"),
}
"""How the sentence begins that answers a phrasing, and the phrasing with its intent."""
STATED = {
    "weakness": ("time", ["the kettle wins against me these days", "since the last cup the kettle wins against me"]),
    "chest-pain": ("time", ["an elephant took my seat", "help, an elephant took my seat"]),
    "nothing": ("heat", ["my kettle wins every prize", "the zoo has an elephant"]),
}
"""What a phrasing states, with its intent and in words that no vocabulary knows."""
BOTH = ["how hot and how long", "temperature and minutes please", "how long should it steep and how hot should it be"]
FRESH = [
    *("How hot must the water be?", "how long, and how hot?", "which temprature", "hullo"),
    *("what is the capital of France", "for 3 weeks", "ß茶 👍", "how hot? an elephant took my seat"),
]
EMPTY = ["", " ", "\n\t"]

TINY: dict[str, dict[str, Any]] = {
    "TfidfFeaturizer": {"min_df": 1},
    "SpellingCorrector": {"target_from": 1, "trusted_from": 1},
    "FactExtractor": {"today": "2024-05-15"},
    "RedFlagClassifier": {"emergency": 0.4, "doctor": 0.4},
}
"""What a component needs beside its settings in config.yml to be trained on a few phrasings."""


def components() -> list[tuple[type[GraphComponent], dict[str, Any]]]:
    """Classes and settings of ``config.yml``, in the pipeline's order."""
    entries = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    return [(_registered(entry.pop("name")).clazz, entry) for entry in entries]


def _registered(name: str) -> Any:
    return DefaultV1Recipe._from_registry(name)


def is_trainable(kind: type[GraphComponent]) -> bool:
    """Whether a component is registered as one that learns."""
    return bool(_registered(kind.__name__).is_trainable)


def training_data() -> TrainingData:
    """A few phrasings; some are double questions, name the sentence that answers them, or say what they state."""
    single: list[tuple[dict[str, Any], str]] = [
        ({INTENT: intent}, text) for intent, texts in PHRASINGS.items() for text in texts
    ]
    double = [(_example("time", also="heat"), text) for text in BOTH]
    answered = [(_example(intent, sentence=opening), text) for opening, (intent, text) in ANSWERED.items()]
    stated = [(_example(intent, states=flag), text) for flag, (intent, texts) in STATED.items() for text in texts]
    return TrainingData(
        [Message(data={TEXT: text, **labels}) for labels, text in [*single, *double, *answered, *stated]]
    )


def _example(intent: str, **metadata: str) -> dict[str, Any]:
    return {INTENT: intent, "metadata": {"example": metadata}}


@dataclass
class Pipeline:
    """Components that stand in a row, with what each was made of."""

    components: list[GraphComponent]
    configs: list[dict[str, Any]]
    storage: Path

    def process(self, texts: Sequence[str]) -> list[Message]:
        """Sends new messages through all components."""
        messages = [Message(data={TEXT: text}) for text in texts]
        for component in self.components:
            messages = component.process(messages)  # type: ignore[attr-defined]
        return messages

    def loaded(self) -> Pipeline:
        """The same components, loaded by a new model storage from what was persisted."""
        storage = LocalModelStorage(self.storage)
        loaded = []
        for number, (component, config) in enumerate(zip(self.components, self.configs, strict=True)):
            make = type(component).load if is_trainable(type(component)) else type(component).create
            loaded.append(make(dict(config), storage, *_place(number, type(component))))
        return Pipeline(loaded, self.configs, self.storage)


def train(folder: Path, settings: dict[str, dict[str, Any]]) -> Pipeline:
    """Trains the pipeline of ``config.yml``, component after component, as Rasa does.

    Args:
        folder: for what is persisted.
        settings: settings of classes by name, over those of ``config.yml``.

    Returns:
        The trained components.
    """
    storage, data = LocalModelStorage(folder), training_data()
    pipeline = Pipeline([], [], folder)
    for number, (kind, given) in enumerate(components()):
        config = {**kind.get_default_config(), **given, **settings.get(kind.__name__, {})}
        kind.validate_config(config)  # type: ignore[attr-defined]
        component = kind.create(dict(config), storage, *_place(number, kind))
        if is_trainable(kind):
            component.train(training_data=data)  # type: ignore[attr-defined]
        if hasattr(component, "process_training_data"):
            data = component.process_training_data(training_data=data)
        pipeline.components.append(component)
        pipeline.configs.append(config)
    return pipeline


def _place(number: int, kind: type[GraphComponent]) -> tuple[Resource, ExecutionContext]:
    name = f"{kind.__name__}{number}"
    return Resource(name), ExecutionContext(GraphSchema({}), node_name=name)


def same(one: Any, other: Any) -> bool:
    """Whether two messages, or parts of them, are equal; numbers up to rounding.

    Args:
        one: a message or what is in it.
        other: what it should equal.

    Returns:
        True where they do.
    """
    if isinstance(one, Message):
        return same(one.data, other.data) and same(one.features, other.features)
    if isinstance(one, Features):
        arrays = [part.features if part.is_dense() else part.features.toarray() for part in (one, other)]
        return (one.attribute, one.origin) == (other.attribute, other.origin) and same(*arrays)
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and np.allclose(one, other, atol=1e-6)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(same(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, float):
        return bool(np.isclose(one, other, atol=1e-6))
    return bool(one == other)
