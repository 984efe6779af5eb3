"""Tests of promotion with real servers and real models."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from faq.model_files import file_hash, manifest_path
from maintain.models import Models
from maintain.settings import ROOT
from tests.processes import Started, started
from tests.second_project import second_project, trained


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of it trains or runs real servers for minutes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.server)


@dataclass(frozen=True)
class Serving:
    """A running assistant on two copies of the current model, in a folder of its own."""

    assistant: Started
    folder: Path
    models: tuple[str, str]


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """An assistant whose models can be changed without touching the project's own."""
    subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], cwd=ROOT, check=True)
    ours = Models(tmp_path / "models", ROOT)
    ours.folder.mkdir()
    names = tuple(copied(Models(ROOT / "models", ROOT).checked(), ours, name) for name in ("one", "two"))
    ours.promote(names[0], "train")
    monkeypatch.setenv("FAQ_MODELS", str(ours.folder))
    with started(ROOT, tmp_path) as assistant:
        yield Serving(assistant, ours.folder, (names[0], names[1]))


def copied(archive: Path, into: Models, name: str) -> str:
    """Copies a model with its manifest under another name, and returns its file name."""
    target = into.folder / f"{name}.tar.gz"
    shutil.copy(archive, target)
    manifest = json.loads(manifest_path(archive.parent, archive.name).read_text(encoding="utf-8"))
    manifest |= {"model": target.name, "hashes": {**manifest["hashes"], "archive": file_hash(target)}}
    manifest_path(into.folder, target.name).write_text(json.dumps(manifest), encoding="utf-8")
    return target.name


@pytest.fixture(scope="module")
def plants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own with the second article and a table of red flags, trained."""
    root = second_project(tmp_path_factory.mktemp("plants") / "project")
    (root / "tests" / "safety").mkdir(parents=True)
    (root / "tests" / "safety" / "red_flags.csv").write_text("text,urgency\nmy cat has eaten the leaves,emergency\n")
    return trained(root)
