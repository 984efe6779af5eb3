"""The features of messages as matrices, for what learns from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse


def sentence_features(messages: Sequence[Message]) -> tuple[np.ndarray, sparse.csr_matrix]:
    """Puts the sentence features of messages together.

    Args:
        messages: at least one, each with dense and sparse features of its text.

    Returns:
        float32 (messages, dense features) and (messages, sparse features).
    """
    dense = np.concatenate([message.get_dense_features(TEXT)[1].features for message in messages])
    return dense.astype(np.float32), _stacked([_sparse_row(message) for message in messages])


def _sparse_row(message: Message) -> tuple[np.ndarray, np.ndarray, int]:
    """Values and columns of a message's sparse features side by side, and how many columns there are.

    Rasa and scipy stack them too, but each makes several matrices on the way: a millisecond for one message.
    """
    values, columns, width = [], [], 0
    for each in message.features:
        if each.is_sparse() and each.attribute == TEXT and each.type == FEATURE_TYPE_SENTENCE:
            values.append(each.features.data)
            columns.append(each.features.indices + width)
            width += each.features.shape[1]
    return np.concatenate(values), np.concatenate(columns), width


def _stacked(rows: Sequence[tuple[np.ndarray, np.ndarray, int]]) -> sparse.csr_matrix:
    values, columns, widths = zip(*rows, strict=True)
    ends = np.cumsum([0, *map(len, values)])
    parts = (np.concatenate(values).astype(np.float32), np.concatenate(columns), ends)
    return sparse.csr_matrix(parts, shape=(len(rows), widths[0]))


def metadata_of(example: Message) -> Mapping[str, str]:
    """What a phrasing of data/nlu says about itself under ``metadata:``.

    Args:
        example: from the training data.

    Returns:
        Its keys and values; none where it says nothing.
    """
    return (example.get("metadata") or {}).get("example") or {}
