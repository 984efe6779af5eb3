"""The yardstick: Rasa's stock assistant on this project's data, as a project folder of its own.

Its pipeline and policies are those that Rasa takes where a project names none, as the one of ``rasa init`` does. It
knows the phrasings of ``data/nlu`` (a double question is one intent with both names, Rasa's way to write it), answers
by a rule for each intent with an ``utter_`` response, which needs no action server, and has a few stories, so that TED
and UnexpecTED have something to learn, as after ``rasa init``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from faq.documents import load_documents
from faq.reply import OUT_OF_SCOPE
from maintain.bench.yaml_files import write_yaml
from maintain.settings import ROOT

FALLBACK = "nlu_fallback"
"""What Rasa's FallbackClassifier calls what it understood too little of."""

BOTH = "+"
"""Between the names of a double question's intents."""

NO_ANSWER = "utter_no_answer"

Example = tuple[str, str]
"""A phrasing and its intent."""


def rasas_own() -> dict[str, Any]:
    """The pipeline and policies that Rasa gives to a project that chooses none, as the one of ``rasa init`` does."""
    path = files("rasa.engine.recipes.config_files") / "default_config.yml"
    config: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return config


def stock_config(epochs: int | None = None) -> dict[str, Any]:
    """Rasa's own pipeline and policies as a project's configuration.

    Args:
        epochs: of every component that has some; None leaves them as they are, 100.

    Returns:
        Its configuration.
    """
    config = rasas_own()
    for component in [*config["pipeline"], *config["policies"]]:
        if epochs is not None and "epochs" in component:
            component["epochs"] = epochs
    return {**config, "assistant_id": "stock"}


def write_project(
    folder: Path, examples: Iterable[Example], answers: Mapping[str, str], epochs: int | None = None
) -> None:
    """Writes the project.

    Args:
        folder: where; it is made if need be.
        examples: the phrasings.
        answers: the text that answers each single intent.
        epochs: as of ``stock_config``.
    """
    by_intent: dict[str, list[str]] = {}
    for text, intent in examples:
        by_intent.setdefault(intent, []).append(text)
    (folder / "data").mkdir(parents=True, exist_ok=True)
    write_yaml(folder / "config.yml", stock_config(epochs))
    write_yaml(folder / "domain.yml", _domain(sorted(by_intent), answers))
    write_yaml(folder / "credentials.yml", {"rest": None})
    write_yaml(folder / "endpoints.yml", {})
    write_yaml(
        folder / "data" / "nlu.yml", {"version": "3.1", "nlu": [_nlu(*each) for each in sorted(by_intent.items())]}
    )
    intents = [*sorted(by_intent), FALLBACK]
    write_yaml(folder / "data" / "rules.yml", {"version": "3.1", "rules": [_rule(intent) for intent in intents]})
    write_yaml(folder / "data" / "stories.yml", {"version": "3.1", "stories": _stories(sorted(by_intent))})


def own_answers() -> dict[str, str]:
    """What the stock assistant says: a section's text for a topic, and this project's fixed phrases for the rest."""
    documents = load_documents(ROOT / "data" / "documents")
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    phrases = {name.removeprefix("utter_"): said[0]["text"] for name, said in responses.items()}
    return {**phrases, **{section.intent: section.text for each in documents for section in each.sections}}


def _domain(intents: Sequence[str], answers: Mapping[str, str]) -> dict[str, Any]:
    single = {name for intent in intents for name in intent.split(BOTH)} - {OUT_OF_SCOPE}
    responses = {f"utter_{name}": [{"text": answers[name]}] for name in sorted(single)}
    return {
        "version": "3.1",
        "intents": list(intents),
        "responses": {**responses, NO_ANSWER: [{"text": answers["no_answer"]}]},
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
    }


def _nlu(intent: str, texts: Sequence[str]) -> dict[str, Any]:
    return {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}


def _actions(intent: str) -> list[dict[str, str]]:
    names = [NO_ANSWER] if intent in (OUT_OF_SCOPE, FALLBACK) else [f"utter_{name}" for name in intent.split(BOTH)]
    return [{"action": name} for name in names]


def _rule(intent: str) -> dict[str, Any]:
    return {"rule": f"Answer {intent}", "steps": [{"intent": intent}, *_actions(intent)]}


def _stories(intents: Sequence[str]) -> list[dict[str, Any]]:
    """Three intents in a row a story, so that each stands in one."""
    rows = [intents[start : start + 3] for start in range(0, len(intents), 3)]
    return [
        {"story": " then ".join(row), "steps": [step for each in row for step in ({"intent": each}, *_actions(each))]}
        for row in rows
    ]
