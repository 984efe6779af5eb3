"""Puts one phrasing into the text of a file of data/nlu, or takes one out; every other byte stays as it is."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from faq.errors import PhrasingError
from faq.intents import SMALL_TALK
from faq.phrasings import ALSO
from faq.reply import OUT_OF_SCOPE

SENTENCE = "sentence"
"""Key of an example's metadata: how the sentence begins that answers it best."""

HEADER = 'version: "3.1"\n\nnlu:\n'
LINE = re.compile(r"[^\n\r\x85\u2028\u2029]*(?:\r\n|[\n\r\x85\u2028\u2029])|[^\n\r\x85\u2028\u2029]+$")
"""A line as YAML counts them, with its end."""
MARKUP = re.compile(r"\](?=[(\[{])")
"""Between these two characters Rasa's training data would see an entity."""
INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
JOINERS = "\u200c\u200d"  # parts of an emoji, and of words in Persian, hang together by them


@dataclass(frozen=True)
class Phrase:
    """A phrasing on its way into the data.

    Attributes:
        text: one line, of ``one_line``.
        intents: its intent, and the second one of a double question.
        sentence: how the sentence begins that answers it best, or empty.
        file: name of its file; empty for the one where its kind belongs.
    """

    text: str
    intents: tuple[str, ...]
    sentence: str = ""
    file: str = ""

    @property
    def target(self) -> str:
        """Name of the file it goes to."""
        if self.file:
            return self.file
        if len(self.intents) > 1:
            return "two_questions.yml"
        if self.sentence:
            return "sentences.yml"
        return "small_talk.yml" if self.intents[0] in SMALL_TALK else f"{self.intents[0]}.yml"

    @property
    def metadata(self) -> dict[str, str]:
        """What is written under ``metadata:``, each value as YAML."""
        also = {ALSO: self.intents[1]} if len(self.intents) > 1 else {}
        return {**also, **({SENTENCE: json.dumps(self.sentence, ensure_ascii=False)} if self.sentence else {})}

    @property
    def is_refused(self) -> bool:
        """Whether it is an example of what the assistant declines."""
        return OUT_OF_SCOPE in self.intents


def one_line(text: str) -> str:
    """Makes a text fit for a file of phrasings.

    Args:
        text: any.

    Returns:
        One line without control and direction characters, and without what Rasa would read as an entity.
    """
    visible = (c for c in " ".join(text.split()) if c in JOINERS or unicodedata.category(c) not in INVISIBLE)
    return MARKUP.sub("] ", "".join(visible)).strip()


def insert(content: str, phrase: Phrase) -> str:
    """Puts a phrasing behind the last one of its kind, in a block of its own where there is none.

    Args:
        content: of the file; empty where there is none yet.
        phrase: what to put in.

    Returns:
        The new content.
    """
    content = content or HEADER
    lines, blocks = LINE.findall(content), _blocks(content)
    block = _block_for(blocks, phrase)
    if block is None:
        column = blocks[0].start_mark.column - 2 if blocks else 0
        return _put(lines, len(lines), _new_block(phrase, max(column, 0)))
    examples = _value(block, "examples")
    if examples.id == "scalar":
        last, indent = _literal_end(lines, block, examples)
        return _put(lines, last + 1, [f"{indent}- {phrase.text}"])
    last, dash = _item_end(lines, examples.value[-1])
    return _put(lines, last + 1, item_lines(phrase, dash))


def remove(content: str, phrase: Phrase) -> str:
    """Takes a phrasing out, and its block where that becomes empty.

    Args:
        content: of the file.
        phrase: what to take out; text and intents must be the same to the letter.

    Returns:
        The new content, empty where no block is left.

    Raises:
        PhrasingError: it is not there.
    """
    lines, blocks = LINE.findall(content), _blocks(content)
    for block in reversed(blocks):
        found = _find(lines, block, phrase)
        if found and found[2]:
            return "" if len(blocks) == 1 else _cut(lines, *_block_span(lines, block))
        if found:
            return _cut(lines, found[0], found[1])
    raise PhrasingError(f"[PHR03] {phrase.target} has no {phrase.text!r} any more: there is nothing to take out.")


def _blocks(content: str) -> list[Any]:
    """The mappings under ``nlu:``."""
    root = yaml.compose(content, Loader=yaml.CSafeLoader)
    nlu = _value(root, "nlu") if root is not None else None
    return [block for block in getattr(nlu, "value", None) or [] if block.id == "mapping" and _value(block, "intent")]


def _value(mapping: Any, name: str) -> Any:
    return next((value for key, value in mapping.value if key.value == name), None)


def _block_for(blocks: Sequence[Any], phrase: Phrase) -> Any:
    """The last block that this kind of phrasing fits into: one that has the same metadata already, or none."""
    same = [block for block in blocks if _value(block, "intent").value == phrase.intents[0]]
    for wanted in ("scalar", "sequence") if not phrase.metadata else ("sequence",):
        fitting = [b for b in same if _value(b, "examples").id == wanted and _is_open(_value(b, "examples"))]
        alike = [block for block in fitting if phrase.intents[1:] in _seconds(_value(block, "examples"))]
        if alike or fitting:
            return (alike or fitting)[-1]
    return None


def _is_open(examples: Any) -> bool:
    """Whether lines can be added: a literal scalar, or a list in block style with something in it."""
    return examples.style == "|" if examples.id == "scalar" else bool(examples.value) and not examples.flow_style


def _seconds(examples: Any) -> set[tuple[str, ...]]:
    return {_also(each) for each in examples.value} if examples.id == "sequence" else {()}


def _also(example: Any) -> tuple[str, ...]:
    metadata = _value(example, "metadata")
    also = _value(metadata, ALSO) if metadata is not None else None
    return (also.value,) if also is not None else ()


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _run_end(lines: Sequence[str], first: int, column: int) -> int:
    """The last line, from one on, of a run of lines that are blank or stand deeper than a column."""
    last = place = first
    while (place := place + 1) < len(lines) and (not lines[place].strip() or _indent(lines[place]) > column):
        last = place if lines[place].strip() else last
    return last


def _literal_end(lines: Sequence[str], block: Any, examples: Any) -> tuple[int, str]:
    """The last line of ``examples: |``, and the spaces before its ``-``."""
    column, first = block.start_mark.column, examples.start_mark.line
    last = _run_end(lines, first, column)
    return last, " " * (_indent(lines[last]) if last > first else column + 2)


def _item_end(lines: Sequence[str], item: Any) -> tuple[int, int]:
    """The last line of a list's item, and the column of its ``-``."""
    dash = _indent(lines[item.start_mark.line])
    return _run_end(lines, item.start_mark.line, dash), dash


def item_lines(phrase: Phrase, dash: int) -> list[str]:
    """A phrase as an item of a list.

    Args:
        phrase: what to write.
        dash: column of the item's ``-``.

    Returns:
        The lines, without line ends.
    """
    start = " " * dash
    metadata = [f"{start}    {key}: {value}" for key, value in phrase.metadata.items()]
    return [f"{start}- text: |", f"{start}    {phrase.text}", *([f"{start}  metadata:", *metadata] if metadata else [])]


def _new_block(phrase: Phrase, column: int) -> list[str]:
    start = " " * column
    head = f"{start}- intent: {phrase.intents[0]}"
    if not phrase.metadata:
        return [head, f"{start}  examples: |", f"{start}    - {phrase.text}"]
    return [head, f"{start}  examples:", *item_lines(phrase, column + 2)]


def _put(lines: Sequence[str], place: int, new: Sequence[str]) -> str:
    """Inserts lines with the line end of those around them; a file that ends without one goes on doing so."""
    before, after = list(lines[:place]), lines[place:]
    end = "\r\n" if before[0].endswith("\r\n") else "\n"
    if not before[-1].endswith(("\n", "\r")):
        return "".join([*before, end, end.join(new)])
    return "".join([*before, *(f"{line}{end}" for line in new), *after])


def _cut(lines: Sequence[str], first: int, last: int) -> str:
    kept = [*lines[:first], *lines[last + 1 :]]
    if last + 1 == len(lines) and not lines[last].endswith(("\n", "\r")):
        kept[-1] = kept[-1].rstrip("\r\n")
    return "".join(kept)


def _block_span(lines: Sequence[str], block: Any) -> tuple[int, int]:
    first = block.start_mark.line
    return first, _run_end(lines, first, _indent(lines[first]))


def _find(lines: Sequence[str], block: Any, phrase: Phrase) -> tuple[int, int, bool] | None:
    """First and last line of a phrasing in a block, and whether it is the only one there; the last of several."""
    examples = _value(block, "examples")
    if _value(block, "intent").value != phrase.intents[0]:
        return None
    if examples.id == "scalar":
        last, _ = _literal_end(lines, block, examples)
        places = [n for n in range(examples.start_mark.line + 1, last + 1) if lines[n].strip().startswith("- ")]
        same = [n for n in places if lines[n].strip()[2:].strip() == phrase.text and len(phrase.intents) == 1]
        return (same[-1], same[-1], len(places) == 1) if same else None
    items = [i for i in examples.value if _value(i, "text").value.strip() == phrase.text]
    items = [i for i in items if _also(i) == phrase.intents[1:]]
    return (items[-1].start_mark.line, _item_end(lines, items[-1])[0], len(examples.value) == 1) if items else None
