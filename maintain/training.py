"""Trains a model on Rasa's own graph, in one run: nothing is read twice, and nothing is hashed for a cache.

``rasa train`` reads and checks the phrasings several times over, and takes a fingerprint of every message after every
component, to reuse what has not changed. Here all is trained anew, since Rasa does not see that documents, facts or the
encoder changed, so that was for nothing (docs/decisions/0012-training-time.md).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import yaml
from rasa.cli.utils import validate_files
from rasa.engine.constants import PLACEHOLDER_IMPORTER
from rasa.engine.graph import ExecutionContext, GraphModelConfiguration
from rasa.engine.recipes.recipe import Recipe
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.training.hooks import LoggingHook
from rasa.engine.validation import validate
from rasa.shared.core.domain import Domain
from rasa.shared.data import TrainingType
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import E2EImporter, ResponsesSyncImporter, TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.utils.common import configure_logging_and_warnings
from rasa.utils.io import configure_colored_logging

from faq.errors import FaqError
from faq.phrasings import read_phrasings

PHRASINGS_ONLY = {"version", "nlu"}
"""Keys of a file that the quick reader takes; a file with others is Rasa's to read."""


def train_graph(importer: TrainingDataImporter, configuration: GraphModelConfiguration, archive: Path) -> None:
    """Runs the training graph and packs the model, as Rasa's ``GraphTrainer`` does when it is told to reuse nothing.

    Args:
        importer: of the training data.
        configuration: of ``Recipe.graph_config_for_recipe``.
        archive: where the model goes.
    """
    domain, schema = importer.get_domain(), configuration.train_schema
    with tempfile.TemporaryDirectory() as folder:
        storage = LocalModelStorage(Path(folder))
        runner = DaskGraphRunner.create(schema, storage, ExecutionContext(schema), hooks=[LoggingHook(schema)])
        runner.run(inputs={PLACEHOLDER_IMPORTER: importer})
        storage.create_model_package(archive, configuration, domain)


class ProjectImporter(RasaFileImporter):
    """Rasa's importer of a project's files, which reads each file once, and phrasings with the parser that is in C."""

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The phrasings, the same as Rasa's importer gives."""
        return self._nlu_data

    def get_domain(self) -> Domain:
        """The domain."""
        return self._domain

    @cached_property
    def _nlu_data(self) -> TrainingData:
        return TrainingData().merge(*(read_nlu(Path(file)) for file in self._nlu_files))

    @cached_property
    def _domain(self) -> Domain:
        return super().get_domain()


def read_nlu(path: Path) -> TrainingData:
    """Reads a file of phrasings as Rasa does, in a tenth of the time.

    Args:
        path: the file.

    Returns:
        Its phrasings.
    """
    reader = _Reader()
    reader.filename = str(path)
    return reader.reads(path.read_text(encoding="utf-8"))


class _Reader(RasaYAMLReader):
    def reads(self, string: str, **kwargs: object) -> TrainingData:
        content = yaml.load(string, Loader=yaml.CBaseLoader)  # noqa: S506  (makes nothing but strings, lists and dicts)
        if set(content) - PHRASINGS_ONLY:
            return super().reads(string, **kwargs)
        self._parse_nlu(content["nlu"])
        return TrainingData(self.training_examples, self.entity_synonyms, self.regex_features, self.lookup_tables)


def main(words: Sequence[str]) -> None:
    """Trains the project in the working folder.

    Args:
        words: the command line, with ``--out`` and ``--fixed-model-name`` as of ``rasa train``.

    Raises:
        PhrasingError: a file of phrasings is not well formed.
        SystemExit: Rasa objects to the domain or to the rules.
    """
    parser = argparse.ArgumentParser(description="Train a model.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fixed-model-name", required=True)
    arguments = parser.parse_args(words)
    configure_colored_logging(os.environ.get("LOG_LEVEL", "INFO"))  # says which component is trained
    configure_logging_and_warnings()
    read_phrasings(Path("data/nlu"))  # names file and line of what is not well formed
    importer = E2EImporter(ResponsesSyncImporter(ProjectImporter("config.yml", "domain.yml", ["data"])))
    validate_files(fail_on_warnings=False, max_history=None, importer=importer)
    train_graph(importer, _configuration(importer), arguments.out / f"{arguments.fixed_model_name}.tar.gz")


def _configuration(importer: TrainingDataImporter) -> GraphModelConfiguration:
    config = importer.get_config()
    recipe = Recipe.recipe_for_name(config.get("recipe"))
    config, _, _ = recipe.auto_configure(importer.get_config_file_for_auto_config(), config, TrainingType.BOTH)
    configuration = recipe.graph_config_for_recipe(config, {}, training_type=TrainingType.BOTH, is_finetuning=False)
    validate(configuration)
    return configuration


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (FaqError, RasaException) as error:
        sys.exit(str(error))
