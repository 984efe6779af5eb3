"""Promotion and roll-back under readers who keep writing: nothing is lost, doubled or late."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest

from maintain.models import Models
from maintain.settings import ROOT
from tests.patience import wait_until
from tests.promotion.conftest import Serving
from tests.promotion.load import IN_USE_WITHIN, quantile, under_load

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


def test_load_loses_and_doubles_nothing(serving: Serving) -> None:
    figures = under_load(serving.assistant.url, serving.folder, ROOT, serving.models, changes=2, messages=40)
    assert figures.faults == []
    assert len(figures.answers) >= 40


def test_load_delays_nothing(serving: Serving, capsys: pytest.CaptureFixture[str]) -> None:
    """The full figure; where others use the machine, too, held against what the same run gives between changes."""
    figures = under_load(serving.assistant.url, serving.folder, ROOT, serving.models, changes=10, messages=200)
    with capsys.disabled():
        print(f"\n{figures}")
    assert figures.faults == []
    assert len(figures.answers) >= 200
    assert quantile(figures.during, 0.99) < figures.allowed
    assert max(figures.in_use_after) < IN_USE_WITHIN


def test_load_of_a_model_that_is_damaged_keeps_the_old_one(serving: Serving, tmp_path: Path) -> None:
    """The archive is damaged between its promotion and the server's look at it."""
    first, second = serving.models
    elsewhere = Models(shutil.copytree(serving.folder, tmp_path / "elsewhere"), ROOT)
    elsewhere.promote(second)
    archive = serving.folder / second
    archive.write_bytes(archive.read_bytes()[:-1])
    elsewhere.record.rename(serving.folder / elsewhere.record.name)
    assert failed_update(serving.assistant.url) == {"state": "failed", "model": second, "code": "MOD03"}
    assert httpx.get(f"{serving.assistant.url}/chat/health", timeout=30).json()["model"] == first
    assert "[MOD03]" in serving.assistant.log.read_text(encoding="utf-8")


def failed_update(url: str) -> dict[str, str] | None:
    """The server's update once it has failed."""

    def update() -> dict[str, str] | None:
        found: dict[str, str] = httpx.get(f"{url}/chat/health", timeout=30).json()["update"]
        return found if found["state"] == "failed" else None

    return wait_until(update, "the server has not noticed")
