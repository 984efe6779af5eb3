"""Measures this assistant beside Rasa's stock assistant, as the command ``bench``."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faq.errors import FaqError
from maintain.bench.plan import Plan
from maintain.settings import ROOT

FOLDER = ROOT / "var" / "bench"

PARTS = ("training", "start", "understanding", "latency", "throughput", "stages", "turns", "examples", "sections")
"""What is measured where nothing else is asked for."""

LONG_PARTS = ("large", "stock_examples")
"""What is measured only where it is asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``bench``."""
    parser.add_argument(
        "--only", default=",".join(PARTS), metavar="PART,…", help=f"of {', '.join((*PARTS, *LONG_PARTS))}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="only see whether it works; what it measures is worth nothing"
    )
    parser.add_argument(
        "--stock-epochs",
        type=int,
        metavar="N",
        help="train the stock assistant with N epochs, more than 2, in place of 100",
    )
    parser.add_argument("--page", action="store_true", help="measure nothing, only write the page anew")
    parser.epilog = (
        "Figures go to docs/benchmarks.json, each part in the place of its last ones, and from there to "
        "docs/benchmarks.md; with --quick both go to var/bench/quick. The stock assistant is trained where the "
        "phrasings have changed, which takes more than an hour; its model is kept in var/bench. Let nothing else run "
        "meanwhile."
    )


def run(arguments: argparse.Namespace) -> int:
    """Measures part by part, and writes the page after each."""
    from maintain.bench import page, results

    target = FOLDER / "quick" / "docs" / "benchmarks.json" if arguments.quick else results.RESULTS
    if not arguments.page:
        subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], check=True)
        plan = Plan.quick(FOLDER / "quick") if arguments.quick else Plan(FOLDER, epochs=arguments.stock_epochs)
        for name in chosen(arguments.only):
            measure(name, plan, target)
            page.write(target)
    page.write(target)
    print(f"{target.with_suffix('.md').relative_to(ROOT)} is written.")
    return 0


def chosen(only: str) -> list[str]:
    """The parts that are asked for.

    Args:
        only: their names with commas between.

    Raises:
        FaqError: there is no such part.
    """
    names = only.split(",")
    for name in names:
        if name not in (*PARTS, *LONG_PARTS):
            raise FaqError(f"[BEN05] There is no part {name!r}: name some of {', '.join((*PARTS, *LONG_PARTS))}.")
    return names


def measure(name: str, plan: Plan, target: Path) -> None:
    """Measures one part and keeps what it found."""
    from maintain.bench import growth, parts, results

    plan.folder.mkdir(parents=True, exist_ok=True)
    part: Callable[[Plan], dict[str, Any]] = getattr(parts, name, None) or getattr(growth, name)
    before, started = results.stamp(), time.monotonic()
    print(f"{name} …", flush=True)
    results.keep(target, name, part(plan), before)
    print(f"{name}: done in {time.monotonic() - started:.0f} s", flush=True)
