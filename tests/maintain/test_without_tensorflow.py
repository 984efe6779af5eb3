"""Rasa without TensorFlow: what is left out, when it is not, and what happens to what needs it after all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from maintain import without_tensorflow
from maintain.settings import ROOT
from maintain.without_tensorflow import NEEDING, leave_out_tensorflow, needs_tensorflow

RASA = """
import sys
import spacy
import rasa.__main__, rasa.core.agent, rasa.model_training
from rasa.engine.recipes.default_components import DEFAULT_COMPONENTS
import tensorflow
print(len(DEFAULT_COMPONENTS), hasattr(tensorflow, "__version__"), "jax" in sys.modules)
"""

DIET = """
from rasa.nlu.classifiers.diet_classifier import DIET
from faq.errors import SetupError
try:
    DIET({}, {}, False, {})
except SetupError as error:
    print(error)
"""

MONGO = """
from rasa.core.tracker_store import MongoTrackerStore
import medspacy.context, twilio, sys
from faq.errors import SetupError
print("nltk" in sys.modules)
try:
    MongoTrackerStore(None)
except SetupError as error:
    print(error)
"""

CONFIG = "recipe: default.v1\npipeline:\n  - name: {component}\npolicies:\n  - name: {policy}\n"


def quietly(code: str, tmp_path: Path) -> str:
    """What a module prints that is run as the servers are."""
    (tmp_path / "asked.py").write_text(code, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-m", "maintain.quiet", "asked"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT, env=environment, check=True)
    return done.stdout.strip()


def test_without_tensorflow_rasa_and_all_its_components_are_imported(tmp_path: Path) -> None:
    count, has_version, has_jax = quietly(RASA, tmp_path).split()
    assert int(count) > 20
    assert (has_version, has_jax) == ("False", "False")


def test_without_tensorflow_what_needs_it_fails_and_says_what_to_do(tmp_path: Path) -> None:
    printed = quietly(DIET, tmp_path)
    assert printed.startswith("[TFL01] ")
    assert "train anew" in printed
    assert "maintain/without_tensorflow.py" in printed


def test_without_tensorflow_what_needs_an_unused_library_fails_and_says_what_to_do(tmp_path: Path) -> None:
    has_nltk, printed = quietly(MONGO, tmp_path).splitlines()
    assert has_nltk == "False"
    assert printed.startswith("[TFL02] pymongo.")
    assert "UNUSED in maintain/without_tensorflow.py" in printed


def test_without_tensorflow_the_configuration_does_not_need_it() -> None:
    assert not needs_tensorflow(yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8")))


def test_without_tensorflow_a_malformed_component_is_rasas_affair() -> None:
    assert not needs_tensorflow({"pipeline": ["A"], "policies": [{"name": None}]})


@pytest.mark.parametrize("component", sorted(NEEDING))
@pytest.mark.parametrize("prefix", ["", "rasa.some.module."])
def test_without_tensorflow_it_is_left_in_for_what_needs_it(component: str, prefix: str) -> None:
    needing, other = [{"name": prefix + component}], [{"name": "RulePolicy"}]
    assert needs_tensorflow({"pipeline": needing, "policies": other})
    assert needs_tensorflow({"pipeline": other, "policies": needing})


@pytest.mark.parametrize("config", [{}, {"pipeline": None, "policies": None}, {"pipeline": [{"name": "A"}]}])
def test_without_tensorflow_it_is_left_in_where_rasa_chooses_the_components(config: dict[str, object]) -> None:
    assert needs_tensorflow(config)


@pytest.mark.parametrize(
    ("component", "rasa", "left_out"),
    [("A", "3.6.21", True), ("DIETClassifier", "3.6.21", False), ("A", "3.6.22", False)],
)
def test_without_tensorflow_imports_change_only_where_they_may(
    component: str, rasa: str, left_out: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without_tensorflow, "version", lambda _: rasa)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    config = tmp_path / "config.yml"
    config.write_text(CONFIG.format(component=component, policy="RulePolicy"), encoding="utf-8")
    before = list(sys.meta_path)
    assert leave_out_tensorflow(config) is left_out
    assert (sys.meta_path != before) is left_out


@pytest.mark.parametrize("content", ["", "- a", "pipeline: [", None])
def test_without_tensorflow_a_broken_configuration_is_rasas_affair(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    config = tmp_path / "config.yml"
    if content is not None:
        config.write_text(content, encoding="utf-8")
    assert not leave_out_tensorflow(config)
