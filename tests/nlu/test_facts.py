from __future__ import annotations

import csv
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message

from faq.errors import RuleError
from nlu.facts import KINDS, FactExtractor, FactFinder
from nlu.matches import Vocabulary
from nlu.spelling import SHORTEST_TWO_SLIPS, Spelling, slips
from nlu.vocabulary import match_at, parse, phrases, read_patterns

FACTS = Path(__file__).parents[2] / "data" / "facts"


@pytest.fixture(scope="module")
def finder() -> FactFinder:
    return FactFinder(FACTS, lambda: date(2024, 5, 15))


def safety_texts() -> list[str]:
    with (FACTS.parents[1] / "tests" / "safety" / "red_flags.csv").open(encoding="utf-8") as file:
        return [row["text"] for row in csv.DictReader(file)]


def stated(finder: FactFinder, text: str) -> set[object]:
    flags = ("negated", "hypothetical", "historical")
    facts = (fact for fact in finder.find(text) if fact["entity"] not in ("place", "duration"))
    return {fact["value"] for fact in facts if not any(fact[flag] for flag in flags) and fact["person"] != "none"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("chst pain", "chest-pain"),
        ("i cant breath", "breathless"),
        ("he had a siezure", "seizure"),
        ("wekness in my arm", "weakness"),
        ("suiside", "suicidal"),
        ("My FACE is drooping", "face-droop"),
        ("I can’t breathe", "breathless"),
        ("can not breathe", "breathless"),
        ("my hand is numb", "numbness"),
        ("is it ALS?", "motor-neurone-disease"),
        ("my uncle has parkinson's", "parkinsons"),
        ("since i started zoloft my arm twitches", "suspected-medicine"),
        ("the muscle is wasting", "wasting"),
        ("i trip a lot", "trouble-walking"),
        ("no pain but my leg is weak", "weakness"),
        ("not only weak but numb", "numbness"),
    ],
)
def test_facts_stated(finder: FactFinder, text: str, value: str) -> None:
    assert value in stated(finder, text)


@pytest.mark.parametrize(
    "text",
    [
        "no weakness, no numbness, no pain",
        "no weakness, numbness or pain",
        "without any pain",
        "my arm isn't numb",
        "never had seizures",
        "I don't have chest pain",
        "not weak or anything",
        "what if my face droops",
        "could it become a seizure",
        "had a seizure years ago as a kid",
        "can stress cause chest pain",
        "my dad is a doctor",
        "reading about ALS for school",
        "ALS was ruled out",
        "my neighbour has parkinson's",
        "this is killing me",
        "does zoloft cause twitching?",
        "week",
        "cheat day",
        "a strike at work",
        "my mouth twitches",
        "numbers",
    ],
)
def test_facts_not_stated(finder: FactFinder, text: str) -> None:
    assert stated(finder, text) == set()


@pytest.mark.parametrize(
    ("text", "value", "person"),
    [
        ("my wife has chest pain", "chest-pain", "other"),
        ("she passed out", "unconscious", "other"),
        ("I have chest pain", "chest-pain", "self"),
        ("my uncle has epilepsy", "epilepsy", "family"),
        ("my colleague has epilepsy", "epilepsy", "none"),
    ],
)
def test_facts_person(finder: FactFinder, text: str, value: str, person: str) -> None:
    assert [fact["person"] for fact in finder.find(text) if fact["value"] == value] == [person]


def test_facts_text_is_the_readers_own(finder: FactFinder) -> None:
    text = "Hm… my left arm isn’t numb, but I can’t breathe since 3weeks 🙈"
    facts = finder.find(text)
    assert {fact["text"] for fact in facts} >= {"can’t breathe", "since 3weeks"} or {
        fact["text"] for fact in facts
    } >= {"can’t breathe", "3weeks"}
    assert all(text[fact["start"] : fact["end"]] == fact["text"] for fact in facts)


@pytest.mark.parametrize("text", ["", "   ", "…", "🙈🙈", "\n\n", "?" * 500, "a " * 500])
def test_facts_of_nothing(finder: FactFinder, text: str) -> None:
    assert all(fact["entity"] == "place" for fact in finder.find(text))


def test_facts_take_milliseconds(finder: FactFinder) -> None:
    texts = [
        f"my eyelid twitches since {number} weeks, no pain, but my arm feels weak and numb" for number in range(2, 102)
    ]
    start = time.process_time()
    for text in texts:
        finder.find(text)
    assert (time.process_time() - start) / len(texts) < 0.01


def extractor(**config: Any) -> FactExtractor:
    full = {**FactExtractor.get_default_config(), "folder": str(FACTS), **config}
    return FactExtractor.create(full, None, Resource("facts"), None)  # type: ignore[arg-type]


def test_extractor_adds_entities() -> None:
    message = Message(data={"text": "since March", "entities": [{"entity": "kept"}]})
    extractor(today="2024-05-15").process([message])
    kept, fact = message.get("entities")
    assert kept == {"entity": "kept"}
    assert (fact["value"], fact["extractor"]) == (45.0, "FactExtractor")


@pytest.mark.parametrize(("config", "code"), [({"today": "tomorrow"}, "FCT09"), ({"folder": 3}, "FCT08")])
def test_extractor_refuses_wrong_options(config: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidConfigException, match=code):
        FactExtractor.validate_config(config)


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a b", "a b", True),
        ("a|b c", "b c", True),
        ("a b? c", "a c", True),
        ("a .. c", "a x y z c", True),
        ("a .. c", "a x y z w c", False),
        ("a .. c", "a , c", False),
        ("ab*", "abc", True),
        ("@g x", "one x", True),
        ("a b", "b a", False),
    ],
)
def test_vocabulary_patterns(pattern: str, text: str, fits: bool) -> None:
    assert (match_at(parse(pattern, {"g": "one|two"}, "here"), text.split(), 0) is not None) == fits


@pytest.mark.parametrize(
    ("pattern", "code"), [("..", "FCT01"), ("a ..", "FCT01"), ("a?", "FCT01"), ("@no", "FCT02"), ("a#b", "FCT03")]
)
def test_vocabulary_refuses_bad_patterns(pattern: str, code: str) -> None:
    with pytest.raises(RuleError, match=rf"\[{code}\] file.toml"):
        parse(pattern, {}, "file.toml, [x] patterns")


def test_matches_longest_wins_and_never_hides() -> None:
    patterns = [("short", parse("a", {}, "")), ("long", parse("a b", {}, "")), ("", parse("a b c", {}, ""))]
    vocabulary = Vocabulary({"one": patterns, "other": patterns[:1]})
    found = {text: [(file, match.entry) for file, match in vocabulary.find(text.split())] for text in ("a b", "a b c")}
    assert found == {"a b": [("one", "long"), ("other", "short")], "a b c": [("one", ""), ("other", "short")]}


def test_matches_try_every_pattern_that_may_fit(finder: FactFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary = Vocabulary({name: read_patterns(FACTS / f"{name}.toml") for name in KINDS})
    messages = [[word.norm for word in finder._spelling.words(text)] for text in safety_texts()[::40]]
    found = [vocabulary.find(words) for words in messages]
    monkeypatch.setattr(vocabulary, "_possible", lambda _: -1)
    monkeypatch.setattr(vocabulary, "_beginning", lambda _: [(1 << len(vocabulary._patterns)) - 1])
    assert found == [vocabulary.find(words) for words in messages]


def test_vocabulary_cues_are_finite() -> None:
    assert set(phrases(parse("a|b c?", {}, ""), "")) == {"a", "b", "a c", "b c"}
    with pytest.raises(RuleError, match="FCT04"):
        list(phrases(parse("a .. b", {}, "here"), "here"))


@pytest.mark.parametrize(("content", "code"), [("x = ", "FCT05"), ("[x]\nnever = []", "FCT06")])
def test_vocabulary_refuses_bad_files(tmp_path: Path, content: str, code: str) -> None:
    (tmp_path / "bad.toml").write_text(content)
    with pytest.raises(RuleError, match=rf"\[{code}\] bad.toml"):
        read_patterns(tmp_path / "bad.toml")


@pytest.mark.parametrize(
    ("typed", "norm"),
    [
        ("wekness", "weakness"),
        ("siezure", "seizure"),
        ("cheat", "cheat"),
        ("chst", "chest"),
        ("wek", "week"),
        ("soooo", "so"),
        ("can't", "cant"),
        ("CAN’T", "cant"),
        ("zzzzzz", "zzzzzz"),
        ("breathe", "breathe"),
    ],
)
def test_spelling_corrects(typed: str, norm: str) -> None:
    spelling = Spelling({"cheat", "so"}, {"weakness", "seizure", "chest", "breathe", "week", "cant"}, {"wek": "week"})
    assert [word.norm for word in spelling.words(typed)] == [norm]


@pytest.mark.parametrize(("a", "b", "count"), [("ab", "ab", 0), ("ab", "ba", 1), ("abc", "ac", 1), ("abcd", "dcba", 3)])
def test_spelling_slips(a: str, b: str, count: int) -> None:
    assert slips(a, b, 2) == count


def test_spelling_finds_the_nearest_target(finder: FactFinder) -> None:
    spelling = finder._spelling
    targets = sorted(target for each in spelling._targets.values() for target, _ in each)
    for word in (
        "twiching",
        "weknes",
        "siezures",
        "eyelidd",
        "fasiculations",
        "shoulderr",
        "xylofone",
        "bretahing",
        "weaxer",
        "muzcle",
    ):
        limits = {target: 2 if len(target) >= SHORTEST_TWO_SLIPS else 1 for target in targets}
        near = [
            (count, target[0] != word[0], target)
            for target, limit in limits.items()
            if target[0] in word[:2] and (count := slips(word, target, limit)) <= limit
        ]
        assert spelling._nearest(word) == min(near, default=(0, False, None))[2], word


def test_facts_are_built_once_for_each_state_of_the_vocabulary(tmp_path: Path) -> None:
    """A server that takes a new model must not build again what both have in common."""
    folder = Path(shutil.copytree(FACTS, tmp_path / "facts"))
    options = {**FactExtractor.get_default_config(), "folder": str(folder)}
    first, second = FactExtractor(options), FactExtractor(options)
    assert first._finder is second._finder
    symptoms = folder / "symptoms.toml"
    symptoms.write_text(symptoms.read_text() + '\n[glowing]\npatterns = ["glows"]\n')
    messages = [Message({"text": "it glows"}), Message({"text": "it glows"})]
    second.process(messages[:1])
    FactExtractor(options).process(messages[1:])
    assert [[each["value"] for each in message.get("entities")] for message in messages] == [[], ["glowing"]]


@pytest.mark.parametrize("text", ["since ² weeks", "m² for ³ weeks", "x² x²", "the ²nd week", "①", "½ a year"])
def test_facts_read_digits_that_are_no_numbers(finder: FactFinder, text: str) -> None:
    assert [fact["value"] for fact in finder.find(text) if fact["entity"] != "duration"] == []
