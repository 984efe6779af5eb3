"""The Rasa server loads the current model of its own store, byte for byte as it was promoted, and nothing else."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from faq.errors import ModelError
from faq.model_files import file_hash
from maintain.own_models import unpack
from maintain.settings import ROOT

FILES = {"metadata.json": b"{}", "components/train/weights.json": b"[1]"}


def packed(path: Path, files: Mapping[str, bytes], *more: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in more:
            tar.addfile(member)
    return path


def promoted(archive: Path) -> Path:
    record = {"model": archive.name, "sha256": file_hash(archive), "fingerprint": "", "trained_at": ""}
    (archive.parent / "current.json").write_text(json.dumps(record))
    return archive


@pytest.fixture
def model(tmp_path: Path) -> Path:
    store = tmp_path / "models"
    store.mkdir()
    return promoted(packed(store / "a.tar.gz", FILES))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    made = tmp_path / "unpacked"
    made.mkdir()
    return made


def test_own_models_unpack_what_was_promoted(model: Path, target: Path) -> None:
    unpack(model.parent, model, target)
    found = {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert found == FILES


def another(model: Path) -> Path:
    return packed(model.parent / "b.tar.gz", FILES)


def elsewhere(model: Path) -> Path:
    (model.parent.parent / "other").mkdir()
    return packed(model.parent.parent / "other" / model.name, FILES)


def never_promoted(model: Path) -> Path:
    (model.parent / "current.json").unlink()
    return model


def exchanged(model: Path) -> Path:
    return packed(model, {**FILES, "components/train/weights.json": b"[2]"})


def longer(model: Path) -> Path:
    model.write_bytes(model.read_bytes() + b"more")
    return model


@pytest.mark.parametrize(
    ("harm", "code"),
    [(another, "OWN01"), (elsewhere, "OWN01"), (never_promoted, "OWN01"), (exchanged, "OWN02"), (longer, "OWN02")],
)
def test_own_models_refuse(harm: Callable[[Path], Path], code: str, model: Path, target: Path) -> None:
    with pytest.raises(ModelError, match=code):
        unpack(model.parent, harm(model), target)


def link(name: str, kind: bytes, to: str = "/etc/passwd") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, to
    return member


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../outside"),
        tarfile.TarInfo("components/../../outside"),
        tarfile.TarInfo("/tmp/outside"),  # noqa: S108
        link("link", tarfile.SYMTYPE),
        link("link", tarfile.SYMTYPE, "metadata.json"),
        link("link", tarfile.LNKTYPE, "metadata.json"),
        link("device", tarfile.CHRTYPE),
        link("pipe", tarfile.FIFOTYPE),
    ],
    ids=lambda member: f"{member.name} {member.type.decode()}",
)
def test_own_models_unpack_only_files_and_folders(member: tarfile.TarInfo, model: Path, target: Path) -> None:
    """Even where somebody has promoted such an archive."""
    promoted(packed(model, FILES, member))
    with pytest.raises(ModelError, match="OWN03"):
        unpack(model.parent, model, target)
    assert not (target.parent / "outside").exists()
    assert [path for path in target.rglob("*") if path.is_symlink()] == []


SERVER = """
import runpy, sys
run = runpy.run_module

def rasa(*_, **__):
    from rasa.core.processor import MessageProcessor
    MessageProcessor._load_model(sys.argv[2])

runpy.run_module = rasa
run("maintain.quiet", run_name="__main__")
"""
"""Starts as ``maintain.run.commands`` says, and then reads a model as Rasa's server does."""


def test_own_models_guard_the_server(model: Path) -> None:
    command = [sys.executable, "-c", SERVER, "rasa", "run", str(another(model))]
    environment = {"FAQ_MODELS": str(model.parent), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "faq.errors.ModelError: [OWN01]" in done.stderr
