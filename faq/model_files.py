"""The folder of trained models as whoever loads one must see it: the current one, and whether it may be loaded."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faq.errors import ModelError

RECORD = "current.json"

READ_AT_LOAD = ("data/facts/**/*.toml",)
"""What the pipeline reads from disk whenever a model is loaded, so that it is part of the model too."""

READ_AT_START = (
    "data/documents/**/*.md",
    "data/triage/**/*.toml",
    "data/emergency.toml",
    "nlu/**/*.py",
    "faq/**/*.py",
)
"""What the running servers have read once and for all: a model that needs another state of it needs a restart."""


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
    tree: str = ""
    """The fingerprint of the project when it was promoted; it differs from ``fingerprint`` after a roll-back."""
    at_load: str = ""
    """The hash of ``READ_AT_LOAD`` with which it was judged."""
    at_start: str = ""
    """The hash of ``READ_AT_START`` with which it was judged."""


def read_current(folder: Path) -> CurrentModel | None:
    """Returns what current.json says, None where there is no such file.

    Args:
        folder: of the models.

    Raises:
        ModelError: it is not what ``make train`` writes.
    """
    record = folder / RECORD
    try:
        return CurrentModel(**json.loads(record.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise ModelError(f"[MOD01] {record} is damaged ({error}): run `make train`, which writes it anew.") from error


def manifest_path(folder: Path, model: str) -> Path:
    """Where the manifest of an archive lies: ``a.json`` beside ``a.tar.gz``."""
    return folder / f"{model.removesuffix('.tar.gz')}.json"


def read_manifest(folder: Path, model: str) -> dict[str, Any]:
    """Returns the manifest of an archive.

    Args:
        folder: of the models.
        model: the archive's file name.

    Raises:
        ModelError: there is none, or it is damaged.
    """
    path = manifest_path(folder, model)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["hashes"]["archive"]
    except FileNotFoundError as error:
        raise ModelError(f"[MOD07] {model} has no manifest {path.name}: train a model with `make train`.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(f"[MOD08] {path} is damaged ({error!r}): put it back, or train with `make train`.") from error
    return dict(content)


def checked_archive(folder: Path, model: str) -> Path:
    """Returns an archive that fits its manifest.

    Args:
        folder: of the models.
        model: the archive's file name.

    Raises:
        ModelError: archive or manifest is missing, or they do not fit.
    """
    path = folder / model
    if path.parent != folder or not path.is_file():
        raise ModelError(f"[MOD02] There is no model {model} in {folder}: `python -m maintain models` lists them.")
    if file_hash(path) != read_manifest(folder, model)["hashes"]["archive"]:
        raise ModelError(
            f"[MOD03] {path} is damaged or was replaced (its sha256 is not the one in its manifest), so it is not "
            "loaded: put the right file back, or run `make train`."
        )
    return path


def checked_current(folder: Path, current: CurrentModel) -> Path:
    """Returns the current archive.

    Args:
        folder: of the models.
        current: of ``read_current``.

    Raises:
        ModelError: it is not there, or not the one that was promoted.
    """
    if not (folder / current.model).is_file():
        raise ModelError(f"[MOD02] {folder / RECORD} names {current.model}, which is not there: run `make train`.")
    path = checked_archive(folder, current.model)
    if read_manifest(folder, current.model)["hashes"]["archive"] != current.sha256:
        raise ModelError(f"[MOD03] {path} is not the archive that was promoted (current.json): run `make train`.")
    return path


def file_hash(path: Path) -> str:
    """Returns the sha256 of a file of any size."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def tree_hash(root: Path, patterns: Sequence[str]) -> str:
    """Returns the hash over names and bytes of files.

    Args:
        root: where the patterns begin.
        patterns: such as ``data/nlu/**/*.yml``; one that finds nothing adds nothing.
    """
    digest = hashlib.sha256()
    for path in files_of(root, patterns):
        digest.update(f"{path.relative_to(root).as_posix()}\n{file_hash(path)}\n".encode())
    return digest.hexdigest()


def files_of(root: Path, patterns: Sequence[str]) -> Iterator[Path]:
    """Yields the files of patterns, pattern by pattern in the order of their names."""
    for pattern in patterns:
        yield from sorted(path for path in root.glob(pattern) if path.is_file())


def write_whole(path: Path, text: str) -> None:
    """Writes a file in one step: whoever reads meanwhile, and whoever crashes, sees the old one or the new one.

    Args:
        path: of the file.
        text: all of it.
    """
    scratch = path.with_name(f".{path.name}.{os.getpid()}.new")
    with scratch.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
