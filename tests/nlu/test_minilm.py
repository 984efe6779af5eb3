"""The sentence encoder's graph against the same network written out in numpy, and the files that are built from it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file
from scipy.special import erf, softmax
from tokenizers import Tokenizer

from faq.errors import EncoderError
from nlu import minilm
from nlu.encoder import FEATURES, MANY, WIDTH, SentenceEncoder

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


def tokenizer() -> Tokenizer:
    made = Tokenizer.from_file(str(minilm.official_weights() / "tokenizer.json"))
    made.no_padding()
    return made


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.linalg.norm(x)


@pytest.mark.parametrize("text", TEXTS)
def test_minilm_graph_computes_the_network(weights: dict[str, np.ndarray], encoder: SentenceEncoder, text: str) -> None:
    expected = tokens(tokenizer().encode(text).ids, weights)
    each = expected / np.linalg.norm(expected, axis=1, keepdims=True)
    (row,) = encoder.features([text], [((0, len(text)), (0, len(text)))])
    pooled = (*[expected.mean(0)] * 3, each.max(0), each.min(0))
    for part, whole in zip(np.split(row, 5), pooled, strict=True):
        assert part @ unit(whole) > 0.985, "int8 keeps the direction"


def test_minilm_sums_are_the_same_without_vnni(weights: dict[str, np.ndarray]) -> None:
    """AVX2 adds two products of 8 bits into 16 bits, and cuts off what does not fit."""
    small, scales = minilm.quantise(weights["encoder.layer.0.output.dense.weight"].T)
    assert 2 * 255 * np.abs(small.astype(int)).max() <= np.iinfo(np.int16).max
    assert scales.shape == (WIDTH,)
    arrays = {each.name: numpy_helper.to_array(each) for each in minilm.build_graph(weights).graph.initializer}
    multiplied = [each for name, each in arrays.items() if each.dtype == np.int8 and each.ndim == 2 and name != "words"]
    assert len(multiplied) == 4 * 6
    assert max(np.abs(each.astype(int)).max() for each in multiplied) <= minilm.WEIGHT_LIMIT


def test_minilm_encoder_gives_vectors_of_length_one(encoder: SentenceEncoder) -> None:
    texts = [*TEXTS, "", "word " * 5000]
    rows = encoder.features(texts, [((0, len(text)), (0, 1)) for text in texts])
    assert rows.shape == (5, FEATURES)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows.reshape(5, 5, WIDTH), axis=2), 1.0, atol=1e-4)
    np.testing.assert_allclose(encoder.encode(texts), rows[:, :WIDTH], atol=1e-6)
    assert encoder.features([], []).shape == (0, FEATURES)
    assert encoder.encode([]).shape == (0, WIDTH)


def test_minilm_encoder_does_not_mix_a_batch(encoder: SentenceEncoder) -> None:
    texts = [f"{text} {number}" for number in range(MANY) for text in TEXTS]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_array_equal(encoder.encode(texts), alone)


def test_minilm_encoder_takes_the_tokens_of_a_place(encoder: SentenceEncoder) -> None:
    text = "Naïve  👍 kettle; how hot?"
    (row,) = encoder.features([text], [((0, len(text)), (text.index("how"), len(text)))])
    whole, all_of_it, question = np.split(row[: 3 * WIDTH], 3)
    np.testing.assert_allclose(all_of_it, whole, atol=1e-6)
    pieces = tokenizer().encode(text)
    kept = [0, *(at for at, (start, _) in enumerate(pieces.offsets) if start >= text.index("how")), len(pieces) - 1]
    assert len(kept) == 5
    ids = {"input_ids": np.array([pieces.ids]), "parts": np.zeros((1, len(pieces)), dtype=np.float32)}
    ids["parts"][0, kept] = 1
    np.testing.assert_allclose(question, encoder._session.run(None, ids)[0][0, 0], atol=1e-6)


def test_minilm_encoder_reads_a_place_behind_the_longest_input(encoder: SentenceEncoder) -> None:
    story, question = "My kettle is old. " * 100, "How hot should it be?"
    text = story + question
    (row,) = encoder.features([text], [((0, 17), (len(story), len(text)))])
    np.testing.assert_array_equal(row[2 * WIDTH : 3 * WIDTH], encoder.encode([question])[0])
    np.testing.assert_allclose(row[:WIDTH], encoder.encode([story])[0], atol=1e-6)


def test_minilm_encoder_puts_like_beside_like(encoder: SentenceEncoder) -> None:
    texts = ["how hot is the water", "what temperature has the water", "book a flight"]
    hot, warm, far = encoder.encode(texts)
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
    (built / "tokenizer.json").write_text("of an older version")
    minilm.build(built)
    assert (built / "encoder.onnx").stat().st_mtime_ns == before, "what is as it should be stays"
    assert (built / "tokenizer.json").read_bytes() == (ROOT / "var" / "encoder" / "tokenizer.json").read_bytes()
    assert not list(built.glob("*.new"))


def test_minilm_encoder_needs_a_graph_of_this_version(tmp_path: Path) -> None:
    shutil.copy(ROOT / "var" / "encoder" / "tokenizer.json", tmp_path)
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])
    other = helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "tokens"])
    graph = helper.make_graph([helper.make_node("Identity", ["input_ids"], ["tokens"])], "older", [ids], [other])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (tmp_path / "encoder.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(EncoderError, match=r"ENC05.*make setup"):
        SentenceEncoder(tmp_path)
