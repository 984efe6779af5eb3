"""Going back to an earlier model."""

from __future__ import annotations

from pathlib import Path

import pytest

from faq.errors import ModelError
from maintain.models import Models
from maintain.rollback import rollback
from tests.maintain.small_project import add_model, change_encoder, small_project


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project in which three models were promoted one after the other."""
    made = small_project(tmp_path)
    for name in ("one", "two", "three"):
        made.promote(add_model(made, name))
    return made


def test_rollback_goes_back_step_by_step(models: Models) -> None:
    assert rollback(models) == ("two.tar.gz", [])
    assert models.checked().name == "two.tar.gz"
    assert rollback(models)[0] == "one.tar.gz"
    with pytest.raises(ModelError, match="RBK01"):
        rollback(models)
    assert models.checked().name == "one.tar.gz"


def test_rollback_after_a_new_promotion_goes_to_what_it_replaced(models: Models) -> None:
    rollback(models)
    models.promote(add_model(models, "four"))
    assert rollback(models)[0] == "two.tar.gz"


def test_rollback_is_kept_in_the_history(models: Models) -> None:
    rollback(models)
    assert [(line["how"], line["model"], line["before"]) for line in models.history.entries()][-1] == (
        "rollback",
        "two.tar.gz",
        "three.tar.gz",
    )


def test_rollback_passes_over_a_model_that_was_deleted(models: Models) -> None:
    (models.folder / "two.tar.gz").unlink()
    assert rollback(models)[0] == "one.tar.gz"


def test_rollback_survives_a_history_that_a_crash_cut_off(models: Models) -> None:
    with models.history.path.open("a") as file:
        file.write('{"at": "2024-01-')
    assert rollback(models)[0] == "two.tar.gz"


def test_rollback_to_a_damaged_model_changes_nothing(models: Models) -> None:
    (models.folder / "two.tar.gz").write_text("damage")
    with pytest.raises(ModelError, match="MOD03"):
        rollback(models)
    assert models.checked().name == "three.tar.gz"


def test_rollback_is_no_reason_to_train(models: Models) -> None:
    (models.root / "data" / "nlu" / "light.yml").write_text("# labelled")
    models.promote(add_model(models, "four"))
    rollback(models)
    assert models.why_train() is None
    (models.root / "data" / "nlu" / "light.yml").write_text("# labelled again")
    assert models.why_train() is not None


def test_rollback_refuses_where_the_encoder_has_changed(models: Models) -> None:
    change_encoder(models)
    with pytest.raises(ModelError, match=r"RBK03.*make setup"):
        rollback(models)


def test_rollback_refuses_where_the_document_has_changed(models: Models) -> None:
    (document,) = (models.root / "data" / "documents").glob("*.md")
    document.write_text(document.read_text() + "One more sentence.\n")
    with pytest.raises(ModelError, match="RBK02"):
        rollback(models)


def test_rollback_tells_what_it_does_not_bring_back(models: Models) -> None:
    (models.root / "data" / "facts" / "symptoms.toml").write_text("# changed")
    assert rollback(models) == ("two.tar.gz", ["facts"])
