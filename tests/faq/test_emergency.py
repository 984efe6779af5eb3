"""Whom to call, by country."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tomli

from faq import reply
from faq.emergency import Contact, Contacts, load_contacts
from faq.errors import EmergencyError
from faq.triage import Assessment
from tests.contract_reply import check_part, rendered

NUMBERS = Path(__file__).resolve().parents[2] / "data" / "emergency.toml"
COUNTRIES = tomli.loads(NUMBERS.read_text(encoding="utf-8"))["countries"]

DEFAULT = '[default]\nemergency = "the number"\ncrisis = "the line"\n'
LAND = '[countries.XA]\nname = "Land"\nemergency = "1"\nsource = "A book"\n'


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    path = tmp_path / "emergency.toml"
    path.write_text(DEFAULT + LAND + 'crisis = {name = "Ears", number = "2 3"}\n' + LAND.replace("XA", "XB"))
    return path


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("", Contacts(Contact("the number"), Contact("the line"))),
        ("XA", Contacts(Contact("1", "1"), Contact("Ears on 2 3", "2 3"))),
        (" xa ", Contacts(Contact("1", "1"), Contact("Ears on 2 3", "2 3"))),
        ("XB", Contacts(Contact("1", "1"), Contact("the line"))),
    ],
)
def test_emergency_contacts_of_a_country(numbers: Path, country: str, expected: Contacts) -> None:
    assert load_contacts(numbers, country) == expected


def test_emergency_unknown_country_names_the_known_ones(numbers: Path) -> None:
    with pytest.raises(EmergencyError, match=r"EMG01.*FAQ_COUNTRY.*'XC'.*XA \(Land\), XB \(Land\)"):
        load_contacts(numbers, "XC")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "EMG02.*emergency.toml"),
        ("[default", "EMG02.*Expected"),
        (LAND, r"EMG04.*\[default\]"),
        (DEFAULT, r"EMG04.*\[countries\]"),
        (LAND + DEFAULT.replace("the line", ""), "EMG03.*default.crisis"),
        (DEFAULT + LAND.replace('source = "A book"\n', ""), "EMG03.*countries.XA.source"),
        (DEFAULT + LAND.replace('"1"', "1"), "EMG03.*countries.XA.emergency"),
        (DEFAULT + LAND + 'crisis = "5"\n', r"EMG04.*\[countries.XA.crisis\]"),
        (DEFAULT + LAND + 'crisis = {name = "Ears"}\n', "EMG03.*countries.XA.crisis.number"),
    ],
)
def test_emergency_refuses_a_malformed_file(tmp_path: Path, content: str | None, words: str) -> None:
    """Whatever country is asked for: a fault in another one is found before somebody needs it."""
    path = tmp_path / "emergency.toml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(EmergencyError, match=words):
        load_contacts(path, "")


@pytest.mark.parametrize("country", COUNTRIES)
def test_emergency_numbers_of_the_project_can_be_dialled_and_have_a_source(country: str) -> None:
    contacts = load_contacts(NUMBERS, country)
    assert re.fullmatch(r"\d{3}", str(contacts.emergency.number))
    assert contacts.crisis.number is None or re.fullmatch(r"\d[\d ]+\d", contacts.crisis.number)
    assert len(country) == 2
    assert "https://" in COUNTRIES[country]["source"]
    sources = COUNTRIES[country]["source"].split(";")
    assert len(sources) == 1 + ("crisis" in COUNTRIES[country]), "one source for each number"


@pytest.mark.parametrize(
    ("country", "emergency", "crisis"),
    [
        ("GB", "999", "116 123"),
        ("US", "911", "988"),
        ("DE", "112", "0800 111 0 111"),
        ("IE", "112", "116 123"),
        ("AU", "000", "13 11 14"),
        ("NZ", "111", "1737"),
        ("CA", "911", "988"),
        ("IN", "112", "14416"),
        ("EU", "112", None),
        ("", None, None),
    ],
)
def test_emergency_numbers_as_published(country: str, emergency: str | None, crisis: str | None) -> None:
    """Written down a second time, so that a slip of a finger in the data is seen."""
    contacts = load_contacts(NUMBERS, country)
    assert (contacts.emergency.number, contacts.crisis.number) == (emergency, crisis)


@pytest.mark.parametrize("country", ["", *COUNTRIES])
@pytest.mark.parametrize("advice", ["utter_emergency", "utter_crisis"])
def test_emergency_part_says_whom_to_call(country: str, advice: str) -> None:
    contacts = load_contacts(NUMBERS, country)
    because = Assessment("emergency", "a-rule", ("chest pain",), "A book", advice)
    message = rendered(reply.recommendation(because, "time", contacts))
    check_part(message, [])
    assert f"call {contacts.emergency.words} now" in message["text"]
    assert (f"call {contacts.crisis.words}" in message["text"]) == (advice == "utter_crisis")
    assert message["custom"]["doctor"]["call"] == {
        "emergency": contacts.emergency.number,
        "crisis": contacts.crisis.number,
    }


def test_emergency_numbers_are_not_given_with_a_mere_recommendation() -> None:
    because = Assessment("doctor", "a-rule", ("three weeks",), "A book", "utter_doctor")
    message = rendered(reply.recommendation(because, "time", load_contacts(NUMBERS, "GB")))
    check_part(message, [])
    assert "call" not in message["custom"]["doctor"]
    assert "999" not in message["text"]
