"""The sentence encoder: texts in, vectors of length 1 out."""

from __future__ import annotations

import hashlib
import os
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from faq.errors import EncoderError
from nlu.inference import session_of
from nlu.vector_store import VARIABLE, VectorStore

MAX_TOKENS = 256
"""Longest input in word pieces; what stands behind is cut off. all-MiniLM-L6-v2 was trained with 256."""

ENCODER_DIR = Path("var/encoder")
"""Where `make setup` builds the encoder, relative to the project's root."""

WIDTH = 384
"""Numbers in a sentence vector."""

FEATURES = 5 * WIDTH
"""Numbers that a message is encoded as."""

OUTPUT = "vectors"
"""What the graph gives (``nlu/minilm.py``)."""

MANY = 32
"""Texts from which on all cores encode: in training, not for what one reader types."""

Span = tuple[int, int]
"""Start and end of a place in a text, in characters."""

_START, _END = itemgetter(0), itemgetter(1)


class SentenceEncoder:
    """all-MiniLM-L6-v2, one thread of onnxruntime for each text."""

    def __init__(self, folder: Path) -> None:
        """Loads the encoder.

        Args:
            folder: where ``encoder.onnx`` and ``tokenizer.json`` lie.

        Raises:
            EncoderError: one of the two is not there, or was built by another version of ``nlu/minilm.py``.
        """
        model, tokenizer = folder / "encoder.onnx", folder / "tokenizer.json"
        if not (model.is_file() and tokenizer.is_file()):
            raise EncoderError(f"[ENC03] No sentence encoder in {folder}: run `make setup`, which builds it.")
        content = model.read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._session = session_of(content)
        if [each.name for each in self._session.get_outputs()] != [OUTPUT]:
            raise EncoderError(
                f"[ENC05] {model} was built by another version of this project: run `make setup`, which builds it anew."
            )
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._store = self._vector_store(tokenizer)

    def _vector_store(self, tokenizer: Path) -> VectorStore | None:
        file = os.environ.get(VARIABLE)
        files = [hashlib.sha256(each.read_bytes()).hexdigest() for each in (tokenizer, Path(__file__))]
        maker = f"{self.sha256} {files} {onnxruntime.__version__}"
        return VectorStore(Path(file), maker, FEATURES) if file else None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encodes texts, each on its own.

        Args:
            texts: any strings; the empty string is fine.

        Returns:
            float32 (len(texts), 384): the sentence vectors, of length 1.
        """
        return self._encode(texts, [()] * len(texts))[:, :WIDTH]

    def features(self, texts: Sequence[str], places: Sequence[tuple[Span, Span]]) -> np.ndarray:
        """Encodes messages, each on its own, and two places in each.

        Args:
            texts: any strings.
            places: start and end of two places in each.

        Returns:
            float32 (len(texts), 1920): the sentence vector, which is the mean over all tokens; for each place the mean
            over its tokens and the two that enclose the text; the largest and the smallest value of each dimension over
            the tokens. Each of the five has length 1.
        """
        if self._store is None:
            return self._encode(texts, places)
        keys = [f"{text}\n{spans}" for text, spans in zip(texts, places, strict=True)]
        known = self._store.find(keys)
        if new := [at for at, key in enumerate(keys) if key not in known]:
            vectors = self._encode([texts[at] for at in new], [places[at] for at in new])
            made = {keys[at]: vector for at, vector in zip(new, vectors, strict=True)}
            self._store.keep(made)
            known |= made
        return np.array([known[key] for key in keys], dtype=np.float32).reshape(-1, FEATURES)

    def _encode(self, texts: Sequence[str], places: Sequence[Sequence[Span]]) -> np.ndarray:
        if not texts:
            return np.zeros((0, FEATURES), dtype=np.float32)
        if len(texts) < MANY:
            return np.concatenate(list(map(self._row, texts, places)))
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:  # onnxruntime lets other threads run
            return np.concatenate(list(threads.map(self._row, texts, places)))

    def _row(self, text: str, places: Sequence[Span]) -> np.ndarray:
        """One text; a place behind the longest input is encoded by itself."""
        pieces = self._tokenizer.encode(text)
        offsets = pieces.offsets[1:-1]
        parts = np.zeros((1 + len(places), len(pieces)), dtype=np.float32)
        parts[0] = parts[:, 0] = parts[:, -1] = 1
        for part, (start, end) in zip(parts[1:], places, strict=True):
            part[1 + bisect_right(offsets, start, key=_END) : 1 + bisect_left(offsets, end, key=_START)] = 1
        inputs = {"input_ids": np.array([pieces.ids]), "parts": parts}
        vectors = self._session.run([OUTPUT], inputs)[0][0]
        if pieces.overflowing:
            for vector, (start, end) in zip(vectors[1:-2], places, strict=True):
                if end > offsets[-1][1]:  # it is cut off here
                    vector[:] = self.encode([text[start:end]])[0]
        return vectors.reshape(1, -1)


@lru_cache(maxsize=2)
def load_encoder(folder: str) -> SentenceEncoder:
    """Loads the encoder once a process, however many components use it.

    Args:
        folder: where its files lie.

    Returns:
        The shared encoder.
    """
    return SentenceEncoder(Path(folder))
