from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.message import Message

from channels.text import as_plain_words, clean


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b", "ab"),
        ("a\x1b[31mb\x7f\x85", "a[31mb"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("half \ud83d pair", "half  pair"),
        ("line\r\nline\rline\tend", "line\nline\nline\tend"),
        ("  kept  ", "  kept  "),
        ("Ärztin 🙂 👩‍⚕️ नमस्ते שלום\u200f", "Ärztin 🙂 👩‍⚕️ नमस्ते שלום\u200f"),
    ],
)
def test_clean(typed, kept):
    assert clean(typed) == kept


SPACES = st.text(st.sampled_from(" \t\n\x1c\x85\xa0\u2003\u3000"), max_size=4)


@given(SPACES, st.text(st.sampled_from('/a @{}:"1.'), max_size=12))
def test_as_plain_words_is_never_a_command(spaces, rest):
    text = spaces + "/" + rest
    words = as_plain_words(text)
    message = Message({"text": words})
    assert YAMLStoryReader.unpack_regex_message(message) is message
    assert not words.strip().startswith("/")
    assert len(words) == len(text)
    assert words.strip()
    assert sum(one != other for one, other in zip(words, text, strict=True)) == 1


@given(st.text())
def test_as_plain_words_leaves_other_texts(text):
    if not text.strip().startswith("/"):
        assert as_plain_words(text) == text
