"""Trains a model with Rasa and makes it the current one. A training that fails changes nothing."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TextIO

from faq.errors import ModelError
from maintain.models import CurrentModel, Models
from maintain.settings import QUIET, ROOT, Settings

RASA_TRAIN = (
    *(sys.executable, "-m", "rasa", "train", "--force"),
    *("--config", "config.yml", "--domain", "domain.yml", "--data", "data"),
)
"""Rasa does not see that documents, facts or the encoder changed, so it must not reuse what it trained earlier."""

ENVIRONMENT = {
    **QUIET,
    "LOG_LEVEL": "INFO",
    "RASA_MAX_CACHE_SIZE": "0",  # nothing is reused, so nothing is kept
    "NO_COLOR": "1",
}

COMPONENT = re.compile(r"Starting to train component '(\w+)'")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``train``."""
    parser.add_argument("--if-needed", action="store_true", help="do nothing where the current model is up to date")


def run(arguments: argparse.Namespace) -> int:
    """Trains, as the command line says."""
    models = Models(Settings.from_environment(os.environ).models, ROOT)
    if arguments.if_needed and not is_needed(models):
        print(f"{models.record} is up to date.")
    else:
        train(models)
    return 0


def is_needed(models: Models) -> bool:
    """Tells whether the current model is missing, damaged or out of date."""
    try:
        models.checked()
    except ModelError:
        return True
    return models.why_train() is not None


def train(models: Models, command: Sequence[str] = RASA_TRAIN) -> CurrentModel:
    """Trains a model and makes it the current one.

    Args:
        models: where it goes.
        command: what trains; gets ``--out`` and ``--fixed-model-name``, as ``rasa train`` does.

    Returns:
        The new current model.

    Raises:
        ModelError: the training failed. The current model is the same as before.
    """
    started, now = time.monotonic(), datetime.now(timezone.utc)
    fingerprint = models.fingerprint()
    name = now.strftime("%Y%m%d-%H%M%S")
    models.folder.mkdir(parents=True, exist_ok=True)
    print("Training a model:", flush=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models.folder) as scratch:
        _run([*command, "--out", scratch, "--fixed-model-name", name], models.root, started)
        archive = Path(scratch) / f"{name}.tar.gz"
        if not archive.is_file():
            raise ModelError("[MOD06] The training ended without a model: see var/train.log.")
        archive.replace(models.folder / archive.name)
    current = models.promote(archive.name, fingerprint, now.isoformat(timespec="seconds"))
    print(f"{current.model} is the current model ({time.monotonic() - started:.0f} s).", flush=True)
    return current


def _run(command: Sequence[str], root: Path, started: float) -> None:
    log_file = root / "var" / "train.log"
    log_file.parent.mkdir(exist_ok=True)
    with log_file.open("w", encoding="utf-8") as log, _start(command, root) as process:
        try:
            last = _follow(process, log, started)
        except BaseException:  # somebody stopped the command: what trains must not go on alone
            process.terminate()
            raise
    if process.returncode != 0:
        raise ModelError(f"[MOD05] The training failed, so the current model stays ({last}): see var/train.log.")


def _start(command: Sequence[str], root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        cwd=root,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def _follow(process: subprocess.Popen[str], log: TextIO, started: float) -> str:
    """Writes the output to the log and shows one line a component; returns the last line."""
    last = "no message"
    for line in process.stdout or ():
        plain = COLOUR.sub("", line).strip()
        log.write(f"{plain}\n")
        last = plain or last
        if found := COMPONENT.search(plain):
            print(f"  {time.monotonic() - started:5.1f} s  {found[1]}", flush=True)
    return last
