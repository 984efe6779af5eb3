"""Graphs in ONNX, run without any thread of their own."""

from __future__ import annotations

from pathlib import Path

import onnxruntime


def session_of(graph: bytes | Path) -> onnxruntime.InferenceSession:
    """Makes a graph ready to run, in the thread that asks: a server with other threads could not be forked
    (docs/decisions/0020-nlu-processes.md).

    Args:
        graph: in ONNX, or the file with it.

    Returns:
        What runs it.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    source = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
