"""Keeps the vectors of texts on the disk, so that a training encodes only what is new since the last one."""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

logger = logging.getLogger(__name__)

VARIABLE = "FAQ_VECTORS"
"""The variable that names the file; without it nothing is kept. The servers never have it: what readers type is only in
the conversations."""

MOST = 36_000
"""Vectors that are kept at most, the newest; one takes 7.7 KB, and the phrasings are 14,300."""


class VectorStore:
    """Vectors by the hash of encoder and text: what is found is what the encoder would give.

    A file that is damaged or cannot be written costs time and nothing else.

    Args:
        path: an SQLite file, made where it is missing.
        encoder: all that vectors depend on beside the text.
        width: numbers in a vector.
    """

    def __init__(self, path: Path, encoder: str, width: int) -> None:
        self._path, self._encoder, self._width = path, encoder, width

    def find(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """Looks vectors up.

        Args:
            texts: any.

        Returns:
            float32 (width,) of each text that is known.
        """
        found: dict[str, np.ndarray] = {}
        try:
            with closing(self._open()) as connection:
                for text in texts:
                    row = connection.execute("SELECT vector FROM vectors WHERE key = ?", [self._key(text)]).fetchone()
                    if row and len(row[0]) == 4 * self._width:
                        found[text] = np.frombuffer(row[0], dtype=np.float32)
        except sqlite3.Error as error:
            self._give_up(error)
        return found

    def keep(self, vectors: Mapping[str, np.ndarray]) -> None:
        """Adds vectors, and drops the oldest where there are too many.

        Args:
            vectors: float32 (width,) of each text.
        """
        rows = [(self._key(text), vector.tobytes()) for text, vector in vectors.items()]
        try:
            with closing(self._open()) as connection, connection:
                connection.executemany("INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)", rows)
                connection.execute("DELETE FROM vectors WHERE number <= (SELECT max(number) FROM vectors) - ?", [MOST])
        except sqlite3.Error as error:
            self._give_up(error)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vectors (number INTEGER PRIMARY KEY, key BLOB UNIQUE, vector BLOB)"
        )
        return connection

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._encoder}\n{text}".encode(errors="surrogatepass")).digest()

    def _give_up(self, error: sqlite3.Error) -> None:
        logger.warning("%s cannot be used (%s), so all texts are encoded: delete it.", self._path, error)
