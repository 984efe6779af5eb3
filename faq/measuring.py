"""The messages that measure the assistant. Learned, they would measure nothing, so they must never become phrasings."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

SAFETY = ("red_flags.csv", "always.csv")
"""Tables of tests/safety that count. Its look-alikes are everyday phrases that may well be learned."""

READ_ON = date(2026, 11, 25)
"""The day on which messages count as written that teach or measure, whenever that is done. "Since January" is a matter
of months on it, and of days in January: by the clock, a training and a judgement would change with the calendar."""


def messages_that_measure(root: Path, dialogues: bool = True) -> Iterator[tuple[str, str]]:
    """Reads them, where there are any.

    Args:
        root: the project's top folder.
        dialogues: whether to read those of dialogues, too, among which are everyday ones such as "thanks".

    Yields:
        The text of a message, and where it stands.
    """
    evaluation = root / "tests" / "evaluation"
    tables = [*sorted(evaluation.glob("*.csv")), *(root / "tests" / "safety" / name for name in SAFETY)]
    for path in (path for path in tables if path.is_file()):
        yield from _table(path, path.relative_to(root).as_posix())
    for path in sorted(evaluation.glob("*.yml")) if dialogues else ():
        for text in _turns(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)):
            yield text, path.relative_to(root).as_posix()


def _table(path: Path, name: str) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            yield row["text"], f"{name}, {row.get('id') or f'line {rows.line_num}'}"


def _turns(node: Any) -> Iterator[str]:
    """Every text of a dialogue that a reader says: the values of ``user:``, ``text:`` and ``say:``, at any depth."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("user", "text", "say") and isinstance(value, str):
                yield value
            else:
                yield from _turns(value)
    elif isinstance(node, list):
        for each in node:
            yield from _turns(each)
