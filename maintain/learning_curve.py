"""What more phrasings bring: trains on growing shares of them and measures on labelled messages."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from faq.documents import load_documents
from faq.reply import OUT_OF_SCOPE
from maintain.cross_validation import Pipeline
from maintain.scoring import Labelled, Outcome, rates, read_messages
from maintain.settings import ROOT

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1.0)
"""Each twice the one before, since what a phrasing adds shrinks with their number."""

SEEDS = 2
MESSAGES = (ROOT / "tests" / "evaluation" / "development.csv", ROOT / "tests" / "evaluation" / "held_out.csv")
SAVED = ROOT / "var" / "evaluation" / "learning-curve.json"
MEASURED = ("intents in scope", "both intents of a double question", "refusal, recall", "questions in scope refused")

Item = TypeVar("Item")


@dataclass(frozen=True)
class Point:
    """One training.

    Attributes:
        share: of the phrasings that were learnt.
        seed: of the choice.
        examples: phrasings for one topic, on average.
        total: all phrasings that were learnt.
        measured: shares by the names of ``scoring.rates``, 0 to 1.
    """

    share: float
    seed: int
    examples: float
    total: int
    measured: dict[str, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``learning-curve``."""
    parser.add_argument("--messages", type=Path, nargs="+", default=MESSAGES, help="labelled messages to measure on")
    parser.add_argument("--seeds", type=int, default=SEEDS, help="choices for each share (default: %(default)s)")


def run(arguments: argparse.Namespace) -> int:
    """Trains, prints and saves; ``make evaluate`` draws it."""
    from maintain.understander import Understander, intents_of, read_config, read_examples

    messages = [message for path in arguments.messages for message in read_messages(path)]
    examples = [(intents_of(each), each) for each in read_examples()]
    points: list[Point] = []
    for share in SHARES:
        for seed in range(arguments.seeds if share < 1 else 1):  # all of them can be chosen in one way only
            chosen = choose(examples, share, seed)
            with tempfile.TemporaryDirectory() as folder:
                pipeline = Understander.train(read_config(), [each for _, each in chosen], Path(folder))
                points.append(measure(pipeline, messages, [intents for intents, _ in chosen], share, seed))
            print(f"{points[-1].total} phrasings, seed {seed}: done", flush=True)
    save(points, SAVED)
    Console().print(table(points, len(messages)))
    print(f"Saved in {SAVED.relative_to(ROOT)}; `make evaluate` draws it.")
    return 0


def choose(
    examples: Sequence[tuple[frozenset[str], Item]], share: float, seed: int
) -> list[tuple[frozenset[str], Item]]:
    """Chooses some phrasings of each kind; a larger share of the same seed contains a smaller one.

    Args:
        examples: intents and what belongs to them.
        share: above 0, up to 1.
        seed: of the choice.

    Returns:
        Of each set of intents that share, two at least.
    """
    chance = random.Random(seed)  # noqa: S311
    mixed = chance.sample(list(examples), len(examples))
    wanted = {kind: max(2, round(share * count)) for kind, count in Counter(kind for kind, _ in examples).items()}
    chosen = []
    for kind, item in mixed:
        if wanted[kind] > 0:
            wanted[kind] -= 1
            chosen.append((kind, item))
    return chosen


def measure(
    pipeline: Pipeline, messages: Sequence[Labelled], learnt: Sequence[frozenset[str]], share: float, seed: int
) -> Point:
    """Measures one training by what its NLU understands.

    Args:
        pipeline: trained.
        messages: labelled.
        learnt: intents of what it was trained on.
        share: of the phrasings.
        seed: of the choice.

    Returns:
        The point of the curve.
    """
    topics = document_topics()
    understood = pipeline.understand([message.text for message in messages])
    outcomes = [Outcome(label, each.intents, "none") for label, each in zip(messages, understood, strict=True)]
    measured = {rate.name: rate.value for rate in rates(outcomes, topics) if rate.name in MEASURED}
    about = [kind for kind in learnt if kind & topics and OUT_OF_SCOPE not in kind]
    return Point(share, seed, len(about) / len(topics), len(learnt), measured)


def document_topics() -> frozenset[str]:
    """The intents that the documents answer."""
    documents = load_documents(ROOT / "data" / "documents")
    return frozenset(section.intent for document in documents for section in document.sections)


def save(points: Sequence[Point], path: Path) -> None:
    """Writes a curve as JSON.

    Args:
        points: of the curve.
        path: of the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(point) for point in points], indent=2) + "\n", encoding="utf-8")


def load(path: Path = SAVED) -> list[Point]:
    """Reads a curve that ``save`` wrote; empty where none was."""
    return [Point(**point) for point in json.loads(path.read_text(encoding="utf-8"))] if path.is_file() else []


def table(points: Sequence[Point], messages: int) -> Table:
    """Lays a curve out.

    Args:
        points: of the curve.
        messages: how many it was measured on.

    Returns:
        One row a training.
    """
    made = Table("phrasings", "for one topic", "seed", *MEASURED, title=f"Learning curve on {messages} messages")
    for point in points:
        cells = (f"{point.measured[name]:.1%}" for name in MEASURED)
        made.add_row(str(point.total), f"{point.examples:.0f}", str(point.seed), *cells)
    return made
