"""Trains a model with Rasa, and makes it the current one past the gate. A training that fails changes nothing."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TextIO

from faq.errors import ModelError
from maintain.gate import RefusedError, Tolerance
from maintain.judge import judge
from maintain.manifest import described, ingredients, write_manifest
from maintain.models import Models
from maintain.promote import REFUSED, Judge, progress, promote, usable_current
from maintain.settings import QUIET, ROOT, Settings

TRAINING = (sys.executable, "-m", "maintain.quiet", "maintain.training")
"""A process of its own: Rasa says a lot while it trains, and what it held is given back at the end."""

ENVIRONMENT = {
    **QUIET,
    "LOG_LEVEL": "INFO",
    "NO_COLOR": "1",
}

VECTORS = "var/encoder/vectors.db"
"""Where the vectors of phrasings and test messages are kept, FAQ_VECTORS: the next training encodes what is new."""

COMPONENT = re.compile(r"Starting to train component '(\w+)'")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``train``."""
    parser.add_argument("--if-needed", action="store_true", help="do nothing where the current model is up to date")
    parser.add_argument(
        "--no-promote", action="store_true", help="leave the current model; `promote` takes the new one"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.epilog = f"Exit codes: 0 done, {REFUSED} trained but refused by the gate, 1 any other failure."


def run(arguments: argparse.Namespace) -> int:
    """Trains, as the command line says."""
    os.environ.setdefault("FAQ_VECTORS", VECTORS)
    models = Models(Settings.from_environment(os.environ).models, ROOT)
    done: dict[str, object] = {"trained": None, "promoted": False}
    if not (arguments.if_needed and not is_needed(models)):
        with redirect_stdout(sys.stderr if arguments.json else sys.stdout):
            name = (_trained_before(models) if arguments.if_needed else None) or candidate(models)
            done = _promoted(models, name) if not arguments.no_promote else {"trained": name, "promoted": False}
    if arguments.json:
        print(json.dumps(done))
    elif done["trained"] is None:
        print(f"{models.record} is up to date.")
    return REFUSED if done.get("refused") else 0


def _promoted(models: Models, name: str) -> dict[str, object]:
    try:
        pass_gate(models, name)
    except RefusedError as error:
        print(error.args[0], file=sys.stderr)
        return {"trained": name, "promoted": False, "refused": [vars(each) for each in error.args[1]]}
    return {"trained": name, "promoted": True}


def is_needed(models: Models) -> bool:
    """Tells whether the current model is missing, damaged or out of date."""
    try:
        models.checked()
    except ModelError:
        return True
    return models.why_train() is not None


def pass_gate(models: Models, name: str, judge: Judge = judge) -> None:
    """Promotes what was trained: without a current model directly, else if the gate lets it.

    Args:
        models: of the project.
        name: of the archive.
        judge: what asks a model.

    Raises:
        RefusedError: the gate refused it.
    """
    promote(models, name, Tolerance.from_environment(os.environ), how="train", judge=judge)
    print(f"{name} is the current model.", flush=True)


def candidate(models: Models, command: Sequence[str] = TRAINING, judge: Judge = judge) -> str:
    """Trains a model, asks it all messages that count and writes its manifest; the current one stays.

    Args:
        models: where it goes.
        command: what trains; gets ``--out`` and ``--fixed-model-name``.
        judge: what asks it.

    Returns:
        The archive's name.

    Raises:
        ModelError: the training failed.
    """
    started, began = time.monotonic(), datetime.now(timezone.utc)
    made_of = ingredients(models, began.isoformat(timespec="seconds"))
    models.folder.mkdir(parents=True, exist_ok=True)
    expected = _expected(models)
    print(f"Training a model{f' (the last one took {expected} s)' if expected else ''}:", flush=True)
    with _workshop(models) as scratch:
        archive = scratch / _free_name(models, began)
        name = archive.name.removesuffix(".tar.gz")
        _run([*command, "--out", str(scratch), "--fixed-model-name", name], models.root, started, expected)
        if not archive.is_file():
            raise ModelError("[MOD06] The training ended without a model: see var/train.log.")
        made_of["seconds"] = round(time.monotonic() - started)
        judged = judge(archive, models.root, _asked_before(models), progress("asking it"))
        write_manifest(models, archive, described(made_of, judged, models.root))
        archive.replace(models.folder / archive.name)
    print(f"{archive.name} is trained ({time.monotonic() - started:.0f} s).", flush=True)
    return archive.name


def _free_name(models: Models, began: datetime) -> str:
    """A file name that stands behind all others in the order of names."""
    while (name := f"{began:%Y%m%d-%H%M%S}.tar.gz") in models.names():
        began += timedelta(seconds=1)
    return name


def _asked_before(models: Models) -> list[str]:
    """The messages to which the current model recommended a doctor, or saw an emergency."""
    current = usable_current(models)
    asked = models.manifest(current)["asked"] if current else {}
    return [text for text, (urgency, _) in asked.items() if urgency != "none"]


def _trained_before(models: Models) -> str | None:
    """A model of the same ingredients, such as one that the gate refused: training would only give it again."""
    fingerprint = models.fingerprint()
    for name in reversed(models.names()):
        with suppress(ModelError):
            if models.manifest(name)["fingerprint"] == fingerprint and models.archive(name):
                return name
    return None


def _expected(models: Models) -> int | None:
    """Seconds that the training of the current model took, None where nobody knows."""
    current = usable_current(models)
    return models.manifest(current).get("seconds") if current else None


@contextmanager
def _workshop(models: Models) -> Iterator[Path]:
    """A folder beside the models to train in. Those that a killed training left behind are cleared away."""
    for left in models.folder.glob(".training-*"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=models.folder) as scratch, _locked(Path(scratch)):
        yield Path(scratch)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Marks a folder as in use.

    Raises:
        OSError: another process uses it, or it is gone.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _run(command: Sequence[str], root: Path, started: float, expected: int | None) -> None:
    log_file = root / "var" / "train.log"
    log_file.parent.mkdir(exist_ok=True)
    with log_file.open("w", encoding="utf-8") as log, _start(command, root) as process:
        try:
            last = _follow(process, log, started, expected)
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


def _follow(process: subprocess.Popen[str], log: TextIO, started: float, expected: int | None) -> str:
    """Writes the output to the log and shows one line a component, and what remains; returns the last line."""
    last = "no message"
    for line in process.stdout or ():
        plain = COLOUR.sub("", line).strip()
        log.write(f"{plain}\n")
        last = plain or last
        if found := COMPONENT.search(plain):
            passed = time.monotonic() - started
            remains = f", about {expected - passed:.0f} s remain" if expected and passed < expected else ""
            print(f"  {passed:5.1f} s  {found[1]}{remains}", flush=True)
    return last
