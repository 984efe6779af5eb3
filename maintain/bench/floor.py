"""What no assistant with this encoder, this server and this store can go under, measured alone."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

import httpx
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from maintain.settings import ROOT

EVENTS = 8
"""Rows that a turn adds to the store."""

EVENT = json.dumps({"event": "user", "text": "x" * 1500})
"""About as long as they are on average."""


def encoder(texts: Sequence[str], folder: Path = ROOT / "var" / "encoder") -> list[float]:
    """Milliseconds for each text: word pieces and the encoder's graph on one thread, nothing else.

    Args:
        texts: what readers write.
        folder: of the encoder.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()

    def encode(text: str) -> None:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        session.run(None, {"input_ids": ids, "parts": np.ones(ids.shape, dtype=np.float32)})

    return _timed(encode, texts)


def network(url: str, calls: int) -> list[float]:
    """Milliseconds for each call to a running server that answers at once: Sanic and the network.

    Args:
        url: of our assistant.
        calls: how many.
    """
    with httpx.Client(base_url=url, trust_env=False) as http:
        return _timed(lambda _: http.get("/chat/health/live"), range(calls))


def store(file: Path, turns: int) -> list[float]:
    """Milliseconds for each turn to stand safely in an SQLite file, written as the conversations are.

    Args:
        file: that is made.
        turns: how many.
    """
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, sender TEXT, data TEXT)")

        def write(turn: int) -> None:
            rows = [(str(turn), EVENT)] * EVENTS
            connection.executemany("INSERT INTO events (sender, data) VALUES (?, ?)", rows)
            connection.commit()

        return _timed(write, range(turns))


def _timed(do: Callable[[object], object], each: Iterable[object]) -> list[float]:
    times = []
    for item in each:
        started = time.perf_counter()
        do(item)
        times.append(1000 * (time.perf_counter() - started))
    return times
