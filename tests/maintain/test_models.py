"""The folder of trained models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faq.errors import ModelError
from maintain.models import INPUTS, Models


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project with one file for each thing that a model depends on, and no model."""
    for pattern in INPUTS:
        path = tmp_path / pattern.replace("**/*", "sub/one")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pattern)
    (tmp_path / "models").mkdir()
    return Models(tmp_path / "models", tmp_path)


@pytest.fixture
def promoted(models: Models) -> Models:
    """The same with a current model."""
    (models.folder / "one.tar.gz").write_text("archive")
    models.promote("one.tar.gz", models.fingerprint(), "2024-01-01T00:00:00+00:00")
    return models


def test_models_check_the_promoted_archive(promoted: Models) -> None:
    assert promoted.checked() == promoted.folder / "one.tar.gz"
    assert promoted.why_train() is None


def test_models_promote_leaves_nothing_else_behind(promoted: Models) -> None:
    assert sorted(path.name for path in promoted.folder.iterdir()) == ["current.json", "one.tar.gz"]


@pytest.mark.parametrize("pattern", INPUTS)
def test_models_are_outdated_after_a_change_of(promoted: Models, pattern: str) -> None:
    (promoted.root / pattern.replace("**/*", "sub/one")).write_text("changed")
    assert "older than" in (promoted.why_train() or "")


def test_models_are_outdated_after_a_file_was_renamed(promoted: Models) -> None:
    path = promoted.root / "data" / "nlu" / "sub" / "one.yml"
    path.rename(path.with_name("two.yml"))
    assert "older than" in (promoted.why_train() or "")


@pytest.mark.parametrize("pattern", INPUTS)
def test_models_name_a_missing_input(models: Models, pattern: str) -> None:
    (models.root / pattern.replace("**/*", "sub/one")).unlink()
    with pytest.raises(ModelError, match="MOD04") as raised:
        models.fingerprint()
    assert pattern in str(raised.value)


def test_models_ask_for_training_where_there_is_none(models: Models) -> None:
    assert models.why_train() == "there is no model yet"


def test_models_ask_for_training_where_the_archive_is_gone(promoted: Models) -> None:
    (promoted.folder / "one.tar.gz").unlink()
    assert promoted.why_train() == "there is no model yet"
    with pytest.raises(ModelError, match="MOD02"):
        promoted.checked()


def test_models_refuse_another_archive(promoted: Models) -> None:
    (promoted.folder / "one.tar.gz").write_text("something else")
    with pytest.raises(ModelError, match="MOD03"):
        promoted.checked()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", json.dumps({"model": "one.tar.gz"})])
def test_models_refuse_a_damaged_record(promoted: Models, content: str) -> None:
    promoted.record.write_text(content)
    with pytest.raises(ModelError, match=r"MOD01.*make train"):
        promoted.why_train()
