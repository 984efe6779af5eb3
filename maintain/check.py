"""Checks the project's parts against each other, and has Rasa check what it knows of."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from faq.consistency import find_faults, read_parts
from faq.errors import FaqError
from maintain.manifest import sentences
from maintain.models import Models
from maintain.settings import QUIET, ROOT, Settings
from maintain.touched import edits, touched
from maintain.touched import faults as unnamed

RASA_VALIDATE = (
    *(sys.executable, "-m", "maintain.quiet", "rasa", "data", "validate", "--fail-on-warnings"),
    *("--config", "config.yml", "--domain", "domain.yml", "--data", "data"),
)

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAULT = re.compile(r"\w*Warning: (?P<warning>.+)|\b(?:WARNING|ERROR|CRITICAL)\s+\S+\s+- (?P<logged>.+)")

EXPECTED = re.compile(r"The utterance '\w+' is not used in any story or rule\.")
"""Rasa looks for fixed phrases in rules, and here action_reply chooses them; that each one is asked for, and that each
one asked for is there, faq/consistency.py checks."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``check``."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.epilog = (
        "Where a document was edited since the current model was trained, it also tells which phrasings, labelled "
        "questions and triage rules lean on a sentence that is gone. Exit codes: 0 all fits together, 1 it does not."
    )


def run(arguments: argparse.Namespace) -> int:
    """Prints every fault, and what an edit of the documents touches; the exit code says whether there are faults."""
    faults = [*own_faults(ROOT), *rasa_faults(ROOT)]
    edited, leaning = document_edits(ROOT, Models(Settings.from_environment(os.environ).models, ROOT))
    if arguments.json:
        print(json.dumps({"faults": faults, "edits": edited, "touched": leaning}))
        return 1 if faults else 0
    for line in (*(f"Edited: {line}" for line in edited), *(f"Touched: {line}" for line in leaning), *faults):
        print(line)
    print(f"{len(faults)} fault(s)." if faults else "Domain, documents, phrasings, rules and phrases fit together.")
    return 1 if faults else 0


def document_edits(root: Path, models: Models) -> tuple[list[str], list[str]]:
    """Tells what was edited in the documents since the current model was trained, and what that touches.

    Args:
        root: the project's top folder.
        models: of the project.

    Returns:
        Both as lines; nothing where there is no current model, or something cannot be read, which is a fault already.
    """
    try:
        before, after = models.manifest(models.checked().name)["sentences"], sentences(root)
        return edits(before, after), touched(root, before, after)
    except FaqError:
        return [], []


def own_faults(root: Path) -> list[str]:
    """Finds what does not fit together.

    Args:
        root: the project's top folder.

    Returns:
        One line a fault; where a file cannot be read, that alone.
    """
    try:
        return [*find_faults(read_parts(root)), *unnamed(root, sentences(root))]
    except FaqError as error:
        return [str(error)]


def rasa_faults(root: Path, command: Sequence[str] = RASA_VALIDATE) -> list[str]:
    """Has Rasa validate domain, training data and rules.

    Args:
        root: the project's top folder.
        command: what validates.

    Returns:
        Rasa's warnings and errors but the ``EXPECTED`` ones; where it failed without one, the end of its output.
    """
    done = subprocess.run(
        command,
        cwd=root,
        env={**os.environ, **QUIET, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    output = COLOUR.sub("", done.stdout)
    faults = list(dict.fromkeys(_faults(output)))
    if done.returncode and not faults:
        faults = ["[CHK12] `rasa data validate` failed; its last lines:", *output.strip().splitlines()[-10:]]
    return faults


def _faults(output: str) -> Iterator[str]:
    for line in output.splitlines():
        found = FAULT.search(line)
        if found and not EXPECTED.fullmatch(message := (found["warning"] or found["logged"]).strip()):
            yield f"Rasa: {message}"
