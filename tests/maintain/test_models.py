"""The folder of trained models."""

from __future__ import annotations

import argparse
import json
import threading
from pathlib import Path

import pytest

from faq.errors import ModelError
from maintain import models as command
from maintain.models import INPUTS, Models
from tests.maintain.small_project import add_model, small_project


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project without a model."""
    return small_project(tmp_path)


@pytest.fixture
def promoted(models: Models) -> Models:
    """The same with a current model."""
    models.promote(add_model(models, "one"), "train")
    return models


def one_of(root: Path, pattern: str) -> Path:
    return next(path for path in sorted(root.glob(pattern)) if path.is_file())


def test_models_check_the_promoted_archive(promoted: Models) -> None:
    assert promoted.checked() == promoted.folder / "one.tar.gz"
    assert promoted.why_train() is None


def test_models_promote_leaves_nothing_else_behind(promoted: Models) -> None:
    there = sorted(path.name for path in promoted.folder.iterdir())
    assert there == [".lock", "current.json", "history.jsonl", "one.json", "one.tar.gz"]


@pytest.mark.parametrize("pattern", INPUTS)
def test_models_are_outdated_after_a_change_of(promoted: Models, pattern: str) -> None:
    path = one_of(promoted.root, pattern)
    path.write_text(path.read_text() + "\n")
    assert "older than" in (promoted.why_train() or "")


def test_models_are_outdated_after_a_file_was_renamed(promoted: Models) -> None:
    path = promoted.root / "data" / "nlu" / "light.yml"
    path.rename(path.with_name("two.yml"))
    assert "older than" in (promoted.why_train() or "")


@pytest.mark.parametrize("pattern", INPUTS)
def test_models_name_a_missing_input(models: Models, pattern: str) -> None:
    for path in models.root.glob(pattern):
        path.unlink()
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


def test_models_refuse_an_archive_whose_manifest_was_made_to_fit(promoted: Models) -> None:
    add_model(promoted, "one", {"how much light": "watering"})
    with pytest.raises(ModelError, match=r"MOD03.*promoted"):
        promoted.checked()


def test_models_refuse_to_promote_what_does_not_fit_its_manifest(promoted: Models) -> None:
    (promoted.folder / add_model(promoted, "two")).write_text("half writ")
    with pytest.raises(ModelError, match=r"MOD03.*two"):
        promoted.promote("two.tar.gz")
    assert promoted.checked().name == "one.tar.gz"


def test_models_ask_for_training_without_a_manifest(promoted: Models) -> None:
    (promoted.folder / "one.json").unlink()
    assert "no manifest" in (promoted.why_train() or "")
    with pytest.raises(ModelError, match="MOD07"):
        promoted.checked()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_models_refuse_a_damaged_manifest(promoted: Models, content: str) -> None:
    (promoted.folder / "one.json").write_text(content)
    with pytest.raises(ModelError, match="MOD08"):
        promoted.checked()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", json.dumps({"model": "one.tar.gz"})])
def test_models_refuse_a_damaged_record(promoted: Models, content: str) -> None:
    promoted.record.write_text(content)
    with pytest.raises(ModelError, match=r"MOD01.*make train"):
        promoted.why_train()


def test_models_are_promoted_once_where_two_people_do_it(promoted: Models) -> None:
    add_model(promoted, "two")
    add_model(promoted, "three")
    promoted.promote("two.tar.gz", expected="one.tar.gz")
    with pytest.raises(ModelError, match=r"MOD09.*two"):
        promoted.promote("three.tar.gz", expected="one.tar.gz")


def test_models_readers_never_see_half_a_record(promoted: Models) -> None:
    add_model(promoted, "two")
    seen: list[str] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(promoted.checked().name)

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(40):
        promoted.promote(("one.tar.gz", "two.tar.gz")[turn % 2])
    stop.set()
    reader.join()
    assert set(seen) <= {"one.tar.gz", "two.tar.gz"}
    assert len(seen) > 1


def listed(models: Models, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    monkeypatch.setenv("FAQ_MODELS", str(models.folder))
    monkeypatch.setattr(command, "ROOT", models.root)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(words)) == 0
    return capsys.readouterr().out


def test_models_lists_all(
    promoted: Models, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (promoted.folder / "two.tar.gz").write_text("no manifest")
    first, second = listed(promoted, capsys, monkeypatch).splitlines()
    assert first.startswith("* one.tar.gz")
    assert "d ago" in first
    assert "intents in scope 2/2" in first
    assert "red flags 2/2" in first
    assert second.startswith("  two.tar.gz  [MOD07]")


def test_models_lists_all_as_json(
    promoted: Models, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = json.loads(listed(promoted, capsys, monkeypatch, "--json"))
    assert (row["model"], row["current"], row["fault"]) == ("one.tar.gz", True, None)
    assert row["metrics"]["intents in scope"] == [2, 2]
    assert row["age"] > 0
