"""Every component of config.yml keeps the contract."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasa.engine.graph import GraphComponent
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer

from faq.errors import EncoderError
from nlu.facts import FactExtractor, FactFinder
from nlu.intent_classifier import MultiIntentClassifier
from nlu.judge import Judge
from nlu.passage_ranker import PassageRanker
from nlu.red_flags import RedFlagClassifier
from nlu.refusal import RefusalClassifier
from nlu.sentence_featurizer import SentenceEncoderFeaturizer
from nlu.spelling_corrector import SpellingCorrector
from nlu.tfidf_featurizer import TfidfFeaturizer
from nlu.tokenizer import BlankSpacyTokenizer, blank
from tests.nlu.contract import EMPTY, FRESH, Pipeline, components, is_trainable, same

FACTS = Path(__file__).parents[2] / "data" / "facts"
KINDS = [kind for kind, _ in components()]
NAMES = [f"{kind.__name__}-{number}" for number, kind in enumerate(KINDS)]


@pytest.mark.parametrize("number", range(len(KINDS)), ids=NAMES)
def test_components_are_the_same_when_loaded(trained: Pipeline, loaded: Pipeline, number: int) -> None:
    def through(pipeline: Pipeline) -> list[Message]:
        return Pipeline(pipeline.components[: number + 1], [], pipeline.storage).process(FRESH)

    before, after = through(trained), through(loaded)
    assert type(loaded.components[number]) is KINDS[number]
    assert loaded.components[number] is not trained.components[number]
    for text, one, other in zip(FRESH, before, after, strict=True):
        assert same(one, other), f"{text!r}: {one.data} became {other.data}"


@pytest.mark.parametrize("number", range(len(KINDS)), ids=NAMES)
def test_components_add_something(loaded: Pipeline, number: int) -> None:
    def through(last: int) -> list[Message]:
        return Pipeline(loaded.components[:last], [], loaded.storage).process(FRESH)

    assert not same(through(number), through(number + 1))


@pytest.mark.parametrize("number", range(len(KINDS)), ids=NAMES)
def test_components_that_learn_keep_files_and_others_none(trained: Pipeline, number: int) -> None:
    folder = trained.storage / f"{KINDS[number].__name__}{number}"
    assert folder.is_dir() == is_trainable(KINDS[number])
    if folder.is_dir():
        assert not [path for path in folder.rglob("*") if path.suffix in {".pkl", ".pickle", ".joblib"}]


@pytest.mark.parametrize("text", EMPTY)
def test_components_take_a_text_without_words(loaded: Pipeline, text: str) -> None:
    (message,) = loaded.process([text])
    assert message.get(TEXT) == text


def test_components_take_no_message_and_long_ones(loaded: Pipeline) -> None:
    assert loaded.process([]) == []
    (message,) = loaded.process(["how hot? " * 2000])
    assert message.get(INTENT)


def test_components_do_not_depend_on_their_neighbours_in_a_batch(loaded: Pipeline) -> None:
    together = loaded.process(FRESH)
    assert all(same(together[number], loaded.process([text])[0]) for number, text in enumerate(FRESH))


BAD: list[tuple[type[GraphComponent], dict[str, Any], str]] = [
    (BlankSpacyTokenizer, {"language": "klingon"}, "NLU01.*klingon"),
    (SpellingCorrector, {"target_from": 0}, "NLU12.*0 and"),
    (SpellingCorrector, {"target_from": 3, "trusted_from": 2}, "NLU12.*3 and 2"),
    (FactExtractor, {"folder": 7}, "FCT08"),
    (FactExtractor, {"today": "yesterday"}, "FCT09"),
    (RedFlagClassifier, {"gamma": 0}, "NLU15.*gamma"),
    (RedFlagClassifier, {"ridge": -1}, "NLU15.*ridge"),
    (RedFlagClassifier, {"ordinary": 0}, "NLU15.*ordinary"),
    (RedFlagClassifier, {"emergency": 1.1}, "NLU16.*emergency"),
    (RedFlagClassifier, {"doctor": -0.1}, "NLU16.*doctor"),
    (RedFlagClassifier, {"facts": "no/such/folder"}, "NLU17.*no/such/folder"),
    (RedFlagClassifier, {"rules": "no/such/folder"}, "NLU17.*no/such/folder"),
    (TfidfFeaturizer, {"analyzer": "char"}, "NLU02.*'char'"),
    (TfidfFeaturizer, {"min_ngram": 0}, "NLU03.*0 and"),
    (TfidfFeaturizer, {"min_ngram": 3, "max_ngram": 2}, "NLU03.*3 and 2"),
    (TfidfFeaturizer, {"weight": 0}, "NLU04"),
    (SentenceEncoderFeaturizer, {"encoder": "no/such/folder"}, "NLU05.*no/such/folder.*make setup"),
    (SentenceEncoderFeaturizer, {"extremes_weight": -1}, "NLU10.*extremes_weight"),
    (SentenceEncoderFeaturizer, {"clause_weight": -1}, "NLU10.*clause_weight"),
    (MultiIntentClassifier, {"gamma": 0}, "NLU06.*gamma"),
    (MultiIntentClassifier, {"ridge": -1}, "NLU06.*ridge"),
    (MultiIntentClassifier, {"several_threshold": 1.1}, "NLU07.*several_threshold"),
    (MultiIntentClassifier, {"ask_back_below": -0.1}, "NLU07.*ask_back_below"),
    (MultiIntentClassifier, {"ask_back_margin": 2}, "NLU07.*ask_back_margin"),
    (RefusalClassifier, {"threshold": -0.1}, "NLU08"),
    (RefusalClassifier, {"threshold": 1.1}, "NLU08"),
    (PassageRanker, {"gamma": 0}, "NLU13.*gamma"),
    (PassageRanker, {"ridge": -1}, "NLU13.*ridge"),
    (PassageRanker, {"cosine_weight": 0}, "NLU13.*cosine_weight"),
    (PassageRanker, {"documents": "no/such/folder"}, "NLU09.*no/such/folder"),
]


def test_components_each_have_bad_settings_here() -> None:
    assert {kind for kind, _, _ in BAD} == set(KINDS)


@pytest.mark.usefixtures("_in_project")
@pytest.mark.parametrize(("kind", "config", "words"), BAD)
def test_components_refuse_bad_settings(kind: Any, config: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidConfigException, match=words):
        kind.validate_config(config)


@pytest.mark.usefixtures("_in_project")
def test_components_accept_the_settings_of_config_yml() -> None:
    for kind, config in components():
        assert set(config) <= set(kind.get_default_config()), f"{kind.__name__} does not know all its settings"
        kind.validate_config(config)  # type: ignore[attr-defined]


def test_tokenizer_tokens_keep_their_place(loaded: Pipeline) -> None:
    text = "It's  3-4 wks,\nüber 90°!"
    (message,) = Pipeline(loaded.components[:1], [], loaded.storage).process([text])
    tokens = message.get("text_tokens")
    assert [text[token.start : token.end] for token in tokens] == [token.text for token in tokens]
    assert all(token.text.strip() for token in tokens)
    assert [token.text for token in tokens][:2] == ["It", "'s"]


def test_spelling_corrector_mends_slips_and_leaves_real_words(loaded: Pipeline) -> None:
    (message,) = Pipeline(loaded.components[:2], [], loaded.storage).process(
        ["Which temprature and minutesss, mister?"]
    )
    lemmas = [token.lemma for token in message.get("text_tokens")]
    assert lemmas == ["Which", "temperature", "and", "minutes", ",", "mister", "?"]
    assert message.get(TEXT) == "Which temprature and minutesss, mister?", "offsets stay as typed"


def test_classifier_names_one_intent_or_both(loaded: Pipeline) -> None:
    messages = loaded.process(["how hot should it be", "good morning", "how hot and how long"])
    asked = [{entry["name"] for entry in message.get("intents")} for message in messages]
    assert asked == [{"heat"}, {"greet"}, {"heat", "time"}]


def test_classifier_ranking_is_in_order_and_without_refusal(trained: Pipeline) -> None:
    (message,) = trained.process(["how long should it steep"])
    ranking = message.get("intent_ranking")
    assert [entry["confidence"] for entry in ranking] == sorted((e["confidence"] for e in ranking), reverse=True)
    assert {entry["name"] for entry in ranking} == {"heat", "time", "greet"}
    assert message.get(INTENT) == ranking[0]


@pytest.mark.parametrize(("score", "refused"), [(0.0, True), (0.49, True), (0.5, False), (1.0, False)])
def test_refusal_is_decided_by_the_threshold(score: float, refused: bool, caplog: pytest.LogCaptureFixture) -> None:
    best = {"name": "heat", "confidence": 0.9}
    data: dict[str, Any] = {TEXT: "?", INTENT: best, "intents": [best], "scope": {"score": score, "nearest": "how hot"}}
    caplog.set_level("INFO", logger="nlu.refusal")
    data["close_intents"] = ["heat", "time"]
    (message,) = RefusalClassifier({"threshold": 0.5}).process([Message(data=data)])
    assert message.get("refusal") == {"score": score, "nearest": "how hot", "threshold": 0.5, "refused": refused}
    assert message.get(INTENT)["name"] == ("out_of_scope" if refused else "heat")
    assert message.get("intents") == [message.get(INTENT)]
    assert message.get("close_intents") == ([] if refused else ["heat", "time"])
    assert (f"{score:.3f}" in caplog.text and "0.500" in caplog.text) == refused


@pytest.mark.parametrize("text", ["How hot, how HOT must it be?", "  ", "zzzz", "a b", "hot"])
@pytest.mark.parametrize("analyzer", ["char_wb", "word"])
def test_tfidf_is_that_of_scikit_learn(text: str, analyzer: str, tmp_path: Path) -> None:
    texts = ["how hot should it be", "how long should it be hot", "a tea"]
    config = {**TfidfFeaturizer.get_default_config(), "analyzer": analyzer, "max_ngram": 3}
    featurizer = TfidfFeaturizer(config, "tfidf", LocalModelStorage(tmp_path), Resource("tfidf"))
    tokenizer = BlankSpacyTokenizer(BlankSpacyTokenizer.get_default_config())
    phrasings = TrainingData([Message.build(text=each, intent="heat") for each in texts])
    featurizer.train(tokenizer.process_training_data(phrasings))
    messages = featurizer.process(tokenizer.process([Message.build(text=text), Message.build(text=text)]))
    words = {"token_pattern": r"\w+|[^\w\s]"} if analyzer == "word" else {}
    model = TfidfVectorizer(analyzer=analyzer, ngram_range=(1, 3), sublinear_tf=True, **words)
    expected = 0.8 * model.fit(texts).transform([text]).toarray()
    for message in messages:
        np.testing.assert_allclose(message.get_sparse_features(TEXT)[1].features.toarray(), expected, atol=1e-6)


def test_judge_as_json_holds_only_what_was_learnt() -> None:
    judge = Judge([0.5, 0.0], [1.0, 2.0], [3.0, -1.0], 0.25)
    before = judge.probability(np.array([[1.0, 2.0]]))
    restored = Judge.from_dict(json.loads(json.dumps(judge.as_dict())))
    assert restored == judge
    assert np.array_equal(restored.probability(np.array([[1.0, 2.0]])), before)


def test_sentence_featurizer_refuses_another_encoder(trained: Pipeline, tmp_path: Path) -> None:
    number = KINDS.index(SentenceEncoderFeaturizer)
    kept = trained.storage / f"SentenceEncoderFeaturizer{number}" / "encoder.sha256"
    right = kept.read_text()
    kept.write_text("0" * 64)
    try:
        with pytest.raises(EncoderError, match=r"ENC04.*make train"):
            trained.loaded()
    finally:
        kept.write_text(right)


def test_components_share_the_rules_of_a_language() -> None:
    """They take a tenth of a second to build, in which a server that takes a new model answers late."""
    BlankSpacyTokenizer(BlankSpacyTokenizer.get_default_config())
    assert blank("en") is blank("en")


def test_components_do_not_keep_what_readers_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spacy keeps every word that it meets: a leak, and words of conversations that were deleted."""
    monkeypatch.setattr("nlu.tokenizer.NEW_WORDS", 50)
    tokenizer = BlankSpacyTokenizer(BlankSpacyTokenizer.get_default_config())
    facts = FactFinder(FACTS)
    facts.find("i have no numbness, somebody says")
    cues = facts._context._nlp.vocab
    known = len(cues)
    for number in range(100):
        text = f"i have no numbness, name{number} says"
        message = Message({TEXT: text})
        assert [token.text for token in tokenizer.tokenize(message, TEXT)][-2:] == [f"name{number}", "says"]
        assert facts.find(text)
    assert f"name{number - 60}" not in blank("en").vocab.strings
    assert len(cues) == known
