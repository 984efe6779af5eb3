"""Asks a model, without a server, what readers would be told: the same pipeline, the same dialogue, the same rules."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faq.dialogue import Conversation, Dialogue
from faq.documents import load_documents
from faq.emergency import load_contacts
from faq.model_files import tree_hash
from faq.triage import load_rules
from faq.understanding import Understanding
from maintain.cases import Case, Understood
from maintain.scoring import Labelled, outcome, rates, read_messages

STEP = 256
"""Messages between two reports of progress."""

ALWAYS = ("{}", "HELP! {}", "hi, {}. what now")
"""What is put around the lines of always.csv."""

ASKED = ("tests/evaluation/development.csv", "tests/safety/*.csv")
"""Where the messages come from, as patterns; in a project that has none of them nothing is measured."""

READ = ("data/documents/**/*.md", "data/triage/**/*.toml", "data/facts/**/*.toml", "nlu/**/*.py", "faq/**/*.py")
"""What a judgement depends on beside the archive and the messages."""

Parse = Callable[[Sequence[str]], list[dict[str, Any]]]
"""Gives Rasa's parse data of texts."""

Show = Callable[[int, int], None]
"""Gets how many messages are done, and of how many."""


@dataclass(frozen=True)
class Judgement:
    """What readers would be told.

    Attributes:
        cases: the development messages, in their order.
        urgency: of every message that was asked, by its text.
        labels: the urgency that the tables and labels ask for, by text; the most urgent where they differ.
        basis: the hash of what it depends on beside the archive.
    """

    cases: tuple[Case, ...]
    urgency: Mapping[str, str]
    labels: Mapping[str, str]
    basis: str

    def metrics(self, topics: frozenset[str]) -> dict[str, tuple[int, int]]:
        """The rates of the development messages and of the safety tables, as hits and total."""
        measured = {rate.name: (rate.hits, rate.total) for rate in rates([case.outcome for case in self.cases], topics)}
        flags = {text: due for text, due in self.labels.items() if due != "none"}
        seen = sum(self.urgency.get(text) == due for text, due in flags.items())
        calm = [text for text, due in self.labels.items() if due == "none"]
        alarms = sum(self.urgency.get(text) != "none" for text in calm)
        return {**measured, "red flags": (seen, len(flags)), "false alarms of all": (alarms, len(calm))}


def ignore(_done: int, _total: int) -> None:
    """Shows no progress."""


def judge(archive: Path, root: Path, more: Sequence[str] = (), show: Show = ignore) -> Judgement:
    """Asks a model all messages that count.

    Args:
        archive: of the model; ours, since Rasa runs code from archives.
        root: the project's top folder, also the working folder: the pipeline reads its vocabulary from there.
        more: further texts whose urgency matters.
        show: gets the progress.

    Returns:
        What readers would be told.
    """
    from maintain.understander import Understander  # Rasa, which takes seconds to import

    with tempfile.TemporaryDirectory() as folder:
        return judge_pipeline(Understander(archive, Path(folder)).parse, root, more, show)


def judge_pipeline(parse: Parse, root: Path, more: Sequence[str] = (), show: Show = ignore) -> Judgement:
    """The same for anything that parses messages as Rasa does."""
    messages, labels = development(root), due(root)
    texts = list(dict.fromkeys([*(each.text for each in messages), *labels, *more]))
    parsed: list[dict[str, Any]] = []
    for start in range(0, len(texts), STEP):
        parsed += parse(texts[start : start + STEP])
        show(len(parsed), len(texts))
    data, dialogue = dict(zip(texts, parsed, strict=True)), _dialogue(root)
    replies = {text: _reply(dialogue, each) for text, each in data.items()}
    cases = tuple(_case(each, replies[each.text], data[each.text]) for each in messages)
    return Judgement(cases, {text: _urgency(reply) for text, reply in replies.items()}, labels, basis(root))


def ask_development(parse: Parse, root: Path) -> tuple[Case, ...]:
    """Asks the development messages alone."""
    messages, dialogue = development(root), _dialogue(root)
    parsed = parse([each.text for each in messages])
    return tuple(_case(each, _reply(dialogue, data), data) for each, data in zip(messages, parsed, strict=True))


def basis(root: Path) -> str:
    """The hash of all that a judgement depends on beside the archive."""
    return tree_hash(root, (*ASKED, *READ))


def development(root: Path) -> tuple[Labelled, ...]:
    """The labelled development messages; none in a project without them."""
    path = root / ASKED[0]
    return read_messages(path) if path.is_file() else ()


def due(root: Path) -> dict[str, str]:
    """The urgency that is due: of the safety tables and of the development messages whose urgency is labelled firmly.

    Args:
        root: the project's top folder.

    Returns:
        Urgencies by text; what stands twice gets the more urgent one.
    """
    labels: dict[str, str] = {}
    for text, urgency in _labels(root):
        labels[text] = max(labels.get(text, "none"), urgency, key=LEVELS.index)
    return labels


LEVELS = ("none", "doctor", "emergency")


def _labels(root: Path) -> Iterator[tuple[str, str]]:
    safety = root / "tests" / "safety"
    yield from ((row["text"], row["urgency"]) for row in _rows(safety / "red_flags.csv"))
    yield from ((form.format(row["text"]), "emergency") for row in _rows(safety / "always.csv") for form in ALWAYS)
    yield from ((row["text"], "none") for row in _rows(safety / "look_alikes.csv"))
    yield from ((each.text, each.urgency) for each in development(root) if each.scores_urgency)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _dialogue(root: Path) -> Dialogue:
    contacts = load_contacts(root / "data" / "emergency.toml", "")
    return Dialogue(load_documents(root / "data" / "documents"), load_rules(root / "data" / "triage"), contacts)


def _reply(dialogue: Dialogue, parsed: Mapping[str, Any]) -> list[dict[str, Any]]:
    parts, _ = dialogue.respond(Understanding.from_parse_data(parsed), Conversation())
    return [{"custom": part.as_message()["json_message"]} for part in parts]


def _case(message: Labelled, reply: Sequence[Mapping[str, Any]], parsed: Mapping[str, Any]) -> Case:
    return Case(outcome(message, reply), Understood.from_parse_data(parsed))


def _urgency(reply: Sequence[Mapping[str, Any]]) -> str:
    types = {part["custom"]["type"] for part in reply}
    return next((level for level in reversed(LEVELS) if level in types), "none")
