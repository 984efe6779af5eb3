"""The sentence encoder: texts in, vectors of length 1 out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from faq.errors import EncoderError
from nlu.vector_store import VARIABLE, VectorStore

MAX_TOKENS = 256
"""Longest input in word pieces; what stands behind is cut off. all-MiniLM-L6-v2 was trained with 256."""

ENCODER_DIR = Path("var/encoder")
"""Where `make setup` builds the encoder, relative to the project's root."""

WIDTH = 384
"""Numbers in a sentence vector."""

ALL = 3 * WIDTH
"""Numbers that a text is encoded as."""

MANY = 32
"""Texts from which on all cores encode: in training, not for what one reader types."""


class SentenceEncoder:
    """all-MiniLM-L6-v2, one thread of onnxruntime for each text."""

    def __init__(self, folder: Path) -> None:
        """Loads the encoder.

        Args:
            folder: where ``encoder.onnx`` and ``tokenizer.json`` lie.

        Raises:
            EncoderError: one of the two is not there.
        """
        model, tokenizer = folder / "encoder.onnx", folder / "tokenizer.json"
        if not (model.is_file() and tokenizer.is_file()):
            raise EncoderError(f"[ENC03] No sentence encoder in {folder}: run `make setup`, which builds it.")
        content = model.read_bytes()
        self.sha256 = hashlib.sha256(content).hexdigest()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._store = self._vector_store(tokenizer)

    def _vector_store(self, tokenizer: Path) -> VectorStore | None:
        file = os.environ.get(VARIABLE)
        words = hashlib.sha256(tokenizer.read_bytes()).hexdigest()
        maker = f"{self.sha256} {words} {MAX_TOKENS} {onnxruntime.__version__}"
        return VectorStore(Path(file), maker, ALL) if file else None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Encodes texts, each on its own: int8 scales are taken over a batch, so batches would change the vectors.

        Args:
            texts: any strings; the empty string is fine.

        Returns:
            float32 (len(texts), 1152): the sentence vector, of length 1; then the largest and the smallest value of
            each dimension over the text's tokens, each of length 1.
        """
        if not texts:
            return np.zeros((0, ALL), dtype=np.float32)
        if self._store is None:
            return self._encode(texts)
        known = self._store.find(texts)
        if new := [text for text in dict.fromkeys(texts) if text not in known]:
            made = dict(zip(new, self._encode(new), strict=True))
            self._store.keep(made)
            known |= made
        return np.stack([known[text] for text in texts])

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        if len(ids) < MANY:
            return np.concatenate([self._run(each) for each in ids])
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:  # onnxruntime lets other threads run
            return np.concatenate(list(threads.map(self._run, ids)))

    def _run(self, ids: list[int]) -> np.ndarray:
        outputs = self._session.run(["embedding", "extremes"], {"input_ids": np.array([ids], dtype=np.int64)})
        return np.concatenate(outputs, axis=1)


@lru_cache(maxsize=2)
def load_encoder(folder: str) -> SentenceEncoder:
    """Loads the encoder once a process, however many components use it.

    Args:
        folder: where its files lie.

    Returns:
        The shared encoder.
    """
    return SentenceEncoder(Path(folder))
