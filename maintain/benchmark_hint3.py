"""The pipeline on HINT3, public sets of real questions to FAQ bots, beside published systems and Rasa's pipeline."""

from __future__ import annotations

import argparse
import csv
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from faq.errors import FaqError
from maintain.bench.stock import rasas_own
from maintain.ranking import Judged, accuracy, accuracy_at, auroc, best_mcc
from maintain.settings import ROOT

OUTSIDE = "NO_NODES_DETECTED"
"""The label of the test sets for what the bots could not answer."""

PUBLIC = "https://github.com/hellohaptik/HINT3, dataset v1"
DATA = ROOT.parent / "shared" / "benchmarks" / "hint3"
PUBLISHED = ROOT / "maintain" / "benchmark_hint3.csv"
METRICS = {"in_scope": accuracy, "auroc": auroc, "mcc": best_mcc, "at_70": accuracy_at}
HEADINGS = ("in-scope", "AUROC", "MCC", "in-scope at 70 % refused")
SEEDS = 5
RESAMPLES = 200

ABOUT_THE_ARTICLE = ("FactExtractor", "RedFlagClassifier", "PassageRanker")
"""Components that know this project's article and say nothing about intents."""

Figures = Mapping[str, float]
Row = tuple[str, Figures, Mapping[str, str]]
"""A system, its figures and, where it was trained here, their spread."""


class BenchmarkError(FaqError):
    """The data sets of a benchmark are not where they were looked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``benchmark-hint3``."""
    parser.add_argument("--data", type=Path, default=DATA, help=f"folder of the sets ({PUBLIC}; default: %(default)s)")
    parser.add_argument(
        "--stock", action="store_true", help="train Rasa's own pipeline too; takes minutes for each set"
    )
    parser.add_argument(
        "--seeds", type=int, default=SEEDS, help="trainings of Rasa's own pipeline (default: %(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Trains, scores and prints set by set."""
    if arguments.stock:
        import tensorflow  # noqa: F401  (before Rasa, which then does not leave it out)
    console = Console()
    for name in set_names(arguments.data):
        train, test = read_set(arguments.data, name)
        rows: list[Row] = [(system, each, {}) for system, each in published(name)]
        if arguments.stock:
            rows += measured("Rasa's own", [stock_config(seed) for seed in range(arguments.seeds)], train, test)
        rows += measured("this project", [own_config()], train, test)
        console.print(table(f"{name}: {len(train)} training and {len(test)} test messages", rows))
    console.print(
        "± of Rasa's own pipeline: standard deviation over its seeds. This project's training is deterministic; its "
        f"interval is the middle 95 % of {RESAMPLES} resamples of the test messages."
    )
    return 0


def set_names(folder: Path) -> list[str]:
    """Finds the sets of a folder.

    Args:
        folder: with ``<set>_train.csv`` and ``<bot>_test.csv``.

    Returns:
        Names such as ``curekart`` and ``curekart_subset``.

    Raises:
        BenchmarkError: there is none.
    """
    names = sorted(path.name.removesuffix("_train.csv") for path in folder.glob("*_train.csv"))
    if not names:
        raise BenchmarkError(
            f"[HNT01] There is no *_train.csv in {folder}: get {PUBLIC}, and name its folder with --data."
        )
    return names


Pair = tuple[str, str]
"""A sentence and its label."""


def read_set(folder: Path, name: str) -> tuple[list[Pair], list[Pair]]:
    """Reads a training set and its bot's test set.

    Args:
        folder: of the sets.
        name: of one.

    Returns:
        Training and test messages.

    Raises:
        BenchmarkError: a file is missing or has no columns ``sentence`` and ``label``.
    """
    paths = folder / f"{name}_train.csv", folder / f"{name.removesuffix('_subset')}_test.csv"
    train, test = (_read(path) for path in paths)
    return train, test


def _read(path: Path) -> list[Pair]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [(row["sentence"], row["label"]) for row in csv.DictReader(file)]
    except (OSError, KeyError) as error:
        raise BenchmarkError(
            f"[HNT02] {path} cannot be read ({error}): it is a CSV file with the columns sentence,label."
        ) from error


def published(name: str, path: Path = PUBLISHED) -> list[tuple[str, Figures]]:
    """Reads the figures of published systems, computed from the predictions that the authors of HINT3 published.

    Args:
        name: of a set.
        path: CSV with ``set,system`` and the metrics in percent.

    Returns:
        Systems with their figures, 0 to 1.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["set"] == name]
    return [(row["system"], {metric: float(row[metric]) / 100 for metric in METRICS}) for row in rows]


def own_config() -> dict[str, Any]:
    """The pipeline of config.yml with its settings, without what is about the article."""
    from maintain.understander import read_config

    return read_config(without=ABOUT_THE_ARTICLE)


def stock_config(seed: int) -> dict[str, Any]:
    """Rasa's own pipeline.

    Args:
        seed: of what is random in it.

    Returns:
        Its configuration.
    """
    config = rasas_own()
    for component in config["pipeline"]:
        if "epochs" in component:
            component["random_seed"] = seed
    return config


def measured(
    system: str, configs: Sequence[Mapping[str, Any]], train: Sequence[Pair], test: Sequence[Pair]
) -> list[Row]:
    """Trains a pipeline once for each configuration and scores it.

    Args:
        system: how it is called.
        configs: one, or one for each seed.
        train: training messages.
        test: test messages.

    Returns:
        One row: the mean figures, and their spread as text.
    """
    started = time.monotonic()
    runs = [predictions(config, train, test) for config in configs]
    each = [figures(judged) for judged in runs]
    mean = {metric: sum(run[metric] for run in each) / len(each) for metric in METRICS}
    spread = _between_runs(each, mean) if len(each) > 1 else _between_resamples(runs[0])
    seconds = (time.monotonic() - started) / len(configs)
    return [(f"{system} ({seconds:.0f} s)", mean, spread)]


def predictions(config: Mapping[str, Any], train: Sequence[Pair], test: Sequence[Pair]) -> list[Judged]:
    """Trains a pipeline and has it judge the test messages.

    Args:
        config: of the pipeline.
        train: training messages.
        test: test messages.

    Returns:
        The best intent, refused or not, and the score of each test message.
    """
    from maintain.understander import Understander, example

    with tempfile.TemporaryDirectory() as folder:
        pipeline = Understander.train(config, [example(text, label) for text, label in train], Path(folder))
        understood = pipeline.understand([text for text, _ in test])
    return [
        Judged(label, each.best, each.score, known=label != OUTSIDE)
        for (_, label), each in zip(test, understood, strict=True)
    ]


def figures(judged: Sequence[Judged]) -> Figures:
    """All metrics of the table, 0 to 1."""
    return {name: metric(judged) for name, metric in METRICS.items()}


def _between_runs(runs: Sequence[Figures], mean: Figures) -> dict[str, str]:
    spread = {m: (sum((run[m] - mean[m]) ** 2 for run in runs) / (len(runs) - 1)) ** 0.5 for m in METRICS}
    return {metric: f"± {value:.1%}".replace("%", "") for metric, value in spread.items()}


def _between_resamples(judged: Sequence[Judged]) -> dict[str, str]:
    resampled = list(_resamples(judged))
    ends = RESAMPLES // 40
    ordered = {metric: sorted(each[metric] for each in resampled) for metric in METRICS}
    return {
        metric: f"{values[ends]:.1%}–{values[-1 - ends]:.1%}".replace("%", "") for metric, values in ordered.items()
    }


def _resamples(judged: Sequence[Judged]) -> Iterator[Figures]:
    """Resamples with replacement, what is in scope and what is not each by itself."""
    chance = random.Random(0)  # noqa: S311
    kinds = [[each for each in judged if each.known is known] for known in (True, False)]
    for _ in range(RESAMPLES):
        yield figures([each for kind in kinds for each in chance.choices(kind, k=len(kind))])


def table(title: str, rows: Sequence[Row]) -> Table:
    """Lays figures out in percent.

    Args:
        title: what was measured.
        rows: of all systems.

    Returns:
        The table.
    """
    made = Table("", *HEADINGS, title=title)
    for system, values, spread in rows:
        cells = (f"{100 * values[metric]:.1f} {spread.get(metric, '')}".rstrip() for metric in METRICS)
        made.add_row(system, *cells)
    return made
