"""Training, with a small script in Rasa's place."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from faq.errors import ModelError
from maintain import train as command
from maintain.models import INPUTS, Models
from maintain.settings import ROOT

FAKE = """
import pathlib, sys
out, name = sys.argv[sys.argv.index("--out") + 1], sys.argv[sys.argv.index("--fixed-model-name") + 1]
print("INFO  rasa.engine  - Starting to train component 'SomeFeaturizer'.")
print("a hundred lines nobody reads")
pathlib.Path(out, name + ".tar.gz").write_text("archive")
"""


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project that can be trained."""
    for pattern in INPUTS:
        path = tmp_path / pattern.replace("**/*", "one")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pattern)
    return Models(tmp_path / "models", tmp_path)


def script(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_train_promotes_what_was_trained(models: Models, capsys: pytest.CaptureFixture[str]) -> None:
    current = command.train(models, script(FAKE))
    assert models.checked().read_text() == "archive"
    assert models.current() == current
    assert models.why_train() is None
    shown = capsys.readouterr().out
    assert "SomeFeaturizer" in shown
    assert "nobody reads" not in shown
    assert "nobody reads" in (models.root / "var" / "train.log").read_text()


def test_train_leaves_only_the_archive_and_the_record(models: Models) -> None:
    current = command.train(models, script(FAKE))
    assert sorted(path.name for path in models.folder.iterdir()) == [current.model, "current.json"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("print('YamlSyntaxException: domain.yml, line 3'); raise SystemExit(1)", "MOD05.*domain.yml, line 3"),
        (FAKE + "raise SystemExit(2)", "MOD05"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "MOD05"),
        ("pass", "MOD06"),
    ],
)
def test_train_that_fails_keeps_the_current_model(models: Models, code: str, message: str) -> None:
    before = command.train(models, script(FAKE))
    with pytest.raises(ModelError, match=message):
        command.train(models, script(code))
    assert models.current() == before
    assert models.checked().name == before.model
    assert not list(models.folder.glob(".training-*"))


def test_train_during_which_data_changed_is_out_of_date(models: Models) -> None:
    command.train(models, script(FAKE + f"pathlib.Path({str(models.root)!r}, 'domain.yml').write_text('new')"))
    assert models.why_train() is not None


def test_train_is_needed_until_done(models: Models) -> None:
    assert command.is_needed(models)
    command.train(models, script(FAKE))
    assert not command.is_needed(models)


@pytest.mark.parametrize("damaged", ["record", "archive"])
def test_train_is_needed_where_the_model_is_damaged(models: Models, damaged: str) -> None:
    current = command.train(models, script(FAKE))
    (models.record if damaged == "record" else models.folder / current.model).write_text("damage")
    assert command.is_needed(models)
    command.train(models, script(FAKE))
    assert models.checked()


@pytest.mark.parametrize(("words", "expected"), [([], False), (["--if-needed"], True)])
def test_train_options(words: list[str], expected: bool) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert parser.parse_args(words).if_needed is expected


TRAIN = """
import sys
from pathlib import Path
from maintain import __main__ as cli, train
from maintain.models import Models
root = Path(sys.argv[1])
train.run = lambda arguments: train.train(Models(root / "models", root), [sys.executable, "-c", sys.argv[2]])
sys.exit(cli.main(["train"]))
"""


@pytest.mark.server
def test_train_that_is_stopped_leaves_nothing_behind(models: Models) -> None:
    pid = models.root / "pid"
    slow = f"import os, pathlib, time; pathlib.Path({str(pid)!r}).write_text(str(os.getpid())); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", TRAIN, str(models.root), slow], cwd=ROOT)
    while not (pid.exists() and pid.read_text()):
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    assert not Path(f"/proc/{pid.read_text()}").exists()
    assert list(models.folder.iterdir()) == []
