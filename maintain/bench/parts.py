"""The parts of the benchmark: each gives what it saw, round by round, of the two assistants in turn."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from faq.reply import OUT_OF_SCOPE
from maintain.bench import floor
from maintain.bench.growing import own_examples, resized, write_project
from maintain.bench.load import asked
from maintain.bench.messages import labelled, texts
from maintain.bench.plan import Plan
from maintain.bench.processes import BenchError, memory
from maintain.bench.systems import OURS, STOCK, SYSTEMS, Running, running
from maintain.bench.training import train_ours, train_stock, train_stock_fully
from maintain.bench.understanding import Model, loaded
from maintain.learning_curve import document_topics
from maintain.models import Models
from maintain.ranking import Judged, auroc
from maintain.scoring import Labelled, Outcome, rates
from maintain.settings import ROOT

Found = dict[str, Any]
"""What was measured, as JSON."""


def training(plan: Plan) -> Found:
    """Trainings, from nothing and with the vectors of the last one; the stock assistant's may be an earlier one."""
    examples, project, archive = own_examples(), ROOT, plan.folder / "ours" / "ours.tar.gz"
    if plan.phrasings:
        examples, project = resized(examples, plan.phrasings), plan.folder / "small"
        shutil.rmtree(project, ignore_errors=True)
        write_project(project, examples)
    vectors = plan.folder / "vectors.db"
    vectors.unlink(missing_ok=True)
    cold = [train_ours(project, archive) for _ in range(plan.trainings)]
    kept = [train_ours(project, archive, vectors) for _ in range(plan.trainings + 1)]
    train = train_stock if plan.phrasings else train_stock_fully
    stock = {"epochs": plan.epochs, **train(plan.stock, examples, plan.epochs)}
    return {OURS: {"cold": cold, "warm": kept[1:]}, STOCK: stock, "examples": len(examples)}


def start(plan: Plan) -> Found:
    """Starts, and the memory of all processes after the first answer and after a round of questions."""
    found: Found = {system: {"seconds": [], "fresh": [], "used": []} for system in SYSTEMS}
    messages = texts(plan.texts)
    for _, system in _turns(plan.starts):
        with tempfile.TemporaryDirectory() as scratch, _started(plan, system, Path(scratch)) as assistant:
            found[system]["seconds"].append(assistant.seconds)
            found[system]["fresh"].append(memory(assistant.pids))
            asked(assistant, messages, readers=4)
            found[system]["used"].append(memory(assistant.pids))
    return found


def latency(plan: Plan) -> Found:
    """Whole replies over HTTP to one reader, and what an answer of nothing over HTTP takes."""
    messages = texts(plan.texts)
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        both = _both(plan, Path(scratch), stack)
        for assistant in both.values():
            asked(assistant, messages[:20])
        found: Found = {system: [] for system in SYSTEMS}
        for _, system in _turns(plan.rounds):
            found[system].append(_summary(asked(both[system], messages)))
        nothing = floor.network(both[OURS].url, 10 * len(messages))
        stored = floor.store(Path(scratch) / "floor.db", len(messages))
    return {**found, "floor": {"network": percentiles(nothing), "store": percentiles(stored)}}


def throughput(plan: Plan) -> Found:
    """Replies a second to readers who do not pause."""
    messages = texts()
    found: Found = {system: {str(readers): [] for readers in plan.readers} for system in SYSTEMS}
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        both = _both(plan, Path(scratch), stack)
        for _, system in _turns(plan.rounds):
            for readers in plan.readers:
                seen = asked(both[system], messages, readers, plan.seconds)
                found[system][str(readers)].append(_summary(seen))
    return found


def turns(plan: Plan) -> Found:
    """Replies in one long conversation, in which the same twenty messages come again and again."""
    messages = [each.text for each in labelled() if each.urgency == "none"][: min(20, plan.turns // 2)]
    asked_for = (messages * plan.turns)[: plan.turns]
    found: Found = {system: [] for system in SYSTEMS}
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        both = _both(plan, Path(scratch), stack)
        for _, system in _turns(min(2, plan.rounds)):
            times = asked(both[system], asked_for, turns=plan.turns)["times"]
            width = len(messages)
            found[system].append(
                {end: float(np.median(times[end - width : end])) for end in range(width, plan.turns + 1, width)}
            )
    return found


def understanding(plan: Plan) -> Found:
    """The NLU alone, message by message, its accuracy, and what the sentence encoder alone takes."""
    everything = labelled()
    messages = texts(plan.texts)
    found: Found = {system: {"times": []} for system in SYSTEMS}
    with ExitStack() as stack:
        models = {system: stack.enter_context(_loaded(plan, system)) for system in SYSTEMS}
        for system in SYSTEMS:
            found[system]["accuracy"] = accuracy(models[system], everything[: plan.judged])
        for _, system in _turns(plan.rounds):
            understood = models[system].understand(messages)
            found[system]["times"].append(percentiles([each["milliseconds"] for each in understood]))
    return {**found, "epochs": plan.epochs, "floor": {"encoder": percentiles(floor.encoder(messages))}}


def stages(plan: Plan) -> Found:
    """Where the time of a message goes, as the command ``profile`` sees it."""
    command = [sys.executable, "-m", "maintain", "profile", "--json", "--seconds", str(round(2 * plan.seconds))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"[BEN06] The profile failed: {done.stderr.strip()[-500:]}")
    return dict(json.loads(done.stdout))


def accuracy(model: Model, messages: Sequence[Labelled]) -> Found:
    """How a model understands labelled messages.

    Args:
        model: that is loaded.
        messages: with their labels.

    Returns:
        Hits and totals by the names of ``scoring.rates``, and the AUROC between in scope and out of scope.
    """
    topics = document_topics()
    understood = model.understand([each.text for each in messages])
    outcomes = [
        Outcome(label, frozenset(each["intents"]), "none") for label, each in zip(messages, understood, strict=True)
    ]
    judged = [
        Judged("", "", each["score"], label.intents <= topics)
        for label, each in zip(messages, understood, strict=True)
        if label.scores_intents and (label.intents <= topics or OUT_OF_SCOPE in label.intents)
    ]
    counted = {rate.name: [rate.hits, rate.total] for rate in rates(outcomes, topics) if rate.total}
    return {"rates": counted, "auroc": auroc(judged)}


def percentiles(times: Sequence[float]) -> dict[str, float]:
    """The 50th, 95th and 99th percentile, and how many there were."""
    found = {f"p{share}": float(np.percentile(times, share)) for share in (50, 95, 99)}
    return {**found, "number": len(times)}


def _summary(seen: Found) -> Found:
    return {**percentiles(seen["times"]), **{name: seen[name] for name in ("rate", "processor", "client")}}


def _turns(rounds: int) -> Iterator[tuple[int, str]]:
    """The two in turn; who comes first changes from round to round."""
    for number in range(rounds):
        for system in SYSTEMS if number % 2 == 0 else SYSTEMS[::-1]:
            yield number, system


def _started(plan: Plan, system: str, scratch: Path) -> Any:
    return running(system, ROOT if system == OURS else plan.stock, scratch, plan.stock_model)


def _both(plan: Plan, scratch: Path, stack: ExitStack) -> dict[str, Running]:
    return {system: stack.enter_context(_started(plan, system, scratch)) for system in SYSTEMS}


def _loaded(plan: Plan, system: str) -> Any:
    archive = Models(ROOT / "models", ROOT).checked() if system == OURS else plan.stock_model
    return loaded(system, archive, ROOT if system == OURS else plan.stock, plan.folder / f"{system}-nlu.log")
