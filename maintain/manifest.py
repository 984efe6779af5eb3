"""What a model was made of and how good it is: the file that lies beside its archive."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from faq.documents import load_documents
from faq.model_files import file_hash, manifest_path, tree_hash, write_whole
from maintain.judge import ASKED, Judgement
from maintain.models import Models

PARTS: Mapping[str, Sequence[str]] = {
    "data": ("data/nlu/**/*.yml", "data/rules.yml"),
    "config": ("config.yml",),
    "domain": ("domain.yml",),
    "documents": ("data/documents/**/*.md",),
    "facts": ("data/facts/**/*.toml",),
    "triage": ("data/triage/**/*.toml",),
    "code": ("nlu/**/*.py", "faq/**/*.py"),
    "encoder": ("var/encoder/encoder.onnx",),
    "lock": ("requirements.lock",),
}
"""What is hashed for a manifest, as patterns of files."""

PACKAGES = ("rasa", "rasa-sdk", "spacy", "medspacy", "onnxruntime", "tokenizers", "scikit-learn", "numpy")

SEED = None
"""Training draws no random numbers: the same files give the same model."""


def part_hashes(root: Path) -> dict[str, str]:
    """The hashes of what models are made of, as the project is now."""
    return {name: tree_hash(root, patterns) for name, patterns in PARTS.items()}


def ingredients(models: Models, trained_at: str) -> dict[str, Any]:
    """What a training begins with, to be taken down before it begins.

    Args:
        models: of the project.
        trained_at: when it begins, ISO 8601.

    Returns:
        The part of a manifest that is known then.
    """
    return {
        "trained_at": trained_at,
        "fingerprint": models.fingerprint(),
        "hashes": part_hashes(models.root),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}},
        "seed": SEED,
        "sentences": sentences(models.root),
    }


def described(made_of: Mapping[str, Any], judged: Judgement, root: Path) -> dict[str, Any]:
    """A manifest with what a model was found to tell readers.

    Args:
        made_of: of ``ingredients``, or an earlier manifest of the same model.
        judged: what was found.
        root: the project's top folder.

    Returns:
        The manifest.
    """
    topics = frozenset(section.id for each in load_documents(root / "data" / "documents") for section in each.sections)
    return {
        **made_of,
        "metrics": judged.metrics(topics),
        "basis": judged.basis,
        "messages": messages_hash(root),
        "asked": {text: [urgency, judged.labels.get(text)] for text, urgency in judged.urgency.items()},
    }


def write_manifest(models: Models, archive: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Writes the manifest of a model, in one step.

    Args:
        models: of the project.
        archive: the model's, perhaps not yet in its place.
        manifest: of ``described``.

    Returns:
        The manifest, with the archive's name and hash.
    """
    made = {"model": archive.name, "overrides": [], **manifest}
    made["hashes"] = {**manifest["hashes"], "archive": file_hash(archive)}
    write_whole(manifest_path(models.folder, archive.name), json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    return made


def note_override(models: Models, model: str, override: Mapping[str, Any]) -> None:
    """Keeps in a model's manifest why it was promoted against the gate.

    Args:
        models: of the project.
        model: its archive's name.
        override: when, why, and what the gate had said.
    """
    made = models.manifest(model)
    made["overrides"] = [*made["overrides"], dict(override)]
    write_whole(manifest_path(models.folder, model), json.dumps(made, ensure_ascii=False, indent=1) + "\n")


def messages_hash(root: Path) -> str:
    """The hash of the messages that accuracy is measured with."""
    return tree_hash(root, ASKED[:1])


def sentences(root: Path) -> dict[str, list[list[str]]]:
    """Every sentence of every document with its section, by the document's id."""
    return {
        document.id: [[each.section, each.text] for section in document.sections for each in section.passages]
        for document in load_documents(root / "data" / "documents")
    }
