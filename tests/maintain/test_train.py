"""Training, with a small script in Rasa's place."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from faq.errors import ModelError
from faq.model_files import manifest_path
from maintain import promote
from maintain import train as command
from maintain.gate import RefusedError
from maintain.models import Models
from maintain.settings import ROOT
from tests.maintain.small_project import add_model, fake_judge, small_project
from tests.patience import PATIENCE, wait_until

FAKE = """
import pathlib, sys
out, name = sys.argv[sys.argv.index("--out") + 1], sys.argv[sys.argv.index("--fixed-model-name") + 1]
print("INFO  rasa.engine  - Starting to train component 'SomeFeaturizer'.")
print("a hundred lines nobody reads")
pathlib.Path(out, name + ".tar.gz").write_text({says!r})
"""


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project that can be trained."""
    return small_project(tmp_path)


def script(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def fake(**says: str) -> str:
    return FAKE.format(says=json.dumps(says))


def train(models: Models, code: str | None = None) -> str:
    name = command.candidate(models, script(code or fake()), fake_judge)
    command.pass_gate(models, name, fake_judge)
    return name


def test_train_promotes_what_was_trained(models: Models, capsys: pytest.CaptureFixture[str]) -> None:
    name = train(models)
    assert models.checked().name == name
    assert models.why_train() is None
    shown = capsys.readouterr().out
    assert "SomeFeaturizer" in shown
    assert "nobody reads" not in shown
    assert "nobody reads" in (models.root / "var" / "train.log").read_text()


def test_train_takes_down_what_a_model_is_made_of(models: Models) -> None:
    manifest = models.manifest(train(models))
    parts = ["archive", "code", "config", "data", "documents", "domain", "encoder", "facts", "lock", "triage"]
    assert sorted(manifest["hashes"]) == parts
    assert manifest["versions"]["rasa"] == "3.6.21"
    assert manifest["versions"]["python"].startswith("3.10")
    assert manifest["seed"] is None
    assert manifest["metrics"]["red flags"] == [2, 2]
    assert manifest["asked"]["help, it fell"] == ["emergency", "emergency"]
    assert manifest["sentences"]["window-sill-plants"][0][0] == "watering"


def test_train_leaves_only_the_archive_and_its_records(models: Models) -> None:
    name = train(models)
    there = [".lock", name.replace(".tar.gz", ".json"), name, "current.json", "history.jsonl"]
    assert sorted(path.name for path in models.folder.iterdir()) == there


def test_train_makes_a_candidate_and_leaves_the_current_model(models: Models) -> None:
    before = train(models)
    name = command.candidate(models, script(fake()), fake_judge)
    assert name > before
    assert models.checked().name == before
    assert models.archive(name)


def test_train_passes_the_gate_where_there_is_a_current_model(models: Models) -> None:
    before = train(models)
    with pytest.raises(RefusedError, match=r"GAT01.*"):
        train(models, fake(**{"help, it fell": "none"}))
    assert models.checked().name == before


def test_train_past_a_damaged_model_promotes_directly(models: Models) -> None:
    (models.folder / train(models)).write_text("damage")
    name = train(models, fake(**{"how much light": "watering"}))
    assert models.checked().name == name


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print('YamlSyntaxException: domain.yml, line 3'); raise SystemExit(1)", "MOD05.*domain.yml, line 3"),
        (fake() + "raise SystemExit(2)", "MOD05"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "MOD05"),
        ("pass", "MOD06"),
    ],
)
def test_train_that_fails_keeps_the_current_model(models: Models, code: str, message: str) -> None:
    before = train(models)
    with pytest.raises(ModelError, match=message):
        train(models, code)
    assert models.checked().name == before
    assert models.names() == [before]
    assert not list(models.folder.glob(".training-*"))


def test_train_whose_model_cannot_be_asked_keeps_the_current_model(models: Models) -> None:
    before = train(models)
    with pytest.raises(ValueError, match="Expecting value"):
        train(models, FAKE.format(says="half an archive"))
    assert models.names() == [before]
    assert models.checked().name == before


def test_train_during_which_data_changed_is_out_of_date(models: Models) -> None:
    change = f"pathlib.Path({str(models.root)!r}, 'domain.yml').write_text('new')"
    name = command.candidate(models, script(fake() + change), fake_judge)
    assert models.manifest(name)["fingerprint"] != models.fingerprint()


def test_train_is_needed_until_done(models: Models) -> None:
    assert command.is_needed(models)
    train(models)
    assert not command.is_needed(models)


@pytest.mark.parametrize("damaged", ["record", "archive"])
def test_train_is_needed_where_the_model_is_damaged(models: Models, damaged: str) -> None:
    name = train(models)
    (models.record if damaged == "record" else models.folder / name).write_text("damage")
    assert command.is_needed(models)
    train(models)
    assert models.checked()


def called(models: Models, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setenv("FAQ_MODELS", str(models.folder))
    monkeypatch.setattr(command, "ROOT", models.root)
    monkeypatch.setattr(command.candidate, "__defaults__", (script(fake()), fake_judge))
    monkeypatch.setattr(command.pass_gate, "__defaults__", (fake_judge,))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


def test_train_tells_programs(
    models: Models, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(models, monkeypatch, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["trained"], told["promoted"]) == (models.checked().name, True)
    assert called(models, monkeypatch, "--json", "--if-needed") == 0
    assert json.loads(capsys.readouterr().out) == {"trained": None, "promoted": False}
    assert called(models, monkeypatch, "--json", "--no-promote") == 0
    assert json.loads(capsys.readouterr().out)["promoted"] is False


def test_train_does_not_train_again_what_the_gate_refused(
    models: Models, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    train(models)
    (models.root / "domain.yml").write_text("changed")
    refused = add_model(models, "20990101-000000", {"help, it fell": "none"})
    capsys.readouterr()
    assert called(models, monkeypatch, "--if-needed", "--json") == promote.REFUSED
    told = json.loads(capsys.readouterr().out)
    assert (told["trained"], told["promoted"]) == (refused, False)
    assert told["refused"][0]["kind"] == "red_flag"


def test_train_clears_away_what_a_killed_training_left(models: Models) -> None:
    left, in_use = models.folder / ".training-killed", models.folder / ".training-running"
    for folder in (left, in_use):
        folder.mkdir()
        (folder / "half.tar.gz").write_text("half an archive")
    handle = os.open(in_use, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    train(models)
    os.close(handle)
    assert [path.name for path in models.folder.glob(".training-*")] == [in_use.name]


def test_train_tells_what_remains(models: Models, capsys: pytest.CaptureFixture[str]) -> None:
    first = train(models)
    manifest = models.manifest(first)
    manifest_path(models.folder, first).write_text(json.dumps({**manifest, "seconds": 900}))
    says = "print(\"Starting to train component 'Slow'\");"
    command.candidate(models, script(says + fake()), fake_judge)
    assert re.search(r"Slow, about \d{3} s remain", capsys.readouterr().out)


TRAIN = """
import sys
from pathlib import Path
from maintain import __main__ as cli, train
from maintain.models import Models
root = Path(sys.argv[1])
train.run = lambda arguments: train.candidate(Models(root / "models", root), [sys.executable, "-c", sys.argv[2]])
sys.exit(cli.main(["train"]))
"""


@pytest.mark.server
def test_train_that_is_stopped_leaves_nothing_behind(models: Models) -> None:
    pid = models.root / "pid"
    slow = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", TRAIN, str(models.root), slow], cwd=ROOT)
    wait_until(lambda: pid.exists() and pid.read_text())
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not Path(f"/proc/{pid.read_text()}").exists()
    assert list(models.folder.iterdir()) == []
