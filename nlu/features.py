"""The features of messages as matrices, for what learns from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse


class Words(NamedTuple):
    """The sparse features of a message.

    Attributes:
        columns: int (features,), which they are.
        values: float32 (features,).
        width: how many columns there are.
    """

    columns: np.ndarray
    values: np.ndarray
    width: int


def sentence_features(messages: Sequence[Message]) -> tuple[np.ndarray, list[Words]]:
    """Puts the sentence features of messages together.

    Rasa and scipy do so too, but copy each or make several matrices on the way: a millisecond for one message.

    Args:
        messages: at least one, each with dense and sparse features of its text.

    Returns:
        float32 (messages, dense features), and the sparse features of each message.
    """
    dense = [np.concatenate([each.features for each in _sentence(message, True)], axis=1) for message in messages]
    return np.concatenate(dense).astype(np.float32, copy=False), [_words(message) for message in messages]


def _words(message: Message) -> Words:
    values, columns, width = [], [], 0
    for each in _sentence(message, False):
        values.append(each.features.data)
        columns.append(each.features.indices + width)
        width += each.features.shape[1]
    return Words(np.concatenate(columns), np.concatenate(values).astype(np.float32, copy=False), width)


def _sentence(message: Message, dense: bool) -> list[Features]:
    of_text = (each for each in message.features if each.attribute == TEXT and each.type == FEATURE_TYPE_SENTENCE)
    return [each for each in of_text if each.is_dense() == dense]


def stacked(rows: Sequence[Words]) -> sparse.csr_matrix:
    """Makes a matrix of the sparse features of many messages.

    Args:
        rows: at least one, all of the same width.

    Returns:
        float32 (messages, columns).
    """
    ends = np.cumsum([0, *(len(row.columns) for row in rows)])
    parts = (np.concatenate([row.values for row in rows]), np.concatenate([row.columns for row in rows]), ends)
    return sparse.csr_matrix(parts, shape=(len(rows), rows[0].width))


def metadata_of(example: Message) -> Mapping[str, str]:
    """What a phrasing of data/nlu says about itself under ``metadata:``.

    Args:
        example: from the training data.

    Returns:
        Its keys and values; none where it says nothing.
    """
    return (example.get("metadata") or {}).get("example") or {}
