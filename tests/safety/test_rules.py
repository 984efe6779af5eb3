"""The safety suite itself: large enough, without repeats, and no rule could go unnoticed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from faq.measuring import READ_ON
from faq.phrasings import same_words
from faq.triage import Fact, Rule, assess, load_rules
from nlu.facts import FactFinder
from tests.safety.test_red_flags import DATA, rows

LEAST = {"red_flags.csv": 150, "look_alikes.csv": 150, "always.csv": 30}
"""Lines that the suite must not fall below."""

RULES = load_rules(DATA / "triage")
VALUES = [(rule.id, value) for rule in RULES for value in sorted(rule.values)]
Messages = list[tuple[tuple[Fact, ...], str]]


@pytest.fixture(scope="module")
def messages() -> Messages:
    """The facts of each red flag, and the urgency it must get."""
    finder = FactFinder(DATA / "facts", lambda: READ_ON)
    texts = [(row["text"], row["urgency"]) for row in rows("red_flags.csv")]
    return [(tuple(map(Fact.from_entity, finder.find(text))), urgency) for text, urgency in texts]


def missed(messages: Messages, rules: Sequence[Rule]) -> int:
    return sum(assess(facts, rules).urgency != urgency for facts, urgency in messages)


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_rules_have_lines_enough(name: str, least: int) -> None:
    assert len(rows(name)) >= least


def test_rules_have_no_line_twice() -> None:
    seen = Counter(same_words(row["text"]) for name in ("red_flags.csv", "look_alikes.csv") for row in rows(name))
    assert [text for text, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_rules_are_missed_when_removed(messages: Messages, rule: Rule) -> None:
    assert missed(messages, [each for each in RULES if each is not rule]) >= 5


@pytest.mark.parametrize(("rule", "value"), VALUES)
def test_rules_miss_each_of_their_values(messages: Messages, rule: str, value: str) -> None:
    without = [replace(each, values=each.values - {value}) if each.id == rule else each for each in RULES]
    assert missed(messages, without) >= 1


def test_rules_miss_a_later_beginning(messages: Messages) -> None:
    assert missed(messages, [replace(rule, at_least=rule.at_least + 1) for rule in RULES]) >= 1


def test_rules_alarm_falsely_with_an_earlier_beginning() -> None:
    finder = FactFinder(DATA / "facts", lambda: READ_ON)
    facts = [tuple(map(Fact.from_entity, finder.find(row["text"]))) for row in rows("look_alikes.csv")]
    earlier = [replace(rule, at_least=rule.at_least / 2) for rule in RULES]
    assert any(assess(each, earlier).rule for each in facts)
