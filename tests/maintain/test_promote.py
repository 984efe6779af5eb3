"""Promotion through the gate, and the way back."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from faq.errors import ModelError
from maintain import promote as command
from maintain.gate import RefusedError, Tolerance
from maintain.judge import Judgement, Show
from maintain.models import Models
from tests.maintain.small_project import add_model, change_encoder, fake_judge, small_project, write_table

REASON = "measured by hand on the ward, it is better"
SILENT = {"help, it fell": "none"}
WORSE = {"how much light": "watering"}


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project with a current model."""
    made = small_project(tmp_path)
    made.promote(add_model(made, "one"), "train")
    return made


def promote(models: Models, name: str, override: str | None = None) -> list[str]:
    found = command.promote(models, name, Tolerance(), override=override, judge=fake_judge)
    return [each.kind for each in found]


def test_promote_makes_current_what_is_as_good(models: Models) -> None:
    assert promote(models, add_model(models, "two")) == []
    assert models.checked().name == "two.tar.gz"
    assert models.history.entries()[-1]["before"] == "one.tar.gz"


def test_promote_takes_the_first_one_as_it_is(tmp_path: Path) -> None:
    models = small_project(tmp_path)
    assert promote(models, add_model(models, "one", SILENT)) == []


def test_promote_refuses_what_is_worse_and_says_the_way(models: Models) -> None:
    with pytest.raises(RefusedError, match=r"(?s)GAT01.*intents in scope: 1/2.*--override"):
        promote(models, add_model(models, "two", WORSE))
    assert models.checked().name == "one.tar.gz"


def test_promote_keeps_the_reason_of_an_override(models: Models) -> None:
    assert promote(models, add_model(models, "two", WORSE), REASON) == ["in_scope"]
    (kept,) = models.manifest("two.tar.gz")["overrides"]
    line = models.history.entries()[-1]
    assert kept["override"] == line["override"] == REASON
    assert line["objections"][0]["kind"] == "in_scope"
    assert models.checked().name == "two.tar.gz"


def test_promote_refuses_a_silenced_red_flag_whatever_the_reason(models: Models) -> None:
    """A poisoned label: the model that learned it no longer sees a red flag that the current one sees."""
    with pytest.raises(RefusedError, match=r"(?s)emergency before is now none: help, it fell.*no override"):
        promote(models, add_model(models, "two", SILENT), REASON)
    assert models.checked().name == "one.tar.gz"
    assert models.manifest("two.tar.gz")["overrides"] == []


def test_promote_does_not_forget_a_red_flag_that_was_taken_out_of_the_table(models: Models) -> None:
    write_table(models.root, "red_flags.csv", ("text", "urgency"), [("for three weeks", "doctor")])
    with pytest.raises(RefusedError, match="help, it fell"):
        promote(models, add_model(models, "two", SILENT))
    assert "help, it fell" in models.manifest("two.tar.gz")["asked"]


def test_promote_remembers_it_over_generations(models: Models) -> None:
    write_table(models.root, "red_flags.csv", ("text", "urgency"), [("for three weeks", "doctor")])
    promote(models, add_model(models, "two"))
    with pytest.raises(RefusedError, match="help, it fell"):
        promote(models, add_model(models, "three", SILENT))


def test_promote_judges_anew_after_the_vocabulary_changed(models: Models) -> None:
    name = add_model(models, "two")
    (models.root / "data" / "facts" / "symptoms.toml").write_text("# changed")
    (models.folder / name).write_text(json.dumps(SILENT))
    manifest = models.manifest(name)
    from faq.model_files import file_hash, manifest_path

    manifest["hashes"]["archive"] = file_hash(models.folder / name)
    manifest_path(models.folder, name).write_text(json.dumps(manifest))
    with pytest.raises(RefusedError, match="help, it fell"):
        promote(models, name)


def test_promote_measures_the_current_model_on_new_messages(models: Models) -> None:
    name = add_model(models, "two", WORSE)
    rows = [("1", "how much light", "light", "none", ""), ("2", "another", "light", "none", "")]
    write_table(models.root, "../evaluation/development.csv", ("id", "text", "intents", "urgency", "note"), rows)
    with pytest.raises(RefusedError, match=r"intents in scope: 1/2, before 2/2"):
        promote(models, name)
    assert models.manifest("one.tar.gz")["metrics"]["small talk"] == [0, 0], "the current manifest stays as it was"
    assert models.manifest("one.tar.gz")["messages"] != models.manifest(name)["messages"]


def test_promote_does_not_ask_a_model_of_another_encoder(models: Models) -> None:
    change_encoder(models)
    name = add_model(models, "two")
    rows = [("1", "how much light", "light", "none", "")]
    write_table(models.root, "../evaluation/development.csv", ("id", "text", "intents", "urgency", "note"), rows)

    def judge(archive: Path, root: Path, more: Sequence[str], show: Show) -> Judgement:
        assert archive.name == name, "the graph of the other one would not load"
        return fake_judge(archive, root, more, show)

    assert command.promote(models, name, Tolerance(), judge=judge) == []


def test_promote_refuses_a_damaged_model(models: Models) -> None:
    (models.folder / add_model(models, "two")).write_text("half")
    with pytest.raises(ModelError, match="MOD03"):
        promote(models, "two.tar.gz", REASON)


def called(models: Models, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setenv("FAQ_MODELS", str(models.folder))
    monkeypatch.setattr(command, "ROOT", models.root)
    monkeypatch.setattr(command.promote, "__defaults__", (None, "promote", fake_judge))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


def test_promote_tells_programs(
    models: Models, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_model(models, "two", WORSE)
    assert called(models, monkeypatch, "two", "--json") == command.REFUSED
    told = json.loads(capsys.readouterr().out)
    assert (told["promoted"], [each["kind"] for each in told["objections"]]) == (False, ["in_scope"])
    assert called(models, monkeypatch, "two.tar.gz", "--json", "--override", REASON) == 0
    assert json.loads(capsys.readouterr().out)["promoted"] is True


@pytest.mark.parametrize("reason", ["", "because", "   short    and    wide      "])
def test_promote_wants_a_real_reason(models: Models, monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        called(models, monkeypatch, "one", "--override", reason)


@pytest.mark.parametrize("name", ["three", "../one", "one.json", ""])
def test_promote_knows_no_other_files(models: Models, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(ModelError, match="MOD02"):
        called(models, monkeypatch, name)
