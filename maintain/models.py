"""The folder of trained models: which one is the current one, what went before it, and the list of all of them."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from faq.errors import ModelError
from faq.model_files import (
    READ_AT_LOAD,
    READ_AT_START,
    RECORD,
    CurrentModel,
    checked_archive,
    checked_current,
    file_hash,
    files_of,
    manifest_path,
    read_current,
    read_manifest,
    tree_hash,
    write_whole,
)
from maintain.history import History
from maintain.settings import ROOT, Settings

INPUTS = (
    "config.yml",
    "domain.yml",
    "data/nlu/**/*.yml",
    "data/rules.yml",
    "data/documents/**/*.md",
    "data/facts/**/*.toml",
    "faq/documents.py",
    "nlu/**/*.py",
    "var/encoder/encoder.onnx",
    "requirements.lock",
)
"""All that a model depends on, as patterns of files: whichever of them changes, the model is out of date."""


class Models:
    """The trained models of a project, and current.json, which names the one in use."""

    def __init__(self, folder: Path, root: Path) -> None:
        """Looks at a folder, which need not exist yet.

        Args:
            folder: where the archives, their manifests, current.json and history.jsonl lie.
            root: the project's top folder, which holds what the models are trained from.
        """
        self.folder = folder
        self.root = root
        self.record = folder / RECORD
        self.history = History(folder / "history.jsonl")

    def current(self) -> CurrentModel | None:
        """Returns what current.json says, None where there is no such file.

        Raises:
            ModelError: it is not what ``make train`` writes.
        """
        return read_current(self.folder)

    def checked(self) -> Path:
        """Returns the current archive.

        Raises:
            ModelError: there is none, or it is not the one that was promoted, or it does not fit its manifest.
        """
        current = self.current()
        if current is None:
            raise ModelError(f"[MOD02] There is no current model in {self.folder}: run `make train`.")
        return checked_current(self.folder, current)

    def why_train(self) -> str | None:
        """Tells why a new model is needed: there is none, or what it was trained from has changed.

        Returns:
            The reason, for people; None where the current model is up to date, or was chosen for the project as it is.

        Raises:
            ModelError: current.json is damaged, or something that models are trained from is missing.
        """
        current = self.current()
        if current is None or not (self.folder / current.model).is_file():
            return "there is no model yet"
        if not manifest_path(self.folder, current.model).is_file():
            return f"{current.model} has no manifest"
        if self.fingerprint() not in (current.fingerprint, current.tree):
            return f"{current.model} is older than the data or code it depends on"
        return None

    def fingerprint(self) -> str:
        """Returns the hash over the names and bytes of everything that a model depends on.

        Raises:
            ModelError: a pattern of ``INPUTS`` finds no file.
        """
        for pattern in INPUTS:
            if not any(files_of(self.root, [pattern])):
                raise ModelError(f"[MOD04] {pattern} is missing in {self.root}: put it back, or run `make setup`.")
        return tree_hash(self.root, INPUTS)

    def names(self) -> list[str]:
        """The archives of the folder, the oldest first."""
        return sorted(path.name for path in self.folder.glob("*.tar.gz"))

    def named(self, model: str) -> str:
        """The file name of an archive, which may be given without its ending, or as ``current``.

        Raises:
            ModelError: there is none of that name.
        """
        current = self.current() if model == "current" else None
        name = current.model if current else f"{model.removesuffix('.tar.gz')}.tar.gz"
        if name not in self.names():
            raise ModelError(
                f"[MOD02] There is no model {model} in {self.folder}: `python -m maintain models` lists them."
            )
        return name

    def archive(self, model: str) -> Path:
        """Returns an archive that fits its manifest.

        Raises:
            ModelError: it does not, or is missing.
        """
        return checked_archive(self.folder, model)

    def manifest(self, model: str) -> dict[str, Any]:
        """Returns an archive's manifest.

        Raises:
            ModelError: there is none, or it is damaged.
        """
        return read_manifest(self.folder, model)

    def promote(
        self, model: str, how: str = "promote", note: Mapping[str, Any] | None = None, expected: str | None = None
    ) -> CurrentModel:
        """Makes a model the current one, in one step: whoever reads meanwhile sees the old one or the new one.

        Args:
            model: the name of an archive in the folder, with its manifest.
            how: what stands in the history: ``train``, ``promote`` or ``rollback``.
            note: more for the history, such as the reason of an override.
            expected: what must be the current model until then, if anything.

        Returns:
            What current.json says now.

        Raises:
            ModelError: archive and manifest do not fit, or somebody else promoted a model meanwhile.
        """
        archive, manifest = self.archive(model), self.manifest(model)
        current = CurrentModel(
            model=model,
            sha256=file_hash(archive),
            fingerprint=manifest["fingerprint"],
            trained_at=manifest["trained_at"],
            tree=self.fingerprint(),
            at_load=tree_hash(self.root, READ_AT_LOAD),
            at_start=tree_hash(self.root, READ_AT_START),
        )
        with self.alone():
            before = self._current_or_none()
            if expected not in (None, before):
                raise ModelError(f"[MOD09] Meanwhile {before} became the current model: look at it, and try again.")
            write_whole(self.record, json.dumps(asdict(current), indent=2) + "\n")
            self.history.add(model, before, how, note or {})
        return current

    def _current_or_none(self) -> str | None:
        try:
            current = self.current()
        except ModelError:  # a damaged record is about to be written anew
            return None
        return current.model if current else None

    def previous(self) -> str | None:
        """The model to roll back to: the one that the current one took the place of, or None."""
        current, there = self._current_or_none(), self.names()
        return next((each for each in reversed(self.history.promoted()) if each != current and each in there), None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until nobody else changes what is current."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``models``."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.epilog = "Exit codes: 0 listed, also where there is none or one is damaged; 1 current.json is damaged."


def run(arguments: argparse.Namespace) -> int:
    """Lists the models, the newest last."""
    models = Models(Settings.from_environment(os.environ).models, ROOT)
    rows = [row(models, name) for name in models.names()]
    if arguments.json:
        print(json.dumps(rows, indent=2))
    else:
        for each in rows:
            print(line(each))
    return 0


def row(models: Models, name: str) -> dict[str, Any]:
    """One model of the list: its name, whether it is current, its age in seconds, its metrics, and what is wrong."""
    current = models.current()
    shown = {"model": name, "current": current is not None and name == current.model}
    try:
        manifest = models.manifest(name)
    except ModelError as error:
        return {**shown, "trained_at": None, "age": None, "metrics": {}, "fault": str(error)}
    age = datetime.now(timezone.utc) - datetime.fromisoformat(manifest["trained_at"])
    kept = {"trained_at": manifest["trained_at"], "age": int(age.total_seconds()), "metrics": manifest["metrics"]}
    return {**shown, **kept, "fault": None}


def line(shown: Mapping[str, Any]) -> str:
    """One model of the list for people."""
    mark = "*" if shown["current"] else " "
    if shown["fault"]:
        return f"{mark} {shown['model']}  {shown['fault']}"
    rates = ", ".join(f"{name} {hits}/{total}" for name, (hits, total) in shown["metrics"].items() if total)
    return f"{mark} {shown['model']}  {_ago(shown['age'])}  {rates or 'not measured'}"


def _ago(seconds: int) -> str:
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    return f"{days} d ago" if days else f"{hours} h ago" if hours else f"{minutes} min ago"
