"""Red flags must be seen, their look-alikes must not: from a text to an urgency, without a server."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from faq.measuring import READ_ON
from faq.triage import Assessment, Fact, assess, gather, load_rules
from nlu.facts import KINDS, FactFinder
from nlu.vocabulary import read_patterns

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def finder() -> FactFinder:
    return FactFinder(DATA / "facts", lambda: READ_ON)


def judge(finder: FactFinder, *messages: str) -> Assessment:
    facts: tuple[Fact, ...] = ()
    for message in messages:
        facts = gather(facts, [Fact.from_entity(entity) for entity in finder.find(message)])
    return assess(facts, load_rules(DATA / "triage"))


@pytest.mark.parametrize(("text", "urgency"), [(row["text"], row["urgency"]) for row in rows("red_flags.csv")])
def test_red_flags_are_seen(finder: FactFinder, text: str, urgency: str) -> None:
    assert judge(finder, text).urgency == urgency


@pytest.mark.parametrize("text", [row["text"] for row in rows("always.csv")])
@pytest.mark.parametrize("form", ["{}", "HELP! {}", "hi, {}. what now", "my eyelid twitches and {}"])
def test_red_flags_always_escalate(finder: FactFinder, text: str, form: str) -> None:
    assert judge(finder, form.format(text)).urgency == "emergency"


@pytest.mark.parametrize("text", [row["text"] for row in rows("look_alikes.csv")])
def test_red_flags_look_alikes_are_let_be(finder: FactFinder, text: str) -> None:
    assert judge(finder, text).urgency == "none"


@pytest.mark.parametrize(
    ("messages", "urgency"),
    [
        (("my eyelid has been twitching for 3 weeks", "no I meant days not weeks"), "none"),
        (("my eyelid has been twitching for 3 weeks", "sorry, 3 days"), "none"),
        (("twitching for 3 days", "no sorry, 3 weeks"), "doctor"),
        (("my arm is weak", "actually no weakness"), "none"),
        (("i have chest pain", "no chest pain, just kidding"), "emergency"),
        (("arm twitching for 2 months", "does stress do that"), "doctor"),
    ],
)
def test_red_flags_over_a_conversation(finder: FactFinder, messages: tuple[str, ...], urgency: str) -> None:
    assert judge(finder, *messages).urgency == urgency


def test_red_flags_every_rule_has_its_words() -> None:
    ids = {(kind, entry) for name, kind in KINDS.items() for entry, _ in read_patterns(DATA / "facts" / f"{name}.toml")}
    for rule in load_rules(DATA / "triage"):
        assert {(rule.kind, value) for value in rule.values} <= ids
