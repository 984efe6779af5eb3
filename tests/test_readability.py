"""The fixed phrases: easy to read, honest, and without medical claims of their own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import textstat
import tomli
import yaml

from faq.emergency import Contacts, load_contacts
from nlu.facts import FactFinder

ROOT = Path(__file__).resolve().parents[1]
NUMBERS = ROOT / "data" / "emergency.toml"
GRADE = 8
"""School grade of the reader (Flesch-Kincaid), at most: health texts for the public aim at grades 6 to 8."""

PHRASES: dict[str, str] = {
    name: variants[0]["text"]
    for name, variants in yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"].items()
}
COUNTRIES = ["", *tomli.loads(NUMBERS.read_text(encoding="utf-8"))["countries"]]

CLAIMS = re.compile(
    r"\b(harmless|benign|normal\w*|safe|fine|nothing to worry|relax|cure[sd]?|heal\w*|treat\w*|diagnos\w*|caus\w+|"
    r"due to|usual\w*|common\w*|likely|prevent\w*|relieve\w*|symptoms? of|goes? away|disappear\w*|days?|weeks?|"
    r"months?|dose|mg|take (a|an|some|your|more)|should take|recommend\w*)\b",
    re.IGNORECASE,
)
"""Words with which somebody reassures, explains, treats or doses. The assistant's own phrases do none of it."""

MUST_SAY = {
    "utter_welcome": ("automated assistant", "not a doctor", "one article", "do not send", "personal details"),
    "utter_answer": ("{quotes}", "{heading}"),
    "utter_doctor": ("{because}", "doctor", "cannot judge"),
    "utter_doctor_medicine": ("{because}", "doctor or pharmacist", "Do not stop", "on your own"),
    "utter_doctor_withdrawn": ("take back",),
    "utter_emergency": ("{because}", "call {emergency_number} now", "Do not wait"),
    "utter_crisis": ("{because}", "sorry", "not stay alone", "call {emergency_number} now", "call {crisis_line}"),
    "utter_no_answer": ("article does not answer",),
    "utter_no_answer_again": ("whole article", "doctor"),
    "utter_bot_challenge": ("computer program", "not a doctor"),
    "utter_help": ("article", "word for word"),
    "utter_erase": ("delete",),
}


def filled(phrase: str, contacts: Contacts) -> str:
    """A phrase as a reader gets it, with an answer's place left empty."""
    return phrase.format(
        because="“three weeks”, “numb”",
        emergency_number=contacts.emergency.words,
        crisis_line=contacts.crisis.words,
        quotes="",
        heading="",
    )


@pytest.mark.parametrize("name", PHRASES)
def test_readability_of_fixed_phrases_in_every_country(name: str) -> None:
    texts = {filled(PHRASES[name], load_contacts(NUMBERS, country)) for country in COUNTRIES}
    assert [text for text in texts if textstat.flesch_kincaid_grade(text) > GRADE] == []


@pytest.mark.parametrize("name", PHRASES)
def test_readability_no_phrase_claims_anything_medical(name: str) -> None:
    assert CLAIMS.findall(PHRASES[name]) == []


@pytest.fixture(scope="module")
def finder() -> FactFinder:
    return FactFinder(ROOT / "data" / "facts")


@pytest.mark.parametrize("name", PHRASES)
def test_readability_no_phrase_names_a_complaint(finder: FactFinder, name: str) -> None:
    """What the reader stated stands in ``{because}``; the phrase around it adds no symptom, condition or medicine."""
    own = re.sub(r"\{\w+\}", " . ", PHRASES[name])
    assert [fact["text"] for fact in finder.find(own) if fact["entity"] != "place"] == []


@pytest.mark.parametrize("name", MUST_SAY)
def test_readability_phrases_say_what_they_must(name: str) -> None:
    assert [words for words in MUST_SAY[name] if words not in PHRASES[name]] == []


def test_readability_every_phrase_has_one_text() -> None:
    """A choice of texts would be a choice for Rasa at random, and only the first would be measured here."""
    responses = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["responses"]
    assert [name for name, variants in responses.items() if len(variants) != 1] == []


def test_readability_measure_tells_hard_from_easy() -> None:
    hard = "Immediate consultation of qualified medical professionals is recommended in similar constellations."
    assert textstat.flesch_kincaid_grade(hard) > GRADE
    assert CLAIMS.search("It is harmless and usually goes away.")
