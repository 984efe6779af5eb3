"""Names what a message asks, one intent or several, and how sure it is that the article's topics are meant at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from faq.phrasings import ALSO
from faq.reply import OUT_OF_SCOPE
from nlu.encoder import WIDTH
from nlu.features import metadata_of, sentence_features
from nlu.judge import Judge
from nlu.kernel_ridge import KernelRidge
from nlu.neighbours import Found
from nlu.scope import ScopeJudge, Surroundings

RANKED = 20
"""Most intents of ``intent_ranking``, which travels and is stored with each message; nobody looks further down."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class MultiIntentClassifier(IntentClassifier, GraphComponent):
    """Kernel ridge regression over all features, calibrated on its leave-one-out scores.

    It sets ``intent`` and ``intent_ranking`` (without ``out_of_scope``, the best ``RANKED``), ``intents`` (what is
    asked, best first: two where that is likely and the phrasings combine them), ``close_intents`` (two between which
    only the reader can choose) and ``scope``: the probability that the message is about something known, and the
    phrasing nearest to it. Whether that is enough is RefusalClassifier's decision.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Features come from the featurizers."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Defaults, chosen by leave-one-out on the phrasings (docs/decisions/0004-intent-classification.md).

        Returns:
            ``gamma``: inverse width of the kernel; ``ridge``: its regularisation; ``several_threshold``: probability
            from which two intents count as asked; ``ask_back_below``: probability under which the best intent is not
            just taken, and ``ask_back_margin``: what the next may be behind it to be offered too.
        """
        return {
            "gamma": 0.15,
            "ridge": 0.1,
            "several_threshold": 0.4,
            "ask_back_below": 0.35,
            "ask_back_margin": 0.1,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Checks the settings.

        Raises:
            InvalidConfigException: names the key and what it may be.
        """
        settings = {**cls.get_default_config(), **config}
        for key in ("gamma", "ridge"):
            if settings[key] <= 0:
                raise InvalidConfigException(f"[NLU06] config.yml: {cls.__name__} needs {key} above 0.")
        for key in ("several_threshold", "ask_back_below", "ask_back_margin"):
            if not 0 <= settings[key] <= 1:
                raise InvalidConfigException(f"[NLU07] config.yml: {cls.__name__} needs {key} from 0 to 1.")

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """Constructs an untrained classifier."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._scope: ScopeJudge | None = None

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MultiIntentClassifier:
        """Creates an untrained classifier."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the regression, the calibration and the judgement of scope."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        asked = [intents_of(example) for example in examples]
        self._labels = sorted(set().union(*asked))
        self._combinable = sorted(set().union(*(intents for intents in asked if len(intents) > 1)))
        self._texts = [example.get(TEXT) for example in examples]
        self._asked = np.array([[label in intents for label in self._labels] for intents in asked])
        dense, words = sentence_features(examples)
        vectors = dense[:, :WIDTH]
        self._surroundings = Surroundings.fit(vectors, self._outside)
        several = self._asked.sum(axis=1) > 1
        targets = np.column_stack([self._asked, several])
        self._ridge, left_out = KernelRidge.fit(dense, words, targets, self._config["gamma"], self._config["ridge"])
        self._calibration = Judge.fit(left_out[:, : len(self._labels)].reshape(-1, 1), self._asked.ravel())
        self._several = self._fit_several(left_out, several)
        self._scope = self._fit_scope(left_out, vectors)
        self.persist()
        return self._resource

    def _fit_several(self, left_out: np.ndarray, several: np.ndarray) -> Judge | None:
        """Learns how messages that ask one thing and two things differ; None where the phrasings combine nothing."""
        if not self._combinable:
            return None
        combinable = self._asked[:, self._columns].any(axis=1)
        return Judge.fit(self._measure_several(left_out)[combinable], several[combinable])

    @cached_property
    def _columns(self) -> list[int]:
        """Where the intents stand that the phrasings combine."""
        return [self._labels.index(label) for label in self._combinable]

    def _measure_several(self, scores: np.ndarray) -> np.ndarray:
        """What tells one question from two: the scores of what can be combined, and that of being several."""
        return np.column_stack([np.sort(scores[:, self._columns], axis=1), scores[:, -1]])

    def _fit_scope(self, left_out: np.ndarray, vectors: np.ndarray) -> ScopeJudge | None:
        if OUT_OF_SCOPE not in self._labels:
            return None
        scores, column = left_out[:, : len(self._labels)], self._labels.index(OUT_OF_SCOPE)
        return ScopeJudge.fit(scores, vectors, self._surroundings, column, self._outside)

    @property
    def _outside(self) -> np.ndarray:
        """Which phrasings are out of scope, bool (phrasings,)."""
        if OUT_OF_SCOPE not in self._labels:
            return np.zeros(len(self._asked), dtype=bool)
        return self._asked[:, self._labels.index(OUT_OF_SCOPE)]

    def process(self, messages: list[Message]) -> list[Message]:
        """Understands each message that has a text."""
        with_text = [message for message in messages if message.get(TEXT)]
        if with_text:
            dense, words = sentence_features(with_text)
            scores = self._ridge.scores(dense, words)
            for row, message in enumerate(with_text):
                self._understand(message, scores[row : row + 1], self._surroundings.around(dense[row, :WIDTH]))
        return messages

    def _understand(self, message: Message, scores: np.ndarray, found: Sequence[Found]) -> None:
        ranking = self._ranking(scores)
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking, add_to_output=True)
        message.set("intents", self._asked_intents(ranking, scores), add_to_output=True)
        message.set("close_intents", self._close(ranking), add_to_output=True)
        message.set("scope", self._judge_scope(ranking[0], scores, found), add_to_output=True)

    def _ranking(self, scores: np.ndarray) -> list[dict[str, Any]]:
        probabilities = self._calibration.probability(scores[0, : len(self._labels), None])
        best = np.argsort(-probabilities, kind="stable")[: RANKED + 1]  # out_of_scope may be one of them
        ranked = zip((self._labels[each] for each in best), probabilities[best].tolist(), strict=True)
        return [{"name": label, "confidence": each} for label, each in ranked if label != OUT_OF_SCOPE][:RANKED]

    def _asked_intents(self, ranking: list[dict[str, Any]], scores: np.ndarray) -> list[dict[str, Any]]:
        best, *others = ranking
        if self._several is None or best["name"] not in self._combinable:
            return [best]
        likely = self._several.probability(self._measure_several(scores))[0] >= self._config["several_threshold"]
        second = next((each for each in others if each["name"] in self._combinable), None) if likely else None
        return [best, second] if second else [best]

    def _close(self, ranking: list[dict[str, Any]]) -> list[str]:
        best, second = ranking[:2]
        unsure = best["confidence"] < self._config["ask_back_below"]
        near = best["confidence"] - second["confidence"] <= self._config["ask_back_margin"]
        names = [best["name"], second["name"]]
        return names if unsure and near and all(each in self._combinable for each in names) else []

    def _judge_scope(self, best: dict[str, Any], scores: np.ndarray, found: Sequence[Found]) -> dict[str, Any]:
        """Without out-of-scope phrasings the score is ``sqrt(p) * cos``, which did best without them."""
        same = self._asked[:, self._labels.index(best["name"])]
        nearest, cosine = found[0].nearest(same)
        if self._scope is None:
            score = np.sqrt(best["confidence"]) * max(cosine, 0.0)
        else:
            score = self._scope.probability(scores[0, : len(self._labels)], found)
        return {"score": float(score), "nearest": self._texts[nearest]}

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leaves the phrasings as they are."""
        return training_data

    def persist(self) -> None:
        """Writes arrays, and JSON for the rest."""
        state = {
            "labels": self._labels,
            "combinable": self._combinable,
            "texts": self._texts,
            "calibration": self._calibration.as_dict(),
            "several": self._several.as_dict() if self._several else None,
            "scope": self._scope.as_dict() if self._scope else None,
        }
        with self._model_storage.write_to(self._resource) as folder:
            self._ridge.save(folder)
            np.savez(folder / "phrasings.npz", asked=self._asked)
            self._surroundings.save(folder)
            (folder / "classifier.json").write_text(json.dumps(state), encoding="utf-8")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> MultiIntentClassifier:
        """Loads a trained classifier."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._ridge = KernelRidge.load(folder)
            with np.load(folder / "phrasings.npz") as arrays:
                component._asked = arrays["asked"]
            component._surroundings = Surroundings.load(folder)
            state = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
        component._labels, component._combinable = state["labels"], state["combinable"]
        component._texts = state["texts"]
        component._calibration = Judge.from_dict(state["calibration"])
        component._several = Judge.from_dict(state["several"]) if state["several"] else None
        if state["scope"]:
            component._scope = ScopeJudge.from_dict(state["scope"], component._labels.index(OUT_OF_SCOPE))
        return component


def intents_of(example: Message) -> set[str]:
    """All intents of a phrasing: its intent, and the one its metadata adds.

    Args:
        example: from the training data.

    Returns:
        One or two intents.
    """
    metadata = metadata_of(example)
    return {example.get(INTENT)} | ({metadata[ALSO]} if ALSO in metadata else set())
