"""What a reader typed: cleaned of what can harm, and kept from being taken for a command."""

from __future__ import annotations

import re

COMMAND_PREFIX = "/"
"""Rasa takes a text that starts with it, after white space, for the name of an intent."""

_STAND_IN = ":"
"""Takes the place of the prefix for NLU: as long, never white space, and a token of its own in every tokenizer."""

_HARMFUL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Control characters but for the tab and the line end (Unicode's Cc), halves of surrogate pairs (Cs), and embeddings,
overrides and isolates, which let a text read differently from what it is (CVE-2021-42574)."""


def clean(text: str) -> str:
    """The text without control characters, halves of surrogate pairs, and bidirectional controls.

    Tabs and line ends stay, the latter as ``\\n``; nothing else is taken away.
    """
    return _HARMFUL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def as_plain_words(text: str) -> str:
    """The text for NLU, of the same length, so that it is understood and never obeyed.

    Every place in it is the same place in the text itself, so the offsets of entities fit both.
    """
    start = len(text) - len(text.lstrip())
    if not text.startswith(COMMAND_PREFIX, start):
        return text
    return text[:start] + _STAND_IN + text[start + len(COMMAND_PREFIX) :]
