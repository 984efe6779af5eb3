from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from faq.errors import RuleError
from faq.triage import Assessment, Fact, Rule, assess, fact_for, gather, load_rules

TRIAGE = Path(__file__).parents[2] / "data" / "triage"
RULES = (
    Rule("red", "emergency", "utter_emergency", "Source A", "symptom", frozenset({"red"})),
    Rule("long", "doctor", "utter_doctor", "Source B", "duration", at_least=14),
    Rule(
        "ill",
        "doctor",
        "utter_doctor",
        "Source C",
        "condition",
        frozenset({"ill"}),
        persons=("self", "other", "family"),
    ),
)
LONG = Fact("duration", 21.0, "three weeks")
RED = Fact("symptom", "red", "all red", emergency=True)
ILL = Fact("condition", "ill", "ill")
SAD = Fact("symptom", "sad", "sad")


@pytest.mark.parametrize(
    ("facts", "urgency", "because"),
    [
        ([], "none", ()),
        ([LONG], "doctor", ("three weeks",)),
        ([replace(LONG, value=14.0)], "doctor", ("three weeks",)),
        ([replace(LONG, value=13.9)], "none", ()),
        ([replace(LONG, negated=True)], "none", ()),
        ([replace(LONG, hypothetical=True)], "none", ()),
        ([replace(LONG, historical=True)], "none", ()),
        ([replace(LONG, person="none")], "none", ()),
        ([replace(LONG, person="other")], "doctor", ("three weeks",)),
        ([replace(ILL, person="family")], "doctor", ("ill",)),
        ([replace(LONG, person="family")], "none", ()),
        ([LONG, ILL, ILL], "doctor", ("three weeks", "ill")),
        ([LONG, RED], "emergency", ("all red",)),
        ([SAD], "none", ()),
    ],
)
def test_triage_assess(facts: list[Fact], urgency: str, because: tuple[str, ...]) -> None:
    assessment = assess(facts, RULES)
    assert (assessment.urgency, assessment.because) == (urgency, because)


def test_triage_assess_names_rule_source_and_advice() -> None:
    assert assess([LONG], RULES) == Assessment("doctor", "long", ("three weeks",), "Source B", "utter_doctor")


def test_triage_fact_survives_json() -> None:
    entity = {
        "entity": "duration",
        "value": 21.0,
        "text": "three weeks",
        "start": 0,
        "end": 11,
        "negated": True,
        "person": "other",
    }
    fact = Fact.from_entity(entity)
    assert Fact(**fact.as_dict()) == fact == Fact("duration", 21.0, "three weeks", negated=True, person="other")


DAYS = Fact("duration", 3.0, "3 days")


@pytest.mark.parametrize(
    ("known", "new", "stands"),
    [
        ([LONG], [], [LONG]),
        ([LONG], [DAYS], [DAYS]),
        (
            [LONG],
            [Fact("duration", 2.0, "days"), Fact("duration", 14.0, "weeks", negated=True)],
            [Fact("duration", 3.0, "days")],
        ),
        (
            [],
            [Fact("duration", 2.0, "days"), Fact("duration", 14.0, "weeks", negated=True)],
            [Fact("duration", 2.0, "days")],
        ),
        ([LONG], [replace(LONG, hypothetical=True, value=60.0)], [LONG]),
        ([LONG], [replace(LONG, negated=True)], []),
        ([SAD], [replace(SAD, negated=True)], []),
        ([SAD], [replace(SAD, historical=True)], []),
        ([SAD], [replace(SAD, text="so sad")], [replace(SAD, text="so sad")]),
        ([RED], [replace(RED, negated=True)], [RED]),
        ([RED], [RED], [RED]),
        ([RED], [DAYS], [RED, DAYS]),
        ([], [replace(SAD, negated=True)], []),
    ],
)
def test_triage_gather(known: list[Fact], new: list[Fact], stands: list[Fact]) -> None:
    assert list(gather(known, new)) == stands


GOOD = 'id = "a"\nurgency = "doctor"\nadvice = "utter_doctor"\nsource = "S"\nkind = "symptom"\nvalues = ["x"]\n'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "TRI01"),
        (f"[[rule]]\n{GOOD}[[rule]]\n{GOOD}", "TRI02"),
        ("[[rule", "TRI03"),
        ("x = 1", "TRI04"),
        (f"[[rule]]\n{GOOD}".replace('source = "S"', ""), "TRI05"),
        (f"[[rule]]\n{GOOD}more = 1", "TRI06"),
        (f"[[rule]]\n{GOOD}".replace('"doctor"', '"soon"'), "TRI07"),
        (f"[[rule]]\n{GOOD}".replace('"symptom"', '"mood"'), "TRI08"),
        (f"[[rule]]\n{GOOD}".replace('"symptom"', '"duration"'), "TRI09"),
    ],
)
def test_triage_refuses_bad_rules(tmp_path: Path, content: str | None, code: str) -> None:
    if content is not None:
        (tmp_path / "rules.toml").write_text(content)
    with pytest.raises(RuleError, match=rf"\[{code}\]"):
        load_rules(tmp_path)


def test_triage_own_rules_are_cited_and_urgent() -> None:
    rules = load_rules(TRIAGE)
    assert {rule.urgency for rule in rules} == {"emergency", "doctor"}
    assert all(rule.source and rule.advice.startswith("utter_") for rule in rules)


@pytest.mark.parametrize(
    ("flag", "fact"),
    [
        ("red", Fact("symptom", "red", "", emergency=True)),
        ("ill", Fact("condition", "ill", "")),
        ("long", Fact("duration", 14.0, "")),
        ("sad", None),
        ("", None),
    ],
)
def test_triage_fact_for_a_flag(flag: str, fact: Fact | None) -> None:
    assert fact_for(flag, RULES) == fact
    if fact is not None:
        assert assess([fact], RULES).urgency != "none"
