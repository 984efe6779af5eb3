"""A tiny project with two topics, and the events of its conversations, for tests of the review page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from maintain.review.store import EVENTS, FEEDBACK, TABLES

DOMAIN = "intents:\n  - heat: {use_entities: false}\n  - time\n  - out_of_scope\n  - greet\n"
FILES = {
    "heat.yml": """version: "3.1"

# what warms
nlu:
- intent: heat
  examples: |
    - how hot is the water
    - is it warm in there # not a comment
    - what does the thermometer say
""",
    "time.yml": """version: "3.1"

nlu:
- intent: time
  examples: |
    - how long does it take
    - when will it be done?
""",
    "out_of_scope.yml": """version: "3.1"

nlu:
- intent: out_of_scope
  examples: |
    - who won the match
""",
    "near_misses.yml": """version: "3.1"

nlu:
- intent: out_of_scope
  examples: |
    - how hot is the sun
""",
    "small_talk.yml": """version: "3.1"

nlu:
- intent: greet
  examples: |
    - hello
""",
    "two_questions.yml": """version: "3.1"

nlu:
- intent: heat
  examples:
  - text: |
      how hot and how long
    metadata:
      also: time
  # the end
""",
    "sentences.yml": """version: "3.1"

nlu:
- intent: time
  examples:
  - text: |
      does an hour do
    metadata:
      sentence: "An hour"
""",
}
MEASURES = "id,text,intents,urgency,note\nm1,does it get hotter at noon,heat,none,\n"


def make_project(root: Path) -> Path:
    """Writes the project; returns its folder."""
    (root / "data" / "nlu").mkdir(parents=True)
    (root / "tests" / "evaluation").mkdir(parents=True)
    (root / "domain.yml").write_text(DOMAIN, encoding="utf-8")
    for name, content in FILES.items():
        (root / "data" / "nlu" / name).write_text(content, encoding="utf-8")
    (root / "tests" / "evaluation" / "set.csv").write_text(MEASURES, encoding="utf-8")
    return root


def contents(root: Path) -> dict[str, str]:
    """The files of phrasings as they are now."""
    return {path.name: path.read_bytes().decode() for path in sorted((root / "data" / "nlu").iterdir())}


def user(text: str, message_id: str, at: float = 1.7e9, **parsed: Any) -> dict[str, Any]:
    """A reader's event as Rasa stores it; ``parsed`` goes into its parse data."""
    data = {
        "intent": {"name": "heat", "confidence": 0.9},
        "intent_ranking": [{"name": "heat", "confidence": 0.9}, {"name": "time", "confidence": 0.1}],
        "refusal": {"score": 0.9, "threshold": 0.5, "nearest": "how hot is the water", "refused": False},
        "entities": [],
        **parsed,
    }
    event = {"event": "user", "text": text, "message_id": message_id, "parse_data": data, "metadata": {}}
    return {**event, "timestamp": at}


def bot(kind: str, text: str = "words", at: float = 1.7e9) -> dict[str, Any]:
    """An event of the assistant."""
    return {"event": "bot", "text": text, "timestamp": at, "data": {"custom": {"type": kind}}}


def make_database(
    path: Path,
    conversations: Mapping[str, Sequence[Mapping[str, Any]]],
    thumbs: Sequence[tuple[str, str, bool, str]] = (),
) -> Path:
    """Writes conversations and feedback as the server does."""
    engine = sa.create_engine(f"sqlite:///{path}", future=True)
    TABLES.create_all(engine)
    with engine.begin() as connection:
        for sender, events in conversations.items():
            for event in events:
                row = {"sender_id": sender, "type_name": event["event"], "timestamp": event["timestamp"]}
                connection.execute(sa.insert(EVENTS), {**row, "data": json.dumps(event)})
        for sender, message, helpful, reason in thumbs:
            row = {"sender_id": sender, "message_id": message, "helpful": helpful, "reason": reason, "timestamp": 1.0}
            connection.execute(sa.insert(FEEDBACK), row)
    engine.dispose()
    return path


REFUSED: dict[str, Any] = {
    "intent": {"name": "out_of_scope", "confidence": 0.8},
    "intents": [{"name": "out_of_scope", "confidence": 0.8}],
    "refusal": {"score": 0.2, "threshold": 0.5, "nearest": "how hot is the water", "refused": True},
}
EVIL = "<script>alert(1)</script> is it <b>hot</b>"

CONVERSATIONS = {
    "c1": [
        user("can I boil eggs in it", "m1", 1.70e9, **REFUSED),
        bot("no_answer"),
        user("how hot is the water", "m2", 1.7001e9),
        bot("answer"),
    ],
    "c2": [user("can I boil an egg in it?", "m1", 1.7002e9, **REFUSED), bot("no_answer")],
    "c3": [user(EVIL, "m1", 1.7003e9), bot("answer", "quoted")],
    "c4": [user("I am Hannah, my hand is scalded, call 0151 496 0322", "m1", 1.7004e9), bot("doctor"), bot("answer")],
}
THUMBS = [("c3", "m1", False, "my name is Tom and <i>no</i>"), ("c1", "m2", True, "")]
