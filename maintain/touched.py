"""What an edit of the documents touches: phrasings that name a sentence, labelled questions, and triage rules."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from faq.triage import load_rules

SENTENCE = "sentence"
"""Key of an example's metadata in data/nlu: how the sentence begins that answers it best."""

QUESTIONS = Path("tests/passages/questions.csv")
ALIKE = 0.6
"""Share of a sentence's longer words that a rule's source must share with it to be about it."""

LONGER = 4
"""Letters from which a word counts for that."""

Sentences = Mapping[str, Sequence[Sequence[str]]]
"""Section and text of each sentence, by the document's id, as manifests keep them."""


@dataclass(frozen=True)
class Named:
    """A place that names a sentence by its beginning."""

    place: str
    opening: str
    about: str


def edits(before: Sentences, after: Sentences) -> list[str]:
    """Tells which sentences went and which came, a line each."""
    lines = []
    for document in dict.fromkeys([*before, *after]):
        old, new = ([tuple(each) for each in side.get(document, ())] for side in (before, after))
        lines += [f"{document}#{section}, gone: {text}" for section, text in old if (section, text) not in new]
        lines += [f"{document}#{section}, new: {text}" for section, text in new if (section, text) not in old]
    return lines


def touched(root: Path, before: Sentences, after: Sentences) -> list[str]:
    """Tells what leans on a sentence that is gone.

    Args:
        root: the project's top folder.
        before: the sentences that the current model was trained on.
        after: the sentences now.

    Returns:
        A line for each phrasing, labelled question and triage rule.
    """
    gone = sorted(_texts(before) - _texts(after))
    named = [*phrasings(root / "data" / "nlu"), *questions(root / QUESTIONS)]
    lines = [
        f"{each.place}: {each.about!r} is answered by a sentence that is gone: {text}"
        for each in named
        for text in gone
        if text.startswith(each.opening)
    ]
    rules = load_rules(root / "data" / "triage")
    return lines + [
        f"data/triage, rule {rule.id!r}: its source is like a sentence that is gone: {text}"
        for rule in rules
        for text in gone
        if is_alike(rule.source, text)
    ]


def faults(root: Path, now: Sentences) -> list[str]:
    """Finds phrasings and labelled questions that name no sentence, or more than one; training would stop there."""
    texts = [text for sentences in now.values() for _, text in sentences]
    found = []
    for each in [*phrasings(root / "data" / "nlu"), *questions(root / QUESTIONS)]:
        number = sum(text.startswith(each.opening) for text in texts)
        if number != 1:
            found.append(
                f"[CHK13] {each.place}: {number} sentences begin with {each.opening!r}: "
                "write the beginning of the one sentence that answers best."
            )
    return found


def is_alike(source: str, sentence: str) -> bool:
    """Whether a rule's source repeats most of a sentence."""
    words = _words(sentence)
    return bool(words) and len(words & _words(source)) / len(words) >= ALIKE


def phrasings(folder: Path) -> Iterator[Named]:
    """The phrasings whose metadata names a sentence.

    Args:
        folder: ``data/nlu``.
    """
    for path in sorted(folder.glob("*.yml")):
        for node in _mappings(yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)):
            keys = {key.value: value for key, value in node.value}
            if "text" in keys and "metadata" in keys:
                metadata = {key.value: value.value for key, value in keys["metadata"].value}
                if SENTENCE in metadata:
                    place = f"data/nlu/{path.name}, line {keys['text'].start_mark.line + 2}"
                    yield Named(place, metadata[SENTENCE], keys["text"].value.strip())


def questions(path: Path) -> Iterator[Named]:
    """The labelled pairs of question and sentence; none in a project without them."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        for row in rows:
            for opening in (row["opening"], row.get("also") or ""):
                if opening:
                    yield Named(f"{QUESTIONS}, line {rows.line_num}", opening, row["question"])


def _mappings(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
    values: Iterable[object] = node.value if isinstance(node, yaml.CollectionNode) else ()
    for child in values:
        for each in child if isinstance(child, tuple) else (child,):
            if isinstance(each, yaml.Node):
                yield from _mappings(each)


def _texts(sentences: Sentences) -> set[str]:
    return {text for each in sentences.values() for _, text in each}


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) >= LONGER}
