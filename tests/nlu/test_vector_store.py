"""Vectors are found again as they were, never another text's or encoder's, and a broken file costs nothing but time."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from nlu import vector_store
from nlu.encoder import SentenceEncoder
from nlu.vector_store import VARIABLE, VectorStore
from tests.nlu.contract import ROOT

TEXTS = ["how hot", "How hot", "", "tea 茶 👍", "\ud83d"]


def vectors(width: int = 3) -> dict[str, np.ndarray]:
    return {text: np.full(width, number, dtype=np.float32) for number, text in enumerate(TEXTS)}


def test_vector_store_finds_what_it_kept(tmp_path: Path) -> None:
    VectorStore(tmp_path / "v.db", "one", 3).keep(vectors())
    found = VectorStore(tmp_path / "v.db", "one", 3).find([*TEXTS, "new"])
    assert {text: vector.tolist() for text, vector in found.items()} == {k: v.tolist() for k, v in vectors().items()}


@pytest.mark.parametrize(("encoder", "width"), [("two", 3), ("one", 4)])
def test_vector_store_finds_nothing_of_another_encoder(encoder: str, width: int, tmp_path: Path) -> None:
    VectorStore(tmp_path / "v.db", "one", 3).keep(vectors())
    assert VectorStore(tmp_path / "v.db", encoder, width).find(TEXTS) == {}


def test_vector_store_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector_store, "MOST", 2)
    store = VectorStore(tmp_path / "v.db", "one", 3)
    store.keep(vectors())
    store.keep({"last": np.zeros(3, dtype=np.float32)})
    assert set(store.find([*TEXTS, "last"])) == {TEXTS[-1], "last"}


@pytest.mark.parametrize("place", ["v.db", "missing/v.db"])
def test_vector_store_goes_without_a_file_that_cannot_be_used(
    place: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "v.db").write_bytes(b"no database" * 200)
    store = VectorStore(tmp_path / place, "one", 3)
    with caplog.at_level(logging.WARNING):
        store.keep(vectors())
        assert store.find(TEXTS) == {}
    assert "delete it" in caplog.text


def test_vector_store_gives_an_encoder_the_same_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = SentenceEncoder(ROOT / "var" / "encoder")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "v.db"))
    keeping = SentenceEncoder(ROOT / "var" / "encoder")
    texts = [*TEXTS[:4], "how hot"]
    places = [((0, number), (0, len(text))) for number, text in enumerate(texts)]
    first = keeping.features(texts, places)
    monkeypatch.setattr(keeping, "_encode", lambda *new: pytest.fail(f"encoded {new} anew"))
    assert np.array_equal(plain.features(texts, places), first)
    assert np.array_equal(keeping.features(texts[::-1], places[::-1]), first[::-1])


def test_vector_store_is_not_used_without_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert SentenceEncoder(ROOT / "var" / "encoder")._store is None
