"""Trains the NLU pipeline of a configuration through Rasa's own graph, as often as a measurement needs, and asks it."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from maintain.without_tensorflow import leave_out_tensorflow

with warnings.catch_warnings():  # Rasa's libraries deprecate one another when they are imported
    leave_out_tensorflow()
    import sanic.app  # noqa: F401  (turns such warnings on, so the filter comes after it)

    warnings.simplefilter("ignore")
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
    from rasa.engine.graph import ExecutionContext, GraphModelConfiguration, GraphSchema
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.training_data.structures import StoryGraph
    from rasa.shared.data import TrainingType
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    from maintain.training import read_nlu, train_graph

from faq.measuring import READ_ON
from faq.phrasings import ALSO
from maintain.cases import Understood
from maintain.settings import ROOT

BATCH = 64
"""Messages that go through the graph together."""


class Understander:
    """A trained pipeline, without a server around it. What it is asked counts as written on ``READ_ON``."""

    def __init__(self, archive: Path, folder: Path) -> None:
        """Loads a model.

        Args:
            archive: a model that this project trained; Rasa runs code from archives.
            folder: scratch space, as long as the object lives.
        """
        storage = Path(tempfile.mkdtemp(dir=folder))
        with _silence():
            stored, metadata = LocalModelStorage.from_model_archive(storage, archive)
            schema = _with_stopped_clock(metadata.predict_schema)
            self._runner = DaskGraphRunner.create(schema, stored, ExecutionContext(schema, metadata.model_id))
        self._target = metadata.nlu_target

    @classmethod
    def train(cls, config: Mapping[str, Any], examples: Iterable[Message], folder: Path) -> Understander:
        """Trains a pipeline as ``rasa train nlu`` does, with nothing reused from an earlier training.

        Args:
            config: as in config.yml.
            examples: of ``read_examples`` or ``example``; they are not changed.
            folder: scratch space.

        Returns:
            The pipeline, loaded from what training persisted.
        """
        archive = Path(tempfile.mkdtemp(dir=folder)) / "model.tar.gz"
        data = TrainingData([Message(data=dict(each.data)) for each in examples])
        with _silence():
            train_graph(_InMemory(data), _graph(config), archive)
        return cls(archive, folder)

    def understand(self, texts: Sequence[str]) -> list[Understood]:
        """Understands messages.

        Args:
            texts: what readers wrote.

        Returns:
            One for each, in the same order.
        """
        return [Understood.from_parse_data(each) for each in self.parse(texts)]

    def parse(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Parses messages.

        Args:
            texts: what readers wrote.

        Returns:
            Rasa's parse data of each, in the same order.
        """
        return [parsed for start in range(0, len(texts), BATCH) for parsed in self._batch(texts[start : start + BATCH])]

    def _batch(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        messages = [UserMessage(text) for text in texts]
        inputs = {PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: None}
        with _silence():
            parsed = self._runner.run(inputs=inputs, targets=[self._target])[self._target]
        return [message.as_dict(only_output_properties=True) for message in parsed]


def read_config(path: Path = ROOT / "config.yml", without: Collection[str] = ()) -> dict[str, Any]:
    """Reads a configuration.

    Args:
        path: the file.
        without: class names of components to leave out.

    Returns:
        The configuration.
    """
    config: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    config["pipeline"] = [each for each in config["pipeline"] if each["name"].rpartition(".")[2] not in without]
    return config


def read_examples(folder: Path = ROOT / "data" / "nlu") -> list[Message]:
    """Reads the phrasings as Rasa does.

    Args:
        folder: of the files.

    Returns:
        Messages with text, intent and metadata.
    """
    with _silence():
        return [each for path in sorted(folder.glob("*.yml")) for each in read_nlu(path).intent_examples]


def example(text: str, intent: str) -> Message:
    """Makes a training example.

    Args:
        text: the phrasing.
        intent: what it asks.

    Returns:
        The example.
    """
    return Message.build(text=text, intent=intent)


def intents_of(message: Message) -> frozenset[str]:
    """What a phrasing asks.

    Args:
        message: of ``read_examples``.

    Returns:
        Its intent, and the second one of a double question.
    """
    metadata = (message.get("metadata") or {}).get("example") or {}
    return frozenset({message.get("intent"), metadata.get(ALSO, message.get("intent"))})


class _InMemory(TrainingDataImporter):
    """Hands over training data that stands in no file, so no text is taken for markup."""

    def __init__(self, data: TrainingData) -> None:
        self.data = data

    def get_domain(self) -> Domain:
        return Domain.empty()

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        return None

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        return self.data


def _graph(config: Mapping[str, Any]) -> GraphModelConfiguration:
    return DefaultV1Recipe().graph_config_for_recipe(
        {**config}, cli_parameters={}, training_type=TrainingType.NLU, is_finetuning=False
    )


def _with_stopped_clock(schema: GraphSchema) -> GraphSchema:
    """The schema with ``READ_ON`` in each component that has an option for the day."""
    for node in schema.nodes.values():
        if "today" in node.uses.get_default_config():
            node.config["today"] = READ_ON.isoformat()
    return schema


@contextmanager
def _silence() -> Iterator[None]:
    """Rasa and its libraries log and warn at every training; what a measurement says must not drown in it."""
    level, variable = logging.root.manager.disable, os.environ.get("LOG_LEVEL")
    logging.disable(logging.WARNING)
    os.environ["LOG_LEVEL"] = "ERROR"  # Rasa shows its progress bars unless this says so
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
        if variable is None:
            del os.environ["LOG_LEVEL"]
        else:
            os.environ["LOG_LEVEL"] = variable
