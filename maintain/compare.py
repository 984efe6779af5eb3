"""Shows message by message what one model mends and what it breaks against another, as text, JSON and a page."""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console
from rich.table import Table

from faq.errors import ModelError
from maintain.cases import Case
from maintain.comparison import Comparison, Row, compare
from maintain.judge import ask_development, judge
from maintain.learning_curve import document_topics
from maintain.models import Models
from maintain.promote import progress
from maintain.scoring import Rate
from maintain.settings import ROOT, Settings

PAGE = ROOT / "var" / "compare" / "index.html"
TEMPLATES = Path(__file__).parent / "templates"

SHARE = 0.9
"""How many of the phrasings each further training gets."""

ABOUT_SEEDS = (
    "Training draws no random numbers: the same files always give the same model. So further trainings differ in what "
    f"they learn from: each gets {SHARE:.0%} of the present phrasings, drawn at random, in random order. Their spread "
    "tells what chance there is in the phrasings; both models above were trained on all of theirs."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``compare``."""
    parser.add_argument("before", nargs="?", default="current", help="a model (default: the current one)")
    parser.add_argument("after", nargs="?", help="another model (default: the newest one)")
    parser.add_argument(
        "--seeds", type=int, default=0, metavar="N", help="also train N times on parts of the phrasings"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--page", type=Path, default=PAGE, help="where the page is written (default: %(default)s)")
    parser.epilog = "Exit codes: 0 compared, 1 a model is missing or damaged. It changes nothing; `promote` decides."


def run(arguments: argparse.Namespace) -> int:
    """Compares, prints and writes the page."""
    models = Models(Settings.from_environment(os.environ).models, ROOT)
    before, after = chosen(models, arguments.before, arguments.after)
    judged = [judge(models.archive(name), ROOT, show=progress(f"asking {name}")) for name in (before, after)]
    trainings = list(train_again(arguments.seeds))
    found = compare(*judged, document_topics(), trainings)
    notes = (ABOUT_SEEDS,) if trainings else ()
    found = replace(found, names=(before, after), notes=notes)
    arguments.page.parent.mkdir(parents=True, exist_ok=True)
    arguments.page.write_text(page(found), encoding="utf-8")
    if arguments.json:
        print(json.dumps(found.as_dict()))
    else:
        show(found, Console())
        print(f"As a page: {arguments.page}")
    return 0


def chosen(models: Models, before: str, after: str | None) -> tuple[str, str]:
    """The archives of two models.

    Args:
        models: of the project.
        before: a model's name, or ``current``.
        after: another one's; None for the newest.

    Raises:
        ModelError: there is none of that name, or both are the same.
    """
    if not models.names():
        raise ModelError(f"[MOD02] There is no model in {models.folder}: run `make train`.")
    pair = models.named(before), models.named(after or models.names()[-1])
    if pair[0] == pair[1]:
        raise ModelError(f"[CMP01] {pair[0]} is the one and the other: name two models that `models` shows.")
    return pair


def train_again(times: int) -> Iterator[Sequence[Case]]:
    """Trains on random parts of the phrasings.

    Args:
        times: how often.

    Yields:
        The development messages as each training understands them.
    """
    if not times:
        return
    from maintain.understander import Understander, read_config, read_examples  # Rasa, which takes seconds to import

    examples, config, started = read_examples(), read_config(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(times):
            part = random.Random(seed).sample(examples, round(SHARE * len(examples)))  # noqa: S311
            yield ask_development(Understander.train(config, part, Path(folder)).parse, ROOT)
            left = (time.monotonic() - started) / (seed + 1) * (times - seed - 1)
            print(f"  training {seed + 1} of {times}, about {left:.0f} s remain", file=sys.stderr, flush=True)


def show(found: Comparison, console: Console) -> None:
    """Prints a comparison."""
    before, after = found.names
    console.print(f"{before} → {after}", highlight=False)
    for each in found.changes:
        agree = "" if each.seeds is None else f" (right in {each.seeds} further trainings)"
        words = f"{each.kind:8}{each.id}  asks {each.asked}: {each.before} → {each.after}{agree}: {each.text}"
        console.print(words, markup=False, highlight=False, soft_wrap=True)
    for urgent in found.urgency:
        words = f"urgency {urgent.before} → {urgent.after}{' (LOWER)' if urgent.is_lower else ''}: {urgent.text}"
        console.print(words, markup=False, highlight=False, soft_wrap=True)
    if not (found.changes or found.urgency):
        console.print("No message is understood differently.")
    console.print(table(found.rates, "What matters"))
    console.print(table(found.slices, "Kinds of messages: all intents right"))
    for note in found.notes:
        console.print(note, highlight=False)


def table(rows: Sequence[Row], title: str) -> Table:
    """Lays rates out."""
    made = Table("", "before", "after", "change, 95 % interval", "further trainings", title=title)
    for row in rows:
        made.add_row(row.before.name, count(row.before), count(row.after), interval(row), spread(row))
    return made


def count(rate: Rate) -> str:
    """A rate with its counts and its own 95 % interval."""
    if not rate.total:
        return "none"
    low, high = rate.interval()
    return f"{rate.hits}/{rate.total} ({low:.0%} – {high:.0%})"


def interval(row: Row) -> str:
    """The change in points of percent with its interval."""
    if not (row.before.total and row.after.total):
        return "–"
    change = 100 * (row.after.value - row.before.value)
    return f"{change:+.1f} ({100 * row.low:+.1f} to {100 * row.high:+.1f})"


def spread(row: Row) -> str:
    """Mean and range of the further trainings."""
    known = [each for each in row.seeds if not math.isnan(each)]
    if not known:
        return "–"
    return f"{sum(known) / len(known):.1%} ({min(known):.1%} – {max(known):.1%})"


def page(found: Comparison) -> str:
    """A comparison as one HTML page that needs nothing else."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    cells = {"count": count, "interval": interval, "spread": spread}
    return environment.get_template("comparison.html").render(found=found, **cells)
