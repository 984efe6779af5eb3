"""Measures the assistant as readers meet it: labelled messages go through the chat API, replies are scored.

Beside that it cross-validates the phrasings, and it writes everything as a page with pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from datetime import datetime, timezone
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from maintain.assistant import assistant_at
from maintain.cases import Case, Understood
from maintain.chat_client import ChatClient
from maintain.cross_validation import FOLDS, calibration, cross_validate
from maintain.learning_curve import document_topics, load
from maintain.models import Models
from maintain.promote import progress
from maintain.scoring import Labelled, Outcome, Rate, by_intent, mistakes, outcome, rates, read_messages
from maintain.settings import ROOT, Settings
from maintain.slices import by_slice

MESSAGES = ROOT / "tests" / "evaluation" / "development.csv"
PAGE = ROOT / "var" / "evaluation" / "index.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``evaluate``."""
    parser.add_argument("--messages", type=Path, default=MESSAGES, help="labelled messages, CSV (default: %(default)s)")
    parser.add_argument("--server", help="a running assistant; without it, one is started for the measurement")
    parser.add_argument("--mistakes", action="store_true", help="list what was misunderstood")
    parser.add_argument(
        "--no-cross-validation",
        dest="cross_validation",
        action="store_false",
        help=f"measure the messages alone, without training {FOLDS} times on parts of the phrasings (minutes)",
    )
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page is written (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON; the tables go to standard error")
    parser.epilog = "Exit codes: 0 measured, whatever came of it; 1 the assistant or the messages cannot be read."


def run(arguments: argparse.Namespace) -> int:
    """Measures, prints the rates and writes the page."""
    with redirect_stdout(sys.stderr if arguments.json else sys.stdout):
        told = measure(arguments, Console())
    if arguments.json:
        print(json.dumps(told))
    return 0


def measure(arguments: argparse.Namespace, console: Console) -> dict[str, Any]:
    """Measures, shows the tables and writes the page.

    Args:
        arguments: of the command line.
        console: where the tables go.

    Returns:
        The rates as ``[hits, total]`` by name, and what was misunderstood, as JSON.
    """
    messages, topics = read_messages(arguments.messages), document_topics()
    with assistant_at(arguments.server) as server:
        outcomes = list(ask(server, messages))
    measured = {
        f"{len(messages)} messages of {arguments.messages.name}": rates(outcomes, topics),
        "Intent by intent": [rate for pair in by_intent(outcomes).values() for rate in pair],
        "Kinds of messages: all intents right": by_slice(outcomes, topics),
    }
    for title, counted in measured.items():
        console.print(table(counted, title))
    if arguments.mistakes:
        for line in mistakes(outcomes):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    cases = [Case(*pair) for pair in zip(outcomes, understood(messages), strict=True)]
    validated = validate() if arguments.cross_validation else []
    across = [rate for rate in rates([case.outcome for case in validated], topics) if rate.total]
    if validated:
        console.print(table(across, f"{len(validated)} phrasings, cross-validated in {FOLDS} folds"))
        console.print(calibration_table(calibration(validated)))
    write_page(arguments.page, cases, validated, arguments.messages.name)
    console.print(f"With pictures: {arguments.page}", soft_wrap=True)
    parts = zip(("rates", "intents", "slices", "cross_validation"), [*measured.values(), across], strict=True)
    counts = {name: {rate.name: (rate.hits, rate.total) for rate in counted} for name, counted in parts}
    return {**counts, "messages": len(messages), "mistakes": mistakes(outcomes), "page": str(arguments.page)}


def ask(server: str, messages: Sequence[Labelled]) -> Iterator[Outcome]:
    """Sends each message in a conversation of its own.

    Args:
        server: address of the assistant.
        messages: what to send.

    Yields:
        What the assistant made of each.
    """
    with ChatClient(server) as client:
        for labelled in messages:
            client.start()
            yield outcome(labelled, client.send(labelled.text))
            client.delete()


def understood(messages: Sequence[Labelled]) -> list[Understood]:
    """Has the current model understand the messages: the chat API does not tell scores.

    Args:
        messages: labelled.

    Returns:
        One for each.
    """
    from maintain.understander import Understander  # Rasa, which takes seconds to import

    archive = Models(Settings.from_environment(os.environ).models, ROOT).checked()
    with tempfile.TemporaryDirectory() as folder:
        return Understander(archive, Path(folder)).understand([labelled.text for labelled in messages])


def validate() -> list[Case]:
    """Cross-validates the phrasings with the pipeline of config.yml.

    Returns:
        Each phrasing with what a pipeline that had not seen it made of it.
    """
    from maintain.understander import Understander, intents_of, read_config, read_examples

    examples = [(str(each.get("text")), intents_of(each), each) for each in read_examples()]
    config = read_config()
    show, trainings = progress("cross-validation, training"), count(1)
    with tempfile.TemporaryDirectory() as folder:

        def train(others: Sequence[Any]) -> Understander:
            trained = Understander.train(config, others, Path(folder))
            show(next(trainings), FOLDS)
            return trained

        print(f"Cross-validation: training {FOLDS} times.", flush=True)
        return list(cross_validate(examples, train))


def write_page(path: Path, cases: Sequence[Case], validated: Sequence[Case], source: str) -> None:
    """Writes the page.

    Args:
        path: of the page.
        cases: the labelled messages.
        validated: the phrasings, or nothing.
        source: where the messages come from.
    """
    from maintain.pages import page  # matplotlib, which takes a second to import

    current = Models(Settings.from_environment(os.environ).models, ROOT).current()
    about = {
        "model": current.model if current else "unknown",
        "measured_at": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "source": source,
        "folds": FOLDS,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(cases, validated, load(), document_topics(), about), encoding="utf-8")


def table(measured: Sequence[Rate], title: str) -> Table:
    """Lays rates out.

    Args:
        measured: of ``rates``, ``by_intent`` or ``by_slice``.
        title: what was measured.

    Returns:
        A table with counts and 95 % intervals.
    """
    made = Table("", "share", "count", "95 % interval", title=title)
    for rate in measured:
        low, high = rate.interval()
        made.add_row(rate.name, f"{rate.value:.1%}", f"{rate.hits}/{rate.total}", f"{low:.1%} – {high:.1%}")
    return made


def calibration_table(errors: Mapping[str, float]) -> Table:
    """Lays calibration errors out.

    Args:
        errors: of ``cross_validation.calibration``.

    Returns:
        The table.
    """
    made = Table("confidence", "error", title="Expected calibration error, 15 bins of equal mass, cross-validated")
    for name, error in errors.items():
        made.add_row(name, f"{error:.1%}")
    return made
