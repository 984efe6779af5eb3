"""The sentence encoder's graph against the same network written out in numpy, and the files that are built from it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load_file
from scipy.special import erf, softmax
from tokenizers import Tokenizer

from faq.errors import EncoderError
from nlu import minilm
from nlu.encoder import WIDTH, SentenceEncoder

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["How long does it steep?", "ü", "One two three four five six seven, eight nine ten!"]


@pytest.fixture(scope="module")
def weights() -> dict[str, np.ndarray]:
    return load_file(minilm.official_weights() / "model.safetensors")


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder(ROOT / "var" / "encoder")


def layer_norm(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    standard = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
    return standard * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def dense(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def attention(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    parts = (dense(x, weights, f"{name}.self.{part}") for part in ("query", "key", "value"))
    query, key, value = (part.reshape(len(x), 12, 32).swapaxes(0, 1) for part in parts)
    mixed = softmax(query @ key.swapaxes(1, 2) / np.sqrt(32), axis=-1) @ value
    return dense(mixed.swapaxes(0, 1).reshape(len(x), WIDTH), weights, f"{name}.output.dense")


def tokens(ids: list[int], weights: dict[str, np.ndarray]) -> np.ndarray:
    """BERT (Devlin et al., 2019), six layers: a vector for each word piece."""
    embeddings = (weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type"))
    words, positions, types = embeddings
    x = layer_norm(words[ids] + positions[: len(ids)] + types[0], weights, "embeddings.LayerNorm")
    for number in range(6):
        name = f"encoder.layer.{number}"
        x = layer_norm(x + attention(x, weights, f"{name}.attention"), weights, f"{name}.attention.output.LayerNorm")
        inner = dense(x, weights, f"{name}.intermediate.dense")
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        x = layer_norm(x + dense(inner, weights, f"{name}.output.dense"), weights, f"{name}.output.LayerNorm")
    return x


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x)


@pytest.mark.parametrize("text", TEXTS)
def test_minilm_graph_computes_the_network(weights: dict[str, np.ndarray], encoder: SentenceEncoder, text: str) -> None:
    tokenizer = Tokenizer.from_file(str(minilm.official_weights() / "tokenizer.json"))
    tokenizer.no_padding()
    ids = tokenizer.encode(text).ids
    content = minilm.build_graph(weights).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    embedding, extremes = session.run(["embedding", "extremes"], {"input_ids": np.array([ids], dtype=np.int64)})
    expected = tokens(ids, weights)
    np.testing.assert_allclose(embedding[0], unit(expected.mean(0)), atol=1e-5)
    each = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(extremes[0], np.concatenate([unit(each.max(0)), unit(each.min(0))]), atol=1e-5)
    (small,) = encoder.encode([text])
    assert small[:WIDTH] @ embedding[0] > 0.97, "int8 keeps the direction"


def test_minilm_encoder_gives_vectors_of_length_one(encoder: SentenceEncoder) -> None:
    vectors = encoder.encode([*TEXTS, "", "word " * 5000])
    assert vectors.shape == (5, 3 * WIDTH)
    assert vectors.dtype == np.float32
    for part in np.split(vectors, 3, axis=1):
        np.testing.assert_allclose(np.linalg.norm(part, axis=1), 1.0, atol=1e-4)
    assert encoder.encode([]).shape == (0, 3 * WIDTH)


def test_minilm_encoder_does_not_mix_a_batch(encoder: SentenceEncoder) -> None:
    together = encoder.encode(TEXTS)
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_array_equal(together, alone)


def test_minilm_encoder_puts_like_beside_like(encoder: SentenceEncoder) -> None:
    texts = ["how hot is the water", "what temperature has the water", "book a flight"]
    hot, warm, far = encoder.encode(texts)[:, :WIDTH]
    assert hot @ warm > hot @ far + 0.3


def test_minilm_refuses_other_weights(tmp_path: Path) -> None:
    other = tmp_path / "model.safetensors"
    other.write_bytes(b"other")
    with pytest.raises(EncoderError, match=r"ENC02.*model\.safetensors"):
        minilm.check_weights(other)


def test_minilm_encoder_needs_its_files(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"ENC03.*make setup"):
        SentenceEncoder(tmp_path)


def test_minilm_builds_what_stands_in_var(tmp_path: Path) -> None:
    built = minilm.build(tmp_path / "encoder")
    assert sorted(path.name for path in built.iterdir()) == ["encoder.onnx", "tokenizer.json"]
    for path in built.iterdir():
        kept = ROOT / "var" / "encoder" / path.name
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(kept.read_bytes()).digest(), "`make setup`"
    before = (built / "encoder.onnx").stat().st_mtime_ns
    minilm.build(built)
    assert (built / "encoder.onnx").stat().st_mtime_ns == before, "what is there is not built again"
