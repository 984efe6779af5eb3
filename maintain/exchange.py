"""Phrasings as CSV and as Rasa's YAML: what ``export`` writes and ``import`` reads."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from faq.errors import PhrasingError
from faq.phrasings import ALSO, Phrasing, read_phrasings
from maintain.phrasing_text import HEADER, SENTENCE, Phrase, item_lines, one_line

COLUMNS = ("text", "intent", "also", "sentence", "file")
"""Columns of the CSV. Only the first two must be there; ``intent`` may be ``a+b``, as in the labelled messages."""


@dataclass(frozen=True)
class Given:
    """A phrase of a file that is imported, and the line where it stands."""

    phrase: Phrase
    line: int


def read_data(folder: Path) -> list[Phrase]:
    """Reads all phrasings with their metadata.

    Args:
        folder: ``data/nlu``.

    Returns:
        The phrases, each with its file, by file name and line.

    Raises:
        PhrasingError: a file cannot be read.
    """
    phrasings = read_phrasings(folder)
    sentences = [sentence for path in sorted(folder.glob("*.yml")) for sentence in _sentences(path)]
    return [Phrase(p.text, p.intents, s, p.file) for p, s in zip(phrasings, sentences, strict=True)]


def as_csv(phrases: Iterable[Phrase]) -> str:
    """Writes phrases as CSV, with ``COLUMNS``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each in phrases:
        writer.writerow([each.text, each.intents[0], *(each.intents[1:] or ("",)), each.sentence, each.file])
    return out.getvalue()


def as_yaml(phrases: Iterable[Phrase]) -> str:
    """Writes phrases as one file of Rasa's YAML, intent by intent in the order of their first phrase."""
    kinds: dict[tuple[str, bool], list[Phrase]] = {}
    for each in phrases:
        kinds.setdefault((each.intents[0], bool(each.metadata)), []).append(each)
    blocks = [_block(intent, several) for (intent, _), several in kinds.items()]
    return HEADER + "".join(blocks)


def read_file(path: Path, format: str) -> list[Given]:
    """Reads a file that is to be imported.

    Args:
        path: the file.
        format: ``csv`` or ``yaml``.

    Returns:
        Its phrases.

    Raises:
        PhrasingError: it is not well formed; names the line.
    """
    try:
        return list(_read_csv(path) if format == "csv" else _read_yaml(path))
    except OSError as error:
        raise PhrasingError(f"[IMP01] {path} cannot be read ({error.strerror}): give a file that can.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise PhrasingError(f"[IMP02] {path} is no text in UTF-8 ({error}): save it as that.") from error


def _block(intent: str, phrases: list[Phrase]) -> str:
    if phrases[0].metadata:
        rows = [line for each in phrases for line in item_lines(each, 2)]
        return "\n".join([f"- intent: {intent}", "  examples:", *rows, ""])
    lines = [f"    - {each.text}" for each in phrases]
    return "\n".join([f"- intent: {intent}", "  examples: |", *lines, ""])


def _read_csv(path: Path) -> Iterator[Given]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in COLUMNS[:2] if name not in (reader.fieldnames or ())]
        if missing:
            raise PhrasingError(f"[IMP03] {path}, line 1: no column {' and no column '.join(missing)}: name it there.")
        line = 2
        for row in reader:
            yield Given(_from_row(path, line, row), line)
            line = reader.line_num + 1


def _from_row(path: Path, line: int, row: Mapping[str | None, Any]) -> Phrase:
    if None in row or None in row.values():
        raise PhrasingError(f"[IMP04] {path}, line {line}: more or fewer cells than columns: put texts in quotes.")
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    intents = tuple(name.strip() for name in cells["intent"].split("+")) + ((cells[ALSO],) if cells[ALSO] else ())
    file = cells["file"]
    if file and (Path(file).name != file or not file.endswith(".yml")):
        raise PhrasingError(f"[IMP05] {path}, line {line}, file: {file!r} is no file of data/nlu: leave it empty.")
    return Phrase(one_line(cells["text"]), intents, cells[SENTENCE], file)


def _read_yaml(path: Path) -> Iterator[Given]:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / f"{path.stem}.yml"
        shutil.copyfile(path, copy)
        phrasings: tuple[Phrasing, ...] = read_phrasings(Path(folder))
        for each, sentence in zip(phrasings, _sentences(copy), strict=True):
            yield Given(Phrase(one_line(each.text), each.intents, sentence), each.line)


def _sentences(path: Path) -> Iterator[str]:
    """The ``sentence:`` of each example of a file, empty where it has none."""
    for block in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
        examples = block["examples"]
        if isinstance(examples, str):
            yield from ("" for line in examples.splitlines() if line.startswith("- "))
        else:
            yield from ((each.get("metadata") or {}).get(SENTENCE, "") for each in examples)
