"""Phrasings: the training examples in ``data/nlu``, with the place that each stands at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from faq.errors import PhrasingError

ALSO = "also"
"""Key of an example's metadata: the second intent of a double question."""

STATES = "states"
"""Key of an example's metadata: the red flag that it states (``faq.triage.fact_for``), or ``NOTHING``."""

NOTHING = "nothing"
"""What only looks like a red flag states; a phrasing that does not say what it states may state anything."""


@dataclass(frozen=True)
class Phrasing:
    """One training example.

    Attributes:
        text: what a reader might type.
        intents: its intent, and the second one of a double question.
        file: name of its file.
        line: where its text stands, counted from 1.
        states: the red flag that it states, ``nothing``, or an empty text where it does not say.
    """

    text: str
    intents: tuple[str, ...]
    file: str
    line: int
    states: str = ""

    @property
    def place(self) -> str:
        """File and line, for people."""
        return f"data/nlu/{self.file}, line {self.line}"


def same_words(text: str) -> str:
    """What two texts share that differ only in case, punctuation or spaces.

    Args:
        text: any.

    Returns:
        Its words; the text itself where it has none, such as an emoji.
    """
    words = re.sub(r"[^\w\s]|_", " ", re.sub(r"['’`´]", "", text.casefold())).split()
    return " ".join(words) or text.strip()


def read_phrasings(folder: Path) -> tuple[Phrasing, ...]:
    """Reads all phrasings.

    Args:
        folder: ``data/nlu``.

    Returns:
        The phrasings, by file name and line.

    Raises:
        PhrasingError: a file is not YAML, or not of the form that Rasa's documentation gives for ``nlu``.
    """
    return tuple(phrasing for path in sorted(folder.glob("*.yml")) for phrasing in _read(path))


def _read(path: Path) -> Iterator[Phrasing]:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for block in _value(root, "nlu").value:
            intent, examples = _value(block, "intent").value, _value(block, "examples")
            yield from _listed(path, intent, examples) if examples.id == "sequence" else _lines(path, intent, examples)
    except yaml.YAMLError as error:
        raise PhrasingError(f"[PHR01] {path.name} is not YAML: {error}. Put that line right.") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise PhrasingError(
            f"[PHR02] {path.name}: {error} is missing: under `nlu:`, each entry has `intent:` and `examples:`."
        ) from error


def _lines(path: Path, intent: str, examples: Any) -> Iterator[Phrasing]:
    """``examples: |`` with one ``- text`` a line."""
    for number, line in enumerate(examples.value.splitlines(), examples.start_mark.line + 2):
        if line.startswith("- "):
            yield Phrasing(line[2:].strip(), (intent,), path.name, number)


def _listed(path: Path, intent: str, examples: Any) -> Iterator[Phrasing]:
    """``examples:`` with ``- text: |`` and perhaps ``metadata:``, with ``also:`` and ``states:`` among its keys."""
    for example in examples.value:
        text, metadata = _value(example, "text"), {}
        if any(key.value == "metadata" for key, _ in example.value):
            metadata = {key.value: value.value for key, value in _value(example, "metadata").value}
        intents = (intent, metadata[ALSO]) if ALSO in metadata else (intent,)
        line = text.start_mark.line + 1 + (text.style == "|")
        yield Phrasing(text.value.strip(), intents, path.name, line, metadata.get(STATES, ""))


def _value(mapping: Any, name: str) -> Any:
    return {key.value: value for key, value in mapping.value}[name]
