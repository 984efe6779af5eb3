"""Trainings that are timed: of this project, of copies of it, and of the stock assistant."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from maintain.bench.growing import Example
from maintain.bench.processes import run
from maintain.bench.results import stamp
from maintain.bench.stock import own_answers, stock_config, write_project
from maintain.settings import QUIET

EPOCHS = 100
"""Of the stock assistant's components, as Rasa sets them."""

SHORT = 2
"""Epochs of a training that shows what is not due to the epochs."""

WITHIN = 1200
"""Seconds after which a training of ours is given up."""


def train_ours(project: Path, archive: Path, vectors: Path | None = None, within: float = WITHIN) -> dict[str, Any]:
    """Trains this project's pipeline, as `make train` does but for asking the model afterwards.

    Args:
        project: the folder.
        archive: where the model goes.
        vectors: where vectors of texts are kept from training to training; None: nowhere.
        within: seconds after which it is given up.

    Returns:
        ``seconds``, ``processor`` seconds, ``peak`` of memory, and ``megabytes`` of the model.

    Raises:
        BenchError: the training failed.
    """
    kept = {"FAQ_VECTORS": str(vectors)} if vectors else {}
    environment = {name: value for name, value in os.environ.items() if name != "FAQ_VECTORS"} | QUIET | kept
    out = ["--out", str(archive.parent), "--fixed-model-name", archive.name.removesuffix(".tar.gz")]
    command = [sys.executable, "-m", "maintain.quiet", "maintain.training", *out]
    archive.parent.mkdir(parents=True, exist_ok=True)
    done = run(command, project, environment, archive.with_suffix(".log"), within)
    return {**asdict(done), "megabytes": size(archive)}


def train_stock(folder: Path, examples: Sequence[Example], epochs: int | None = None) -> dict[str, Any]:
    """Trains the stock assistant with ``rasa train``; a model of the same phrasings and epochs is not trained again.

    Args:
        folder: of its project, made anew where it is another.
        examples: the phrasings.
        epochs: of every component; None: those of ``rasa init``.

    Returns:
        As ``train_ours``, and when and under which load it began.

    Raises:
        BenchError: the training failed.
    """
    archive, record = folder / "models" / "stock.tar.gz", folder / "training.json"
    made_of = _fingerprint(examples, epochs)
    if record.is_file() and archive.is_file():
        kept: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        if kept.pop("fingerprint") == made_of:
            return kept
    shutil.rmtree(folder, ignore_errors=True)
    write_project(folder, [(each.text, each.intents) for each in examples], own_answers(), epochs)
    (folder / "models").mkdir()
    command = [sys.executable, "-m", "rasa", "train", "--out", "models", "--fixed-model-name", "stock"]
    before = stamp()
    done = run(command, folder, {**os.environ, **QUIET}, folder / "train.log")
    took = {**asdict(done), "megabytes": size(archive), **before}
    record.write_text(json.dumps({**took, "fingerprint": made_of}), encoding="utf-8")
    return took


def train_stock_fully(folder: Path, examples: Sequence[Example], epochs: int | None = None) -> dict[str, Any]:
    """Trains the stock assistant, or reckons from two short trainings what a whole one takes.

    Args:
        folder: of its project; the shorter training has one beside it.
        examples: the phrasings.
        epochs: that the model gets; None: all, and nothing is reckoned.

    Returns:
        As ``train_stock``, and the ``epochs`` of the model. Where they are not all, ``seconds`` and ``processor`` are
        those of the training with as many more times what an epoch takes as there are epochs missing.
    """
    more = train_stock(folder, examples, epochs)
    if epochs is None:
        return {**more, "epochs": EPOCHS}
    few = train_stock(folder.with_name(f"{folder.name}-short"), examples, SHORT)
    times = (EPOCHS - epochs) / (epochs - SHORT)
    reckoned = {name: more[name] + times * (more[name] - few[name]) for name in ("seconds", "processor")}
    return {**more, **reckoned, "epochs": epochs}


def _fingerprint(examples: Sequence[Example], epochs: int | None) -> str:
    made_of = [version("rasa"), stock_config(epochs), [(each.text, each.intents) for each in examples]]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def size(archive: Path) -> float:
    """Megabytes (10^6 bytes) of a file."""
    return archive.stat().st_size / 1e6
