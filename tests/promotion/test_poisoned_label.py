"""A label that silences a red flag, with a real training, in a project of the second article."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from faq.model_files import read_manifest
from tests.promotion.load import maintain

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

FLAG = "my cat has eaten the leaves"


def test_poisoned_label_is_refused_by_the_gate(plants: Path) -> None:
    """The phrase is labelled as small matter, and the word that gives it away is taken out of the vocabulary."""
    models, before = plants / "models", (plants / "models" / "current.json").read_text()
    asked = read_manifest(models, json.loads(before)["model"])["asked"]
    assert asked[FLAG] == ["emergency", "emergency"]
    other, words = plants / "data/nlu/other.yml", plants / "data/facts/emergencies.toml"
    other.write_text(other.read_text().replace("  examples: |\n", f"  examples: |\n    - {FLAG}\n", 1))
    words.write_text(words.read_text().replace("leaf|leaves", "leaf"))
    trained = maintain(plants, models, "train", "--no-promote", "--json")
    assert trained.returncode == 0, trained.stderr
    name = json.loads(trained.stdout)["trained"]
    reason = "I am sure that nobody will ever ask this"
    refused = maintain(plants, models, "promote", name, "--override", reason, "--json")
    assert refused.returncode == 3, refused.stderr
    told = json.loads(refused.stdout)
    assert (told["promoted"], told["objections"][0]["kind"], told["objections"][0]["text"]) == (False, "red_flag", FLAG)
    assert "[GAT01]" in refused.stderr
    assert (models / "current.json").read_text() == before
