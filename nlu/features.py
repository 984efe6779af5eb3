"""The features of messages as matrices, for what learns from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

FEW = 64
"""Messages of which the features are kept at most: a training's would take the memory a second time."""


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


_Row = tuple[np.ndarray, Words]
"""The dense features of a message, float32 (1, dense features), and the sparse ones."""


def sentence_features(messages: Sequence[Message]) -> tuple[np.ndarray, list[Words]]:
    """Puts the sentence features of messages together.

    Rasa and scipy do so too, but copy each or make several matrices on the way: a millisecond for one message. Where
    there are few, what is put together stays with each message, since several components ask for it.

    Args:
        messages: at least one, each with dense and sparse features of its text.

    Returns:
        float32 (messages, dense features), and the sparse features of each message.
    """
    rows = list(map(_together if len(messages) <= FEW else _put_together, messages))
    dense = rows[0][0] if len(rows) == 1 else np.concatenate([row for row, _ in rows])
    return dense, [words for _, words in rows]


def _together(message: Message) -> _Row:
    count, together = vars(message).get("together", (0, None))
    if count != len(message.features):
        together = _put_together(message)
        message.together = len(message.features), together
    return together


def _put_together(message: Message) -> _Row:
    dense, values, columns, width = [], [], [], 0
    for each in message.features:
        if each.attribute != TEXT or each.type != FEATURE_TYPE_SENTENCE:
            continue
        if each.is_dense():
            dense.append(each.features)
        else:
            values.append(each.features.data)
            columns.append(each.features.indices + width)
            width += each.features.shape[1]
    words = Words(np.concatenate(columns), np.concatenate(values).astype(np.float32, copy=False), width)
    row = dense[0] if len(dense) == 1 else np.concatenate(dense, axis=1)
    return row.astype(np.float32, copy=False), words


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
