"""A small project with fake models, for tests of what is done with models: an archive is the JSON of what it says."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from faq.reply import OUT_OF_SCOPE
from maintain.cases import Case, Understood
from maintain.judge import ASKED, Judgement, Show, basis, development, due
from maintain.manifest import described, ingredients, write_manifest
from maintain.models import INPUTS, Models
from maintain.scoring import Outcome
from maintain.settings import ROOT

RED_FLAGS = {"help, it fell": "emergency", "for three weeks": "doctor"}
MESSAGES = {"how much light": "light", "how much water": "watering", "tell a joke": OUT_OF_SCOPE}
Says = Mapping[str, str]


def small_project(root: Path) -> Models:
    """Makes a project with the second article, two red flags, a look-alike and three development messages.

    Args:
        root: an empty folder.

    Returns:
        Its models: none yet.
    """
    for pattern in INPUTS:
        if not pattern.startswith("data/"):
            path = root / pattern.replace("**/*", "one")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(pattern)
    shutil.copytree(ROOT / "tests" / "second_article" / "data", root / "data")
    write_table(root, "red_flags.csv", ("text", "urgency"), list(RED_FLAGS.items()))
    write_table(root, "look_alikes.csv", ("text",), [("it fell asleep",)])
    rows = [(str(number), text, intent, "none", "") for number, (text, intent) in enumerate(MESSAGES.items())]
    write_table(root, "../evaluation/development.csv", ("id", "text", "intents", "urgency", "note"), rows)
    models = Models(root / "models", root)
    models.folder.mkdir()
    return models


def write_table(root: Path, name: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Writes a CSV file under tests/safety."""
    path = root / "tests" / "safety" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (root / ASKED[0]).parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def fake_judge(archive: Path, root: Path, more: Sequence[str], show: Show) -> Judgement:
    """Reads from an archive what the model says: an urgency or an intent by text; the rest it gets right."""
    says: Says = json.loads(archive.read_text())
    labels, messages = due(root), development(root)
    texts = [*(each.text for each in messages), *labels, *more]
    show(len(texts), len(texts))
    urgency = {text: says.get(text, labels.get(text) or RED_FLAGS.get(text, "none")) for text in texts}
    cases = []
    for each in messages:
        intents = frozenset([says[each.text]]) if each.text in says else each.intents
        understood = Understood(each.text, intents, 0.9, (("light", 0.9),), 0.9, 0.5)
        cases.append(Case(Outcome(each, intents, "none"), understood))
        urgency[each.text] = "none"
    return Judgement(tuple(cases), urgency, labels, basis(root))


def add_model(models: Models, name: str, says: Says | None = None) -> str:
    """Adds a model with its manifest.

    Args:
        models: of ``small_project``.
        name: without the ending.
        says: what it gets wrong.

    Returns:
        The archive's name.
    """
    archive = models.folder / f"{name}.tar.gz"
    archive.write_text(json.dumps(says or {}))
    judged = fake_judge(archive, models.root, (), lambda done, total: None)
    write_manifest(models, archive, described(ingredients(models, "2024-01-01T00:00:00+00:00"), judged, models.root))
    return archive.name


def change_encoder(models: Models) -> None:
    """Puts another sentence encoder into the project."""
    (models.root / "var" / "encoder" / "encoder.onnx").write_text("another one")
