"""Trains a pipeline of Rasa's own components, which takes a second, and reads the project's files."""

from __future__ import annotations

import logging
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from faq.measuring import READ_ON
from maintain.settings import ROOT
from maintain.understander import Understander, example, intents_of, read_config, read_examples

LIGHT = {
    "recipe": "default.v1",
    "assistant_id": "light",
    "language": "en",
    "pipeline": [
        {"name": "nlu.tokenizer.BlankSpacyTokenizer"},
        {"name": "nlu.tfidf_featurizer.TfidfFeaturizer"},
        {"name": "nlu.sentence_featurizer.SentenceEncoderFeaturizer"},
        {"name": "nlu.intent_classifier.MultiIntentClassifier"},
    ],
}
EXAMPLES = [
    example("how hot is [tea](x)", "heat"),
    example("how hot should water be", "heat"),
    example("how long to steep", "time"),
    example("how many minutes", "time"),
]
PHRASINGS = """version: "3.1"
nlu:
- intent: heat
  examples: |
    - how hot
- intent: time
  examples:
  - text: |
      how long, how hot
    metadata:
      also: heat
"""


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Understander:
    return Understander.train(LIGHT, EXAMPLES, tmp_path_factory.mktemp("pipeline"))


def test_understander_understands_what_it_learnt(pipeline: Understander) -> None:
    understood = pipeline.understand(["how hot", "minutes to steep"])
    assert [each.best for each in understood] == ["heat", "time"]
    assert [each.text for each in understood] == ["how hot", "minutes to steep"]
    assert sorted(name for name, _ in understood[0].ranking) == ["heat", "time"]


def test_understander_takes_more_than_a_batch_and_nothing(pipeline: Understander) -> None:
    texts = [f"how hot {number}" for number in range(150)]
    assert [each.text for each in pipeline.understand(texts)] == texts
    assert pipeline.understand([]) == []


def test_understander_reads_on_the_same_day_whenever_it_is_asked(tmp_path: Path) -> None:
    """What is due for "since January" must not change with the calendar."""
    facts = {"name": "nlu.facts.FactExtractor", "folder": str(ROOT / "data" / "facts")}
    dated = Understander.train({**LIGHT, "pipeline": [*LIGHT["pipeline"], facts]}, EXAMPLES, tmp_path)
    ((found,),) = (each["entities"] for each in dated.parse(["twitching since january"]))
    assert READ_ON - timedelta(days=found["value"]) == date(2026, 1, 31)


def test_understander_leaves_its_examples_as_they_were(pipeline: Understander, tmp_path: Path) -> None:
    assert all(set(each.data) == {"text", "intent"} for each in EXAMPLES)
    again = Understander.train(LIGHT, EXAMPLES, tmp_path)
    assert again.understand(["how hot"]) == pipeline.understand(["how hot"])


def test_understander_leaves_logging_as_it_was(pipeline: Understander, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    pipeline.understand(["how hot"])
    assert os.environ["LOG_LEVEL"] == "INFO"
    assert logging.root.manager.disable == logging.NOTSET
    monkeypatch.delenv("LOG_LEVEL")
    pipeline.understand(["how hot"])
    assert "LOG_LEVEL" not in os.environ


def test_understander_reads_phrasings_with_both_intents(tmp_path: Path) -> None:
    (tmp_path / "tea.yml").write_text(PHRASINGS, encoding="utf-8")
    read = {each.get("text").strip(): intents_of(each) for each in read_examples(tmp_path)}
    assert read == {"how hot": {"heat"}, "how long, how hot": {"heat", "time"}}


def test_understander_leaves_components_out() -> None:
    names = [each["name"] for each in read_config(without=("RefusalClassifier",))["pipeline"]]
    assert len(names) == len(read_config()["pipeline"]) - 1
    assert not [name for name in names if name.endswith("RefusalClassifier")]
