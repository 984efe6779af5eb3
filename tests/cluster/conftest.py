"""A cluster of real servers for tests."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from faq.model_files import file_hash, manifest_path
from maintain.assistant import START_WITHIN
from maintain.cluster import start
from maintain.models import Models
from maintain.settings import ROOT
from maintain.topology import Cluster
from tests.services import cluster_folder

DONE_WITHIN = 900
"""Seconds that a test may take: the first one waits for a training and the start of all servers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.server)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(DONE_WITHIN))


def copied(into: Models, name: str) -> str:
    """Copies the current model with its manifest under another name, and returns its file name."""
    archive = Models(ROOT / "models", ROOT).checked()
    target = into.folder / f"{name}.tar.gz"
    shutil.copy(archive, target)
    manifest = json.loads(manifest_path(archive.parent, archive.name).read_text(encoding="utf-8"))
    manifest |= {"model": target.name, "hashes": {**manifest["hashes"], "archive": file_hash(target)}}
    manifest_path(into.folder, target.name).write_text(json.dumps(manifest), encoding="utf-8")
    return target.name


def publish(path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Keeps what was measured in a file, and shows it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    with capsys.disabled():
        print(f"\n{text}")


def wait_until_healthy(url: str, within: float = START_WITHIN) -> float:
    """Waits for 200 from ``/chat/health``; returns the seconds."""
    began = time.monotonic()
    while True:
        try:
            answer = httpx.get(f"{url}/chat/health", timeout=5, trust_env=False)
            if answer.status_code == 200:
                return time.monotonic() - began
            state = answer.text
        except httpx.HTTPError as error:
            state = repr(error)
        assert time.monotonic() < began + within, state
        time.sleep(0.3)


@contextmanager
def running_cluster(postgres_size: str = "", **settings: str) -> Iterator[Cluster]:
    """Runs a cluster with models of its own, two copies of the current one, until the end of the block.

    Args:
        postgres_size: of a disk of its own for PostgreSQL, such as ``200m``; empty for none.
        settings: variables of its Rasa and action servers.
    """
    subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], cwd=ROOT, check=True)
    with cluster_folder(**settings) as bare:
        models = Models(bare.folder / "models", ROOT)
        models.folder.mkdir()
        first, _ = copied(models, "one"), copied(models, "two")
        models.promote(first, "train")
        cluster = replace(bare, settings={"FAQ_MODELS": str(models.folder), **settings})
        if postgres_size:
            mount(cluster.folder / "postgres", postgres_size)
        cluster.prepare()
        supervisor = start(cluster)
        try:
            for name in ("rasa-1", "rasa-2", "chat"):
                wait_until_healthy(f"http://127.0.0.1:{cluster.ports[name]}")
            yield cluster
        finally:
            supervisor.terminate()
            supervisor.wait(90)
            if postgres_size:
                subprocess.run(["/bin/umount", cluster.folder / "postgres"], check=True)


def mount(folder: Path, size: str) -> None:
    """Gives a folder a disk of its own, in memory, that can be filled; only root can."""
    folder.mkdir(mode=0o700)
    subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder], check=True)


@pytest.fixture(scope="package")
def cluster() -> Iterator[Cluster]:
    """One for all tests that leave it whole."""
    with running_cluster() as running:
        yield running
