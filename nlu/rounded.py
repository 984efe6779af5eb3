"""Phrasings in a byte a number, so that a message is compared with all of them in a fraction of a millisecond."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from nlu.features import Words, stacked
from nlu.inference import session_of
from nlu.kernel_space import Points
from nlu.projection import principal_axes

WORD_COMPONENTS = 256
"""Principal components of the frequent words that phrasings are kept as."""

STEPS = 63
"""Largest whole number that stands for a phrasing's number. With 127, two products would not fit into the 16 bits in
which older processors add them."""


class RoundedPhrasings:
    """What is kept of phrasings: the principal components in a byte each, and for every rare word where it stands.

    For a message ``a`` and a phrasing ``b`` it gives the bend ``exp(a @ b) - r``, where ``r`` is a rounded product of
    all but the rare words. Where the two have little in common the bend hardly depends on ``r``; and summed up with
    weights, the product itself is ``a`` times one small matrix, for which nothing need be rounded.
    """

    def __init__(self, rare: sparse.csr_matrix, graph: bytes | Path) -> None:
        """Constructs it from its parts.

        Args:
            rare: float32 (words, phrasings).
            graph: in ONNX, multiplies a message with all phrasings; in a file it is not kept a second time.
        """
        self._rare, self._graph = rare, graph
        self._sizes = np.diff(rare.indptr)
        self._session = session_of(graph)

    @classmethod
    def fit(cls, points: Points, axes: np.ndarray) -> RoundedPhrasings:
        """Rounds phrasings.

        Args:
            points: where they stand.
            axes: float32 (dense features, components), the principal components of their dense features.

        Returns:
            The rounded phrasings.
        """
        word_axes = principal_axes(points.frequent, WORD_COMPONENTS)
        numbers = np.concatenate([points.dense @ axes, points.frequent @ word_axes], axis=1)
        return cls(stacked(points.rare).T.tocsr(), _graph(axes, word_axes, numbers))

    def compare(self, message: Points) -> tuple[np.ndarray, float]:
        """Compares a message with all phrasings.

        Args:
            message: where it stands; one row.

        Returns:
            float32 (phrasings,), the bend of each; and the message's ``fade``.
        """
        (rare,) = message.rare
        (rounded,), square = self._session.run(None, {"dense": message.dense, "frequent": message.frequent})
        exponents = rounded + self._shared(rare)
        square = square.item() + np.vdot(message.frequent, message.frequent) + rare.values @ rare.values
        return np.exp(exponents, out=exponents) - rounded, float(np.exp(-square / 2))

    def _shared(self, words: Words) -> np.ndarray:
        """The products of rare words with all phrasings. By hand: most of scipy's time would go into checks."""
        sizes = self._sizes[words.columns]
        ends = np.cumsum(sizes)
        starts = self._rare.indptr[words.columns] - ends + sizes
        at = np.repeat(starts, sizes) + np.arange(sizes.sum())
        products = self._rare.data[at] * np.repeat(words.values, sizes)
        return np.bincount(self._rare.indices[at], products, self._rare.shape[1]).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Writes the rounded phrasings.

        Args:
            folder: exists.
        """
        sparse.save_npz(folder / "rare.npz", self._rare)
        content = self._graph if isinstance(self._graph, bytes) else self._graph.read_bytes()
        (folder / "phrasings.onnx").write_bytes(content)

    @classmethod
    def load(cls, folder: Path) -> RoundedPhrasings:
        """Reads what ``save`` wrote.

        Args:
            folder: where it was written.

        Returns:
            The rounded phrasings.
        """
        return cls(sparse.load_npz(folder / "rare.npz"), folder / "phrasings.onnx")


def _graph(axes: np.ndarray, word_axes: np.ndarray, phrasings: np.ndarray) -> bytes:
    """Writes as ONNX: from a message's ``dense`` features and ``frequent`` words to its ``products`` with phrasings,
    (phrasings, components of both), and the ``square`` of its dense components. All matrices are rounded."""
    from onnx import TensorProto, helper, numpy_helper  # takes 20 MB, which no server needs

    constants = []

    def multiply(name: str, matrix: np.ndarray, outcome: str) -> Any:
        scales = (np.maximum(np.abs(matrix).max(axis=0), 1e-9) / STEPS).astype(np.float32)
        steps = np.rint(matrix / scales).astype(np.int8)
        constants.extend(
            [numpy_helper.from_array(steps, f"{outcome} steps"), numpy_helper.from_array(scales, f"{outcome} scales")]
        )
        inputs = [name, f"{outcome} steps", f"{outcome} scales"]
        return helper.make_node("DynamicQuantizeMatMul", inputs, [outcome], domain="com.microsoft")

    def row(name: str, width: int) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width])

    nodes = [
        multiply("dense", axes, "components"),
        multiply("frequent", word_axes, "word components"),
        helper.make_node("Concat", ["components", "word components"], ["all"], axis=1),
        multiply("all", np.ascontiguousarray(phrasings.T), "products"),
        helper.make_node("ReduceSumSquare", ["components"], ["square"], axes=[1]),
    ]
    inputs = [row("dense", len(axes)), row("frequent", len(word_axes))]
    outputs = [row("products", len(phrasings)), row("square", 1)]
    graph = helper.make_graph(nodes, "compare", inputs, outputs, constants)
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=sets, ir_version=8).SerializeToString()
