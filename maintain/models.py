"""The folder of trained models, and which of them is the current one."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from faq.errors import ModelError

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


@dataclass(frozen=True)
class CurrentModel:
    """What current.json says."""

    model: str
    """The archive's file name."""
    sha256: str
    """The hash of the archive. Rasa runs code from archives, so no other one is ever loaded."""
    fingerprint: str
    """The hash of what it was trained from."""
    trained_at: str
    """When its training began, ISO 8601, UTC."""


class Models:
    """The trained models of a project, and current.json, which names the one in use."""

    def __init__(self, folder: Path, root: Path) -> None:
        """Looks at a folder, which need not exist yet.

        Args:
            folder: where the archives and current.json lie.
            root: the project's top folder, which holds what the models are trained from.
        """
        self.folder = folder
        self.root = root
        self.record = folder / "current.json"

    def current(self) -> CurrentModel | None:
        """Returns what current.json says, None where there is no such file.

        Raises:
            ModelError: it is not what ``make train`` writes.
        """
        try:
            return CurrentModel(**json.loads(self.record.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError) as error:
            raise ModelError(
                f"[MOD01] {self.record} is damaged ({error}): run `make train`, which writes it anew."
            ) from error

    def checked(self) -> Path:
        """Returns the current archive.

        Raises:
            ModelError: there is none, or it is not the one that was promoted.
        """
        current = self.current()
        if current is None:
            raise ModelError(f"[MOD02] There is no current model in {self.folder}: run `make train`.")
        path = self.folder / current.model
        if not path.is_file():
            raise ModelError(f"[MOD02] {self.record} names {current.model}, which is not there: run `make train`.")
        if file_hash(path) != current.sha256:
            raise ModelError(
                f"[MOD03] {path} is damaged or was replaced (its sha256 is not the one in current.json), so it is not "
                "loaded: put the right file back, or run `make train`."
            )
        return path

    def why_train(self) -> str | None:
        """Tells why a new model is needed: there is none, or what it was trained from has changed.

        Returns:
            The reason, for people; None where the current model is up to date.

        Raises:
            ModelError: current.json is damaged, or something that models are trained from is missing.
        """
        current = self.current()
        if current is None or not (self.folder / current.model).is_file():
            return "there is no model yet"
        if current.fingerprint != self.fingerprint():
            return f"{current.model} is older than the data or code it depends on"
        return None

    def fingerprint(self) -> str:
        """Returns the hash over the names and bytes of everything that a model depends on.

        Raises:
            ModelError: a pattern of ``INPUTS`` finds no file.
        """
        digest = hashlib.sha256()
        for path in self._inputs():
            digest.update(f"{path.relative_to(self.root).as_posix()}\n{file_hash(path)}\n".encode())
        return digest.hexdigest()

    def promote(self, model: str, fingerprint: str, trained_at: str) -> CurrentModel:
        """Makes a model the current one, in one step: whoever reads meanwhile sees the old one or the new one.

        Args:
            model: the name of an archive in the folder.
            fingerprint: what ``fingerprint()`` said before its training.
            trained_at: when its training began, ISO 8601.

        Returns:
            What current.json says now.
        """
        current = CurrentModel(model, file_hash(self.folder / model), fingerprint, trained_at)
        scratch = self.record.with_suffix(f".{os.getpid()}.new")
        with scratch.open("w", encoding="utf-8") as file:
            json.dump(asdict(current), file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self.record)
        return current

    def _inputs(self) -> Iterator[Path]:
        for pattern in INPUTS:
            files = sorted(path for path in self.root.glob(pattern) if path.is_file())
            if not files:
                raise ModelError(f"[MOD04] {pattern} is missing in {self.root}: put it back, or run `make setup`.")
            yield from files


def file_hash(path: Path) -> str:
    """Returns the sha256 of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
