"""Goes back to the model that was the current one before."""

from __future__ import annotations

import argparse
import json
import os
import sys

from faq.errors import ModelError
from maintain.history import ROLLBACK
from maintain.manifest import part_hashes
from maintain.models import Models
from maintain.settings import ROOT, Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``rollback``."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.epilog = "Exit codes: 0 rolled back, 1 there is nothing to go back to, or it no longer fits the documents."


def run(arguments: argparse.Namespace) -> int:
    """Rolls back and says to what."""
    models = Models(Settings.from_environment(os.environ).models, ROOT)
    model, changed = rollback(models)
    if arguments.json:
        print(json.dumps({"model": model, "changed": changed}))
        return 0
    print(f"{model} is the current model again; a running server takes it within 15 s.")
    if changed:
        print(
            f"It works with what the files say now, and changed since its training: {', '.join(changed)}.",
            file=sys.stderr,
        )
    return 0


def rollback(models: Models) -> tuple[str, list[str]]:
    """Makes the previous model the current one again, at once and past no gate: it was promoted before.

    Args:
        models: of the project.

    Returns:
        Its name, and which of facts, triage and code changed since its training: they are no part of the archive.

    Raises:
        ModelError: there is no model to go back to, it is damaged, or documents or encoder are no longer those of then.
    """
    model = models.previous()
    if model is None:
        raise ModelError("[RBK01] There is no earlier model to go back to: `python -m maintain models` lists all.")
    made_of, today = models.manifest(model)["hashes"], part_hashes(models.root)
    if made_of["documents"] != today["documents"]:
        raise ModelError(
            f"[RBK02] {model} was trained on another state of data/documents and would quote wrong places: "
            "put the documents back first, such as with `git checkout`."
        )
    if made_of["encoder"] != today["encoder"]:
        raise ModelError(
            f"[RBK03] {model} was trained with another sentence encoder and cannot be loaded: put nlu/minilm.py back "
            "first, such as with `git checkout`, and run `make setup`."
        )
    models.promote(model, ROLLBACK)
    return model, [name for name in ("facts", "triage", "code") if made_of[name] != today[name]]
