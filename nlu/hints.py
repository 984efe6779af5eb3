"""The words that tell the complaint's time from any other time: ``data/facts/durations.toml``."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from faq.errors import RuleError
from nlu.vocabulary import read_table


class Hints:
    """The words of ``durations.toml``."""

    def __init__(self, path: Path) -> None:
        """Reads them.

        Args:
            path: the file.

        Raises:
            RuleError: a key is missing or is no text.
        """
        table = read_table(path)
        for key in (
            "complaint",
            "other",
            "started",
            "ongoing",
            "of_complaint",
            "pause",
            "over",
            "over_phrases",
            "back_phrases",
            "remedy",
            "unhelped",
            "people",
        ):
            if not isinstance(table.get(key), str):
                raise RuleError(f'[DUR01] {path.name}, {key}: give it a text, {key} = "word word*".')
        self.complaint = _tester(table["complaint"])
        self.other = _tester(table["other"])
        self.remedy = _tester(table["remedy"])
        self.people = _tester(table["people"])
        self.unhelped = _phrases(table["unhelped"])
        self.plain = _tester(table.get("plain", ""))
        self.compounds = _phrases(table.get("compounds", ""))
        self.reported = _phrases(table.get("reported", ""))
        self.without = _phrases(table.get("without", ""))
        self.lasting_on = _tester(table.get("lasting_on", ""))
        self.strangers = _phrases(table.get("strangers", ""))
        self.asking = _phrases(table.get("asking", ""))
        self.over_clause = _phrases(table.get("over_clause", ""))
        self.started = frozenset(table["started"].split())
        self.ongoing = frozenset(table["ongoing"].split())
        self.of_complaint = frozenset(table["of_complaint"].split())
        self.pause = frozenset(table["pause"].split())
        self.over = frozenset(table["over"].split())
        self.over_phrases = _phrases(table["over_phrases"])
        self.back_phrases = _phrases(table["back_phrases"])
        texts = " ".join(table[key] for key in ("complaint", "other", "started", "ongoing", "pause"))
        self.words = frozenset(word for word in texts.split() if not word.endswith("*"))
        self.beginnings = tuple(word[:-1] for word in texts.split() if word.endswith("*"))


def _tester(text: str) -> Callable[[str], bool]:
    words = frozenset(word for word in text.split() if not word.endswith("*"))
    prefixes = tuple(word[:-1] for word in text.split() if word.endswith("*"))
    return lambda word: word in words or word.startswith(prefixes)


def _phrases(text: str) -> re.Pattern[str]:
    if not text.strip():
        return re.compile(r"(?!)")  # matches nothing
    return re.compile(r"\b(?:" + "|".join(part.strip() for part in re.split(r"[|\n]", text) if part.strip()) + r")\b")
