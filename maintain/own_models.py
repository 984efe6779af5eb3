"""Keeps the Rasa server from loading any model but the current one of the project's own store.

Loading a model runs code that the archive names (CVE-2024-49375). So the bytes that are unpacked are those that are
hashed, and nothing of them is used unless the hash is that of current.json. Rasa's own unpacking is replaced: a check
of the file beforehand would leave a moment in which it could be exchanged.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from faq.errors import ModelError
from faq.model_files import RECORD, read_current

VARIABLE = "FAQ_MODELS"
"""The variable that names the store; the servers always have it."""

BLOCK = 1 << 20
"""Bytes that are read at once."""


def load_only_own_models(environment: Mapping[str, str]) -> None:
    """Arranges that Rasa unpacks nothing but the current model of the store; call it before a model is loaded.

    Args:
        environment: where ``FAQ_MODELS`` stands.
    """
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    store = Path(environment[VARIABLE])

    def extract(archive: str | Path, directory: str | Path) -> None:
        unpack(store, Path(archive), Path(directory))

    LocalModelStorage._extract_archive_to_directory = staticmethod(extract)


def unpack(store: Path, archive: Path, directory: Path) -> None:
    """Unpacks the current model.

    Args:
        store: the folder of the models.
        archive: which is to be loaded.
        directory: an empty folder; what is in it after an error must not be used.

    Raises:
        ModelError: the archive is not the one that current.json names, or it holds more than files and folders.
    """
    current = read_current(store)
    if current is None or archive.resolve() != (store / current.model).resolve():
        raise ModelError(f"[OWN01] {archive} is not the model that {store / RECORD} names: promote it first.")
    with archive.open("rb") as file:
        hashed = _Hashed(file)
        with tarfile.open(fileobj=hashed, mode="r|gz", bufsize=BLOCK) as tar:
            for member in tar:
                _extract(tar, member, directory)
        while hashed.read(BLOCK):
            """What follows the archive's end belongs to the file, and so to its hash."""
    if hashed.digest.hexdigest() != current.sha256:
        raise ModelError(f"[OWN02] {archive} is damaged or was replaced: its sha256 is not that of {RECORD}.")


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, directory: Path) -> None:
    path = Path(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
        raise ModelError(f"[OWN03] {tar.name} holds {member.name!r}, which no model has: train it anew.")
    if member.isdir():
        (directory / path).mkdir(parents=True, exist_ok=True)
        return
    (directory / path).parent.mkdir(parents=True, exist_ok=True)
    with (directory / path).open("xb") as file:
        shutil.copyfileobj(tar.extractfile(member), file, BLOCK)


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block
