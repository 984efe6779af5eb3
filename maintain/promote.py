"""Makes a trained model the current one, if the gate lets it; a running server takes it within seconds."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from faq.errors import ModelError
from maintain.gate import Objection, RefusedError, Tolerance, objections, required
from maintain.history import now
from maintain.judge import Judgement, Show, basis, judge
from maintain.manifest import described, messages_hash, note_override, part_hashes, write_manifest
from maintain.models import Models
from maintain.settings import ROOT, Settings

REFUSED = 3
"""The exit code when the gate refuses; 1 is an error, 2 a wrong command line."""

SHORTEST_REASON = 20
"""Characters: a sentence that somebody will understand next year."""

Judge = Callable[[Path, Path, Sequence[str], Show], Judgement]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``promote``."""
    parser.add_argument("model", help="the name that `models` shows")
    parser.add_argument(
        "--override",
        type=reason,
        metavar="REASON",
        help=f"promote although the gate objects to accuracy, refusal or a new label, and why: a sentence of at least "
        f"{SHORTEST_REASON} characters, which is kept; a silenced red flag is refused all the same",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.epilog = f"Exit codes: 0 promoted, {REFUSED} refused by the gate, 1 any other failure."


def reason(text: str) -> str:
    """Reads a reason from the command line."""
    if len(" ".join(text.split())) < SHORTEST_REASON:
        raise argparse.ArgumentTypeError(f"give a reason of at least {SHORTEST_REASON} characters")
    return text.strip()


def run(arguments: argparse.Namespace) -> int:
    """Promotes, as the command line says."""
    models = Models(Settings.from_environment(os.environ).models, ROOT)
    model, tolerance = models.named(arguments.model), Tolerance.from_environment(os.environ)
    found: list[Objection] = []
    try:
        found = promote(models, model, tolerance, override=arguments.override)
        promoted = True
    except RefusedError as error:
        found, promoted = list(error.args[1]), False
        print(error.args[0], file=sys.stderr)
    if arguments.json:
        print(json.dumps({"model": model, "promoted": promoted, "objections": [vars(each) for each in found]}))
    elif promoted:
        print(f"{model} is the current model; a running server takes it within 15 s.")
    return 0 if promoted else REFUSED


def promote(
    models: Models,
    model: str,
    tolerance: Tolerance,
    override: str | None = None,
    how: str = "promote",
    judge: Judge = judge,
) -> list[Objection]:
    """Makes a model the current one if the gate lets it.

    Args:
        models: of the project.
        model: the archive's name.
        tolerance: how much worse it may measure.
        override: why it is promoted against objections, if somebody wants that.
        how: what stands in the history.
        judge: what asks a model.

    Returns:
        The objections that were overridden.

    Raises:
        RefusedError: the gate refuses; its second argument is the list of objections.
        ModelError: archive and manifest do not fit, or another model became current meanwhile.
    """
    models.archive(model)
    before = usable_current(models)
    if before is None:
        models.promote(model, how)
        return []
    found = objections(*both(models, before, model, judge), tolerance)
    if found and (override is None or found[0].is_final):
        raise RefusedError(refusal(model, found), found)
    note = {"override": override, "objections": [vars(each) for each in found]} if found else {}
    if found:
        note_override(models, model, {"at": now(), **note})
    models.promote(model, how, note, expected=before)
    return found


def both(models: Models, before: str, model: str, judge: Judge = judge) -> tuple[dict[str, Any], dict[str, Any]]:
    """The manifests of the current model and of the one that would take its place, on the same messages.

    What was judged with other vocabulary, rules, code or messages is judged anew. A current model that was trained with
    another encoder can no longer be loaded, so it counts as it was found, whatever the messages were.
    """
    current, candidate = models.manifest(before), models.manifest(model)
    messages = messages_hash(models.root)
    if current["hashes"]["encoder"] != part_hashes(models.root)["encoder"]:
        current["messages"] = messages
    if current["messages"] != messages:
        judged = _ask(models, before, (), judge)
        current = {**described(current, judged, models.root), "asked": current["asked"]}
    must = list(required(current, candidate))
    if candidate["basis"] != basis(models.root) or not candidate["asked"].keys() >= set(must):
        judged = _ask(models, model, must, judge)
        candidate = write_manifest(models, models.archive(model), described(candidate, judged, models.root))
    return current, candidate


def usable_current(models: Models) -> str | None:
    """The name of the current model if there is one that may be loaded, or None."""
    try:
        return models.checked().name
    except ModelError:
        return None


def refusal(model: str, found: Sequence[Objection]) -> str:
    """What is said when the gate refuses."""
    way = "Put back what it needs: no override lifts a silenced red flag."
    if not found[0].is_final:
        way = f'If it shall be so: python -m maintain promote {model} --override "why".'
    lines = "\n".join(f"  {each.words}" for each in found[:20])
    more = f"\n  and {len(found) - 20} more" if len(found) > 20 else ""
    return f"[GAT01] {model} is not promoted, the current model stays:\n{lines}{more}\n{way}"


def progress(title: str) -> Show:
    """Shows on standard error how far something is, and about how many seconds remain."""
    started = time.monotonic()

    def show(done: int, total: int) -> None:
        left = (time.monotonic() - started) / done * (total - done)
        print(f"  {title}: {done} of {total}, about {left:.0f} s remain", file=sys.stderr, flush=True)

    return show


def _ask(models: Models, model: str, more: Sequence[str], judge: Judge) -> Judgement:
    return judge(models.archive(model), models.root, more, progress(f"asking {model}"))
