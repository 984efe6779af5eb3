"""A project with the code of this one and the article of tests/second_article: small enough to be trained in a test."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from maintain.settings import ROOT

ARTICLE = ROOT / "tests" / "second_article"
CODE = ("faq", "nlu", "actions", "channels", "maintain")
FILES = ("config.yml", "endpoints.yml", "credentials.yml", "requirements.lock")


def second_project(root: Path) -> Path:
    """Makes the project, without a model.

    Args:
        root: an empty folder.

    Returns:
        The folder.
    """
    for name in CODE:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, root)
    (root / "var").mkdir()
    (root / "var" / "encoder").symlink_to(ROOT / "var" / "encoder")
    shutil.copytree(ARTICLE / "data", root / "data")
    shutil.copy(ARTICLE / "domain.yml", root)
    return root


def maintain(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs a maintainer's command in a project."""
    command = [sys.executable, "-m", "maintain", *words]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=900)


def trained(root: Path) -> Path:
    """Trains a project, and returns it."""
    done = maintain(root, "train")
    assert done.returncode == 0, done.stderr
    return root
