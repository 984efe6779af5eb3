"""Recognises red flags that no pattern of the vocabulary foresaw, by their likeness to phrasings that state one."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from faq.errors import RuleError
from faq.measuring import READ_ON
from faq.phrasings import NOTHING, STATES
from faq.triage import Fact, Rule, assess, fact_for, load_rules
from nlu.encoder import ENCODER_DIR, WIDTH, load_encoder
from nlu.facts import FactFinder
from nlu.features import metadata_of, sentence_features
from nlu.judge import Judge
from nlu.kernel_ridge import KernelRidge
from nlu.questions import clauses

LEVELS = ("emergency", "doctor")
"""What can be due, the most urgent first."""

RANK = {"none": 0, "doctor": 1, "emergency": 2}

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class RedFlagClassifier(GraphComponent):
    """Adds a fact to ``entities`` where a message states a red flag in words that FactExtractor does not know.

    It learns from the phrasings whose metadata says what they state (``states:``, which may be ``nothing``) and from
    some of the others. It only ever adds: where the facts that were found call for the same advice or more, it does
    nothing. The fact's words are the clause most like a phrasing that states the same
    (docs/decisions/0013-learned-red-flags.md).
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Features come from the featurizers; Rasa looks only at what trains, so FactExtractor is not named."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults, chosen over the labelled messages (docs/decisions/0013-learned-red-flags.md).

        Returns:
            ``gamma`` and ``ridge``: of the regression; ``emergency`` and ``doctor``: probability from which the message
            counts as stating one; ``ordinary``: of the phrasings that say nothing about what they state, how many are
            learned from for each one that does; ``facts``: folder of the vocabulary; ``rules``: folder of the rules of
            triage; ``encoder``: folder of the sentence encoder.
        """
        return {
            "gamma": 0.15,
            "ridge": 0.1,
            "emergency": 0.65,
            "doctor": 0.65,
            "ordinary": 1.0,
            "facts": "data/facts",
            "rules": "data/triage",
            "encoder": str(ENCODER_DIR),
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the settings.

        Raises:
            InvalidConfigException: names the key and what it may be.
        """
        settings = {**cls.get_default_config(), **config}
        for key in ("gamma", "ridge", "ordinary"):
            if settings[key] <= 0:
                raise InvalidConfigException(f"[NLU15] config.yml: {cls.__name__} needs {key} above 0.")
        for key in LEVELS:
            if not 0 <= settings[key] <= 1:
                raise InvalidConfigException(f"[NLU16] config.yml: {cls.__name__} needs {key} from 0 to 1.")
        for key in ("facts", "rules"):
            if not Path(settings[key]).is_dir():
                raise InvalidConfigException(
                    f"[NLU17] config.yml: {cls.__name__} finds no folder {settings[key]}: name the right one."
                )

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Reads the rules of triage."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._rules = load_rules(Path(config["rules"]))
        self._ridge: KernelRidge | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RedFlagClassifier:
        """Creates an untrained component, which adds nothing."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns from the phrasings that say what they state; where there are none, there is nothing to learn.

        Raises:
            RuleError: a phrasing states what no rule of triage knows.
        """
        told = [example for example in training_data.intent_examples if example.get(TEXT) and states(example)]
        self._flags = sorted({states(example) for example in told} - {NOTHING})
        self._look_up()
        with self._model_storage.write_to(self._resource) as folder:
            if self._flags:
                self._fit([*told, *self._ordinary(training_data, len(told))])
                self._persist(folder)
        return self._resource

    def _ordinary(self, training_data: TrainingData, told: int) -> list[Message]:
        """Some phrasings that do not say what they state, evenly spread over the files."""
        others = [example for example in training_data.intent_examples if example.get(TEXT) and not states(example)]
        count = min(len(others), round(self._config["ordinary"] * told))
        return [others[at] for at in np.linspace(0, len(others) - 1, count, dtype=int)]

    def _fit(self, examples: Sequence[Message]) -> None:
        """Fits the regression, and a judge for each level, who sees only what the patterns leave to be decided."""
        finder = FactFinder(Path(self._config["facts"]), lambda: READ_ON)
        facts = [[Fact.from_entity(entity) for entity in finder.find(example.get(TEXT))] for example in examples]
        known = np.array([RANK[self._urgency(each)] for each in facts])
        kept = [at for at, example in enumerate(examples) if states(example) or known[at] == 0]
        examples, facts, known = [examples[at] for at in kept], [facts[at] for at in kept], known[kept]
        stated = np.array([[states(example) == flag for flag in self._flags] for example in examples])
        dense, words = sentence_features(examples)
        due = np.column_stack([stated[:, self._of[level]].any(axis=1) for level in LEVELS])
        targets = np.column_stack([stated, due])
        self._ridge, left_out = KernelRidge.fit(dense, words, targets, self._config["gamma"], self._config["ridge"])
        flagged = stated.any(axis=1)
        self._vectors, self._stated = dense[flagged, :WIDTH], stated[flagged]
        measured = self._measure(left_out, facts)
        outcomes = np.logical_or.accumulate(due, axis=1).T
        self._judges = {}
        for level, outcome in zip(LEVELS, outcomes, strict=True):
            open_cases = known < RANK[level]
            if self._of[level] and len(set(outcome[open_cases])) > 1:
                self._judges[level] = Judge.fit(measured[open_cases], outcome[open_cases])

    def _urgency(self, facts: Sequence[Fact]) -> str:
        return assess(facts, self._rules).urgency

    def _look_up(self) -> None:
        """Finds the fact of each flag, and where the flags stand that are times, and those of each level of advice."""
        self._facts = [_fact(flag, self._rules) for flag in self._flags]
        self._times = [at for at, fact in enumerate(self._facts) if fact.kind == "duration"]
        urgencies = [self._urgency([fact]) for fact in self._facts]
        self._of = {level: [at for at, each in enumerate(urgencies) if each == level] for level in LEVELS}

    def _measure(self, scores: np.ndarray, facts: Sequence[Sequence[Fact]]) -> np.ndarray:
        """What the judges go by, of each message."""
        return np.array([self._measurements(*each) for each in zip(scores.tolist(), facts, strict=True)])

    def _measurements(self, scores: Sequence[float], facts: Sequence[Fact]) -> list[float]:
        """The score of each level as a whole, and that of its likeliest flag; and what the patterns found against it:
        how much is denied or supposed, and whether a time is told that is no reason, also times the score of times."""
        best = [max([-1.0, *(scores[at] for at in self._of[level])]) for level in LEVELS]
        denied = sum(not fact.stated for fact in facts if fact.kind not in ("duration", "place"))
        short = any(fact.kind == "duration" and fact.stated for fact in facts)
        lasting = max([-1.0, *(scores[at] for at in self._times)])
        return [*scores[len(self._flags) :], *best, denied, short, short * lasting]

    def _persist(self, folder: Path) -> None:
        if self._ridge is None:
            return
        self._ridge.save(folder)
        np.savez(folder / "phrasings.npz", vectors=self._vectors, stated=self._stated)
        judges = {level: judge.as_dict() for level, judge in self._judges.items()}
        state = {"flags": self._flags, "judges": judges}
        (folder / "red_flags.json").write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> RedFlagClassifier:
        """Loads a trained component.

        Raises:
            RuleError: it was trained for a red flag that no rule of triage knows any more.
        """
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            if (folder / "red_flags.json").is_file():
                component._restore(folder)
        return component

    def _restore(self, folder: Path) -> None:
        state = json.loads((folder / "red_flags.json").read_text(encoding="utf-8"))
        self._flags = state["flags"]
        self._judges = {level: Judge.from_dict(each) for level, each in state["judges"].items()}
        self._look_up()
        self._ridge = KernelRidge.load(folder)
        with np.load(folder / "phrasings.npz") as arrays:
            self._vectors, self._stated = arrays["vectors"], arrays["stated"]

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds a fact to each message that states a red flag and has none of that urgency yet."""
        with_text = [message for message in messages if message.get(TEXT)]
        if self._ridge is not None and with_text:
            facts = [[Fact.from_entity(entity) for entity in message.get(ENTITIES, [])] for message in with_text]
            scores = self._ridge.scores(*sentence_features(with_text))
            measured = self._measure(scores, facts)
            chances = {level: judge.probability(measured) for level, judge in self._judges.items()}
            for row, message in enumerate(with_text):
                chance = {level: float(each[row]) for level, each in chances.items()}
                message.set("red_flags", chance, add_to_output=True)
                self._add(message, scores[row], chance, facts[row])
        return messages

    def _add(self, message: Message, scores: np.ndarray, chance: Mapping[str, float], facts: Sequence[Fact]) -> None:
        for level in chance:
            if chance[level] < self._config[level] or RANK[self._urgency(facts)] >= RANK[level]:
                continue
            flag = max(self._of[level], key=lambda at: scores[at])
            fact = self._facts[flag]
            if _is_settled(fact, facts):
                continue
            place = self._place(message.get(TEXT), flag)
            entity = {"entity": fact.kind, "value": fact.value, **place, "extractor": type(self).__name__}
            entity |= {"confidence": chance[level], "emergency": fact.emergency}
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
            logger.info("red flag: %s with %.3f, threshold %.3f", self._flags[flag], chance[level], self._config[level])
            return

    def _place(self, text: str, flag: int) -> dict[str, Any]:
        """The clause that is most like a phrasing which states the flag."""
        parts = clauses(text) or [(0, len(text))]
        cosines = load_encoder(self._config["encoder"]).encode([text[start:end] for start, end in parts])
        start, end = parts[int((cosines @ self._vectors[self._stated[:, flag]].T).max(axis=1).argmax())]
        words = text[start:end].rstrip(" .,;:!")
        return {"start": start, "end": start + len(words), "text": words}


def _is_settled(flag: Fact, facts: Sequence[Fact]) -> bool:
    """Whether the patterns have settled it: they found a time that is no reason, or a denial. What denies one symptom
    usually denies the others; of an emergency only its own denial counts."""
    if flag.kind == "duration":
        return any(fact.kind == flag.kind for fact in facts)
    denied = [fact for fact in facts if fact.negated and fact.kind not in ("duration", "place")]
    return any(fact.value == flag.value for fact in denied) if flag.emergency else bool(denied)


def _fact(flag: str, rules: Sequence[Rule]) -> Fact:
    fact = fact_for(flag, rules)
    if fact is None:
        raise RuleError(
            f"[NLU18] data/nlu: a phrasing states {flag!r}, which no rule of triage knows: write the id of a fact that "
            "a rule lists, or of a rule about durations."
        )
    return fact


def states(example: Message) -> str:
    """What a phrasing states.

    Args:
        example: of the training data.

    Returns:
        A red flag, ``nothing``, or an empty text where it does not say.
    """
    return metadata_of(example).get(STATES, "")
