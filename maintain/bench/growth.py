"""The parts of the benchmark about more phrasings and more sections: trainings of made-up projects."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from maintain.bench.growing import Example, own_examples, resized, topic_examples, topics, write_project
from maintain.bench.load import asked
from maintain.bench.messages import texts
from maintain.bench.parts import Found, percentiles
from maintain.bench.plan import Plan
from maintain.bench.processes import BenchError, memory, run
from maintain.bench.systems import OURS, running
from maintain.bench.training import train_ours, train_stock_fully
from maintain.bench.understanding import loaded
from maintain.settings import QUIET

LARGE = 100_000
"""Phrasings of the part ``large``."""

FEW = 6
"""Epochs of the stock assistant's trainings, from which those of ``rasa init`` are reckoned."""

PHRASINGS = 3_000
"""Of all sections together, however many these are."""


def examples(plan: Plan) -> Found:
    """Training and understanding with more and more phrasings, with nothing kept from an earlier training."""
    own = own_examples()
    return {str(size): _sized(plan, own, size) for size in plan.examples}


def large(plan: Plan) -> Found:
    """The same with a hundred thousand; takes long, and much memory."""
    return {str(LARGE): _sized(plan, own_examples(), LARGE)}


def _sized(plan: Plan, own: Sequence[Example], size: int) -> Found:
    project = _anew(plan.folder / f"examples-{size}")
    write_project(project, resized(own, size))
    archive = project / "models" / "model.tar.gz"
    try:
        took = train_ours(project, archive)
    except BenchError as error:
        return {"failed": str(error).splitlines()[-1]}
    with loaded(OURS, archive, project, project / "nlu.log") as model:
        messages = texts(plan.texts)
        model.understand(messages[:20])
        times = [each["milliseconds"] for _ in range(plan.rounds) for each in model.understand(messages)]
        return {**took, "memory": model.memory, **percentiles(times)}


def stock_examples(plan: Plan) -> Found:
    """Training of the stock assistant with more and more phrasings."""
    own = own_examples()
    return {
        str(size): train_stock_fully(plan.folder / f"stock-{size}", resized(own, size), FEW) for size in plan.examples
    }


def sections(plan: Plan) -> Found:
    """The whole assistant with more and more sections, and as many phrasings: training, memory and replies."""
    own = own_examples()
    found: Found = {}
    for number in plan.sections:
        made = topics(own, number)
        phrasings = topic_examples(own, made, PHRASINGS + plan.texts)
        asked_for, learnt = [each.text for each in phrasings[: plan.texts]], phrasings[plan.texts :]
        project = _anew(plan.folder / f"sections-{number}")
        write_project(project, learnt, made)
        environment = {name: value for name, value in os.environ.items() if name != "FAQ_MODELS"} | QUIET
        took = run([sys.executable, "-m", "maintain", "train"], project, environment, project / "train.log")
        with tempfile.TemporaryDirectory() as scratch, running(OURS, project, Path(scratch)) as assistant:
            asked(assistant, asked_for[:20])
            times = [time for _ in range(plan.rounds) for time in asked(assistant, asked_for)["times"]]
            found[str(number)] = {**asdict(took), "memory": memory(assistant.pids), **percentiles(times)}
    return found


def _anew(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return folder
