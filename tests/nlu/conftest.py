"""A pipeline about tea, trained once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nlu import contract

TEA = """---
id: tea
title: All about tea
url: https://example.org/tea
language: en
---

## How hot should the water be? {#heat}

Green tea likes cool water. Boil the water for black tea.

## How long should tea steep? {#time}

Three minutes are enough. Longer makes it bitter.
"""


@pytest.fixture(scope="session")
def _in_project() -> Iterator[None]:
    """Relative paths in config.yml are relative to the project's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(contract.ROOT)
        yield


@pytest.fixture(scope="session")
def tea_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny article."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "tea.md").write_text(TEA, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def trained(_in_project: None, tea_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> contract.Pipeline:
    """The pipeline as it is after training, before anything is loaded."""
    settings = {**contract.TINY, "PassageRanker": {"documents": str(tea_folder)}}
    return contract.train(tmp_path_factory.mktemp("model"), settings)


@pytest.fixture(scope="session")
def loaded(trained: contract.Pipeline) -> contract.Pipeline:
    """The pipeline in new instances, loaded from what training persisted."""
    return trained.loaded()
