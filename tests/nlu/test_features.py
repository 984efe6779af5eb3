"""Features put side by side by hand are those that Rasa gives."""

from __future__ import annotations

import numpy as np
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy import sparse

from nlu.features import FEW, sentence_features, stacked

ROWS = [([0.0, 1.0, 0.5], [2.0, 0.0]), ([0.0, 0.0, 0.0], [0.0, 3.0]), ([0.0] * 3, [0.0] * 2)]


def message(number: int) -> Message:
    made = Message(data={TEXT: "how hot"})
    made.add_features(Features(np.full((1, 4), number, dtype=np.float32), FEATURE_TYPE_SENTENCE, TEXT, "dense"))
    made.add_features(Features(sparse.eye(2, 3, format="csr"), FEATURE_TYPE_SEQUENCE, TEXT, "tokens"))
    for values, origin in zip(ROWS[number], ("words", "characters"), strict=True):
        made.add_features(Features(sparse.csr_matrix([values]), FEATURE_TYPE_SENTENCE, TEXT, origin))
    return made


def test_features_of_messages_are_those_that_rasa_puts_together() -> None:
    messages = [message(number) for number in range(len(ROWS))]
    dense, rows = sentence_features(messages)
    words = stacked(rows)
    rasas = sparse.vstack([each.get_sparse_features(TEXT)[1].features for each in messages])
    assert np.array_equal(words.toarray(), rasas.toarray())
    assert (dense.shape, dense.dtype, words.dtype) == ((3, 4), np.float32, np.float32)


def test_features_are_put_together_anew_where_one_came_in_between() -> None:
    one = message(0)
    before, words = sentence_features([one])
    again, _ = sentence_features([one])
    one.add_features(Features(np.ones((1, 2), dtype=np.float32), FEATURE_TYPE_SENTENCE, TEXT, "more"))
    after, same_words = sentence_features([one])
    assert (before.shape, again.shape, after.shape) == ((1, 4), (1, 4), (1, 6))
    assert np.array_equal(stacked(words).toarray(), stacked(same_words).toarray())


def test_features_of_a_training_are_not_kept() -> None:
    messages = [message(number % len(ROWS)) for number in range(FEW + 1)]
    sentence_features(messages)
    assert not any("together" in vars(each) for each in messages)
    sentence_features(messages[:FEW])
    assert all("together" in vars(each) for each in messages[:FEW])
