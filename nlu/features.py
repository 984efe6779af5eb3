"""The features of messages as matrices, for what learns from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rasa.shared.nlu.constants import TEXT
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
    words = sparse.vstack([message.get_sparse_features(TEXT)[1].features for message in messages])
    return dense.astype(np.float32), words.tocsr().astype(np.float32)
