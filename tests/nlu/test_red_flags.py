"""Red flags that no vocabulary knows, learned from phrasings that state them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from faq.errors import RuleError
from nlu.red_flags import RedFlagClassifier, states
from tests.nlu.contract import Pipeline


def flags(message: Message) -> list[dict[str, Any]]:
    return [entity for entity in message.get(ENTITIES) if entity["extractor"] == "RedFlagClassifier"]


def made(storage: Path, **config: Any) -> RedFlagClassifier:
    context = ExecutionContext(GraphSchema({}), node_name="flags")
    return RedFlagClassifier.create(
        {**RedFlagClassifier.get_default_config(), **config}, LocalModelStorage(storage), Resource("flags"), context
    )


@pytest.mark.parametrize(
    ("text", "value", "words"),
    [
        ("how hot? an elephant took my seat.", "chest-pain", "an elephant took my seat"),
        ("how long? these days the kettle wins against me", "weakness", "these days the kettle wins against me"),
    ],
)
def test_red_flags_are_told_in_the_words_of_their_clause(loaded: Pipeline, text: str, value: str, words: str) -> None:
    (message,) = loaded.process([text])
    (entity,) = flags(message)
    assert (entity["entity"], entity["value"], entity["text"]) == ("symptom", value, words)
    assert text[entity["start"] : entity["end"]] == words
    assert entity["emergency"] == (value == "chest-pain")


@pytest.mark.parametrize("text", ["how hot should it be", "how long should it steep", "my kettle wins every prize"])
def test_red_flags_are_not_seen_where_there_is_none(loaded: Pipeline, text: str) -> None:
    (message,) = loaded.process([text])
    assert flags(message) == []
    assert set(message.get("red_flags")) == {"emergency", "doctor"}


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("the kettle wins against me, and my arm is weak", 0),
        ("the kettle wins against me, and I have chest pain", 0),
        ("an elephant took my seat, and my arm is weak", 1),
    ],
)
def test_red_flags_add_to_what_is_known_only_what_is_more_urgent(loaded: Pipeline, text: str, added: int) -> None:
    (message,) = loaded.process([text])
    assert len(flags(message)) == added
    assert len(message.get(ENTITIES)) > added, "the facts that were found before stay"


def test_red_flags_are_not_what_the_message_denies(loaded: Pipeline) -> None:
    (message,) = loaded.process(["an elephant took my seat, but no chest pain"])
    assert message.get("red_flags")["emergency"] >= 0.4, "without the denial it would be one"
    assert not any(entity["emergency"] for entity in flags(message))


@pytest.mark.usefixtures("_in_project")
def test_red_flags_need_phrasings_that_state_one(loaded: Pipeline, tmp_path: Path) -> None:
    (example,) = Pipeline(loaded.components[:-2], [], tmp_path).process(["how hot"])
    example.set(INTENT, "heat")
    classifier = made(tmp_path)
    classifier.train(training_data=TrainingData([example]))
    (message,) = classifier.process([Message(data={TEXT: "an elephant took my seat"})])
    assert message.get(ENTITIES, []) == []


@pytest.mark.usefixtures("_in_project")
def test_red_flags_must_be_known_to_a_rule(tmp_path: Path) -> None:
    example = Message(data={TEXT: "?", INTENT: "heat", "metadata": {"example": {"states": "thirst"}}})
    assert states(example) == "thirst"
    with pytest.raises(RuleError, match=r"NLU18.*thirst"):
        made(tmp_path).train(training_data=TrainingData([example]))
