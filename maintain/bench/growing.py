"""Projects with the code of this one and more or fewer phrasings and sections, made from those that there are."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import frontmatter
import yaml

from faq.documents import load_documents
from maintain.bench.yaml_files import write_yaml
from maintain.settings import ROOT

CODE = ("faq", "nlu", "actions", "channels", "maintain")
FILES = ("config.yml", "endpoints.yml", "credentials.yml", "requirements.lock", "domain.yml")
SENTENCES = 8
"""In a made-up section; those of the article have about as many."""


@dataclass(frozen=True)
class Example:
    """A phrasing.

    Attributes:
        text: what a reader might write.
        intent: the first that it asks.
        metadata: as in data/nlu.
    """

    text: str
    intent: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def intents(self) -> str:
        """All that it asks, as Rasa writes several."""
        return "+".join(sorted({self.intent, self.metadata.get("also", self.intent)}))


def own_examples() -> list[Example]:
    """The phrasings of data/nlu."""
    from maintain.understander import read_examples

    return [
        Example(each.get("text"), each.get("intent"), (each.get("metadata") or {}).get("example") or {})
        for each in read_examples()
    ]


def resized(examples: Sequence[Example], size: int) -> list[Example]:
    """Takes some phrasings, or makes more of them.

    Args:
        examples: that there are.
        size: how many are wanted.

    Returns:
        Different texts: a random part of those that there are, or all with variants that have a word left out or two
        letters exchanged.
    """
    chance = random.Random(0)  # noqa: S311
    mixed = chance.sample(list(examples), len(examples))
    chosen, seen = mixed[:size], {each.text for each in mixed[:size]}
    while len(chosen) < size:
        model = chance.choice(mixed)
        text = _varied(model.text, chance)
        if text not in seen:
            seen.add(text)
            chosen.append(Example(text, model.intent, model.metadata))
    return chosen


def _varied(text: str, chance: random.Random) -> str:
    """A text with two to four slips."""
    for _ in range(chance.randint(2, 4)):
        words = text.split()
        place = chance.randrange(len(words))
        if len(words) > 3 and chance.random() < 0.5:
            del words[place]
        else:
            at = chance.randrange(max(1, len(words[place]) - 1))
            word = words[place]
            words[place] = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
        text = " ".join(words)
    return text


@dataclass(frozen=True)
class Topic:
    """A made-up section.

    Attributes:
        id: of the section, which is its intent.
        words: what it is about.
        sentences: its text.
    """

    id: str
    words: tuple[str, ...]
    sentences: tuple[str, ...]


def topics(examples: Sequence[Example], number: int) -> list[Topic]:
    """Makes sections up: each is about three words of its own, which its sentences and its phrasings contain.

    Args:
        examples: whose words are taken, neither frequent nor unique ones.
        number: of sections.

    Returns:
        The sections.
    """
    counts = Counter(word for each in examples for word in set(re.findall(r"[a-z]{5,12}", each.text)))
    words = sorted(word for word, count in counts.items() if 3 <= count <= 60)
    chance = random.Random(0)  # noqa: S311
    chosen = chance.sample(words, 3 * number)
    documents = load_documents(ROOT / "data" / "documents")
    said = [passage.text for each in documents for section in each.sections for passage in section.passages]
    made = []
    for start in range(0, len(chosen), 3):
        own = tuple(chosen[start : start + 3])
        sentences = tuple(_about(chance.choice(said), own, chance) for _ in range(SENTENCES))
        made.append(Topic(f"section_{start // 3}", own, sentences))
    return made


def _about(text: str, words: Sequence[str], chance: random.Random) -> str:
    """A text with two words of a topic in the place of two of its own."""
    own = text.split()
    for _ in range(2):
        own[chance.randrange(len(own) - 1) if len(own) > 1 else 0] = chance.choice(words)
    return " ".join([own[0].capitalize(), *own[1:]])


def topic_examples(examples: Sequence[Example], made: Sequence[Topic], size: int) -> list[Example]:
    """Makes phrasings up: as many for each section, and a third as many of data/nlu that ask for none.

    Args:
        examples: of data/nlu.
        made: the sections.
        size: phrasings of all sections together.

    Returns:
        The phrasings.
    """
    known = {section.intent for each in load_documents(ROOT / "data" / "documents") for section in each.sections}
    models = [each for each in examples if each.intents in known]
    chance, chosen, seen = random.Random(0), [], set()  # noqa: S311
    while len(chosen) < size:
        topic = made[len(chosen) % len(made)]
        text = _about(chance.choice(models).text, topic.words, chance)
        if text not in seen:
            seen.add(text)
            chosen.append(Example(text, topic.id))
    others = [Example(each.text, each.intent) for each in examples if not set(each.intents.split("+")) & known]
    return chosen + chance.sample(others, min(len(others), size // 3))


def write_project(root: Path, examples: Sequence[Example], made: Sequence[Topic] = ()) -> Path:
    """Writes a project, without a model.

    Args:
        root: the folder, which must not exist.
        examples: its phrasings.
        made: its sections; none: those of this project.

    Returns:
        The folder.
    """
    root.mkdir(parents=True)
    for name in CODE:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, root)
    shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("nlu"))
    (root / "data" / "nlu").mkdir()
    (root / "var").mkdir()
    (root / "var" / "encoder").symlink_to(ROOT / "var" / "encoder")
    by_intent: dict[str, list[Example]] = {}
    for each in examples:
        by_intent.setdefault(each.intent, []).append(each)
    content = [{"intent": intent, "examples": list(_entries(those))} for intent, those in by_intent.items()]
    write_yaml(root / "data" / "nlu" / "phrasings.yml", {"version": "3.1", "nlu": content})
    if made:
        _replace_sections(root, made)
    return root


def _entries(examples: Sequence[Example]) -> Iterator[dict[str, Any]]:
    for each in examples:
        yield {"text": f"{each.text}\n", **({"metadata": dict(each.metadata)} if each.metadata else {})}


def _replace_sections(root: Path, made: Sequence[Topic]) -> None:
    """Puts made-up sections in the place of the article's: in the document, the domain and the rules."""
    (document,) = load_documents(root / "data" / "documents")
    old, new = [section.intent for section in document.sections], [topic.id for topic in made]
    (file,) = (root / "data" / "documents").glob("*.md")
    post = frontmatter.loads(file.read_text(encoding="utf-8"))
    post.metadata.pop("key_sentences", None)
    post.content = "\n\n".join(
        f"## What about {' and '.join(topic.words)}? {{#{topic.id}}}\n\n{' '.join(topic.sentences)}" for topic in made
    )
    file.write_text(frontmatter.dumps(post) + "\n", encoding="utf-8")
    domain = yaml.safe_load((root / "domain.yml").read_text(encoding="utf-8"))
    domain["intents"] = [{name: {"use_entities": False}} for name in new] + [
        each for each in domain["intents"] if not set(each) & set(old)
    ]
    write_yaml(root / "domain.yml", domain)
    rules = yaml.safe_load((root / "data" / "rules.yml").read_text(encoding="utf-8"))
    kept = [each for each in rules["rules"] if each["steps"][0]["intent"] not in old]
    rules["rules"] = kept + [
        {"rule": f"reply to {name}", "steps": [{"intent": name}, {"action": "action_reply"}]} for name in new
    ]
    write_yaml(root / "data" / "rules.yml", rules)
