"""Every rate, by small tables of labels and replies."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml

from faq.errors import DocumentError
from maintain.scoring import Labelled, Outcome, Rate, mistakes, outcome, rates, read_messages
from maintain.settings import ROOT

TOPICS = frozenset({"heat", "time"})
NO_INTENTS = "intents: do not score"
NO_URGENCY = "flag arguable - do not score urgency"


def labelled(intents: str, urgency: str = "none", note: str = "", alt: tuple[str, ...] = ()) -> Labelled:
    alternatives = tuple(frozenset(names.split("+")) for names in alt)
    return Labelled("m1", "text", frozenset(intents.split("+")), alternatives, urgency, note)


def case(label: Labelled, understood: str, urgency: str = "none") -> Outcome:
    return Outcome(label, frozenset(understood.split("+")) if understood else frozenset(), urgency)


def counted(name: str, *outcomes: Outcome) -> tuple[int, int]:
    (rate,) = [rate for rate in rates(outcomes, TOPICS) if rate.name == name]
    return rate.hits, rate.total


HEAT, TIME, BOTH = labelled("heat"), labelled("time"), labelled("heat+time")
OUTSIDE, NEAR, HELLO = labelled("out_of_scope"), labelled("out_of_scope", note="near miss; cups"), labelled("greet")
EITHER = labelled("heat", alt=("out_of_scope",))
OUTSIDE_OR_HEAT = labelled("out_of_scope", alt=("heat",))


@pytest.mark.parametrize(
    ("name", "label", "understood", "hits", "total"),
    [
        ("intents in scope", HEAT, "heat", 1, 1),
        ("intents in scope", HEAT, "time", 0, 1),
        ("intents in scope", HEAT, "heat+time", 0, 1),
        ("intents in scope", HEAT, "", 0, 1),
        ("intents in scope", HEAT, "out_of_scope", 0, 1),
        ("intents in scope", BOTH, "time+heat", 1, 1),
        ("intents in scope", BOTH, "heat", 0, 1),
        ("intents in scope", labelled("heat", alt=("time",)), "time", 1, 1),
        ("intents in scope", labelled("heat", alt=("time",)), "heat+time", 1, 1),
        ("intents in scope", labelled("heat+time", alt=("heat",)), "heat", 1, 1),
        ("intents in scope", labelled("heat", alt=("time", "greet")), "greet", 1, 1),
        ("intents in scope", EITHER, "out_of_scope", 1, 1),
        ("intents in scope", labelled("heat", note=NO_INTENTS), "time", 0, 0),
        ("intents in scope", labelled("heat", note=NO_URGENCY), "heat", 1, 1),
        ("intents in scope", OUTSIDE, "out_of_scope", 0, 0),
        ("intents in scope", HELLO, "greet", 0, 0),
        ("both intents of a double question", BOTH, "heat+time", 1, 1),
        ("both intents of a double question", BOTH, "time", 0, 1),
        ("both intents of a double question", labelled("heat+time", alt=("heat",)), "heat", 0, 1),
        ("both intents of a double question", HEAT, "heat", 0, 0),
        ("small talk", HELLO, "greet", 1, 1),
        ("small talk", HELLO, "heat", 0, 1),
        ("small talk", labelled("greet+heat"), "greet+heat", 1, 1),
        ("small talk", HEAT, "greet", 0, 0),
        ("refusal, recall", OUTSIDE, "out_of_scope", 1, 1),
        ("refusal, recall", OUTSIDE, "heat", 0, 1),
        ("refusal, recall", OUTSIDE, "greet", 0, 1),
        ("refusal, recall", OUTSIDE_OR_HEAT, "heat", 1, 1),
        ("refusal, recall", labelled("out_of_scope", note=NO_INTENTS), "heat", 0, 0),
        ("refusal, recall", HEAT, "out_of_scope", 0, 0),
        ("refusal, recall on near misses", NEAR, "out_of_scope", 1, 1),
        ("refusal, recall on near misses", NEAR, "heat", 0, 1),
        ("refusal, recall on near misses", OUTSIDE, "heat", 0, 0),
        ("refusal, precision", OUTSIDE, "out_of_scope", 1, 1),
        ("refusal, precision", HEAT, "out_of_scope", 0, 1),
        ("refusal, precision", EITHER, "out_of_scope", 1, 1),
        ("refusal, precision", HEAT, "heat", 0, 0),
        ("questions in scope refused", HEAT, "out_of_scope", 1, 1),
        ("questions in scope refused", EITHER, "out_of_scope", 0, 1),
        ("questions in scope refused", HEAT, "time", 0, 1),
        ("questions in scope refused", OUTSIDE, "out_of_scope", 0, 0),
    ],
)
def test_scoring_counts_intents(name: str, label: Labelled, understood: str, hits: int, total: int) -> None:
    assert counted(name, case(label, understood)) == (hits, total)


@pytest.mark.parametrize(
    ("name", "right", "given", "note", "hits", "total"),
    [
        ("doctor, recall", "doctor", "doctor", "", 1, 1),
        ("doctor, recall", "doctor", "emergency", "", 1, 1),
        ("doctor, recall", "doctor", "none", "", 0, 1),
        ("doctor, recall", "doctor", "none", NO_URGENCY, 0, 0),
        ("doctor, recall", "doctor", "doctor", NO_INTENTS, 1, 1),
        ("doctor, recall", "emergency", "doctor", "", 0, 0),
        ("emergency, recall", "emergency", "emergency", "", 1, 1),
        ("emergency, recall", "emergency", "doctor", "", 0, 1),
        ("emergency, recall", "doctor", "emergency", "", 0, 0),
        ("false alarms", "none", "none", "", 0, 1),
        ("false alarms", "none", "doctor", "", 1, 1),
        ("false alarms", "none", "emergency", "", 1, 1),
        ("false alarms", "none", "doctor", NO_URGENCY, 0, 0),
        ("false alarms", "doctor", "doctor", "", 0, 0),
    ],
)
def test_scoring_counts_urgency(name: str, right: str, given: str, note: str, hits: int, total: int) -> None:
    assert counted(name, case(labelled("heat", right, note), "heat", given)) == (hits, total)


def test_scoring_adds_up() -> None:
    outcomes = [case(HEAT, "heat"), case(HEAT, "heat"), case(TIME, "heat"), case(OUTSIDE, "out_of_scope")]
    assert counted("intents in scope", *outcomes) == (2, 3)
    assert counted("refusal, recall", *outcomes) == (1, 1)
    assert counted("false alarms", *outcomes) == (0, 4)


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(8, 10, 0.490, 0.943), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (50, 100, 0.404, 0.596)],
)
def test_scoring_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert Rate("", hits, total).interval() == pytest.approx((low, high), abs=5e-4)


def test_scoring_of_nothing_is_no_number() -> None:
    rate = Rate("", 0, 0)
    assert math.isnan(rate.value)
    assert all(math.isnan(end) for end in rate.interval())
    assert all(each.total == 0 for each in rates([], TOPICS))


def part(kind: str, intent: str | None = None) -> dict[str, Any]:
    return {"text": "…", "custom": {"type": kind, "intent": intent}}


@pytest.mark.parametrize(
    ("messages", "intents", "urgency"),
    [
        ([part("answer", "heat")], {"heat"}, "none"),
        ([part("answer", "heat"), part("answer", "time")], {"heat", "time"}, "none"),
        ([part("answer", "heat"), part("doctor", "heat")], {"heat"}, "doctor"),
        ([part("emergency", "time"), part("answer", "heat")], {"heat"}, "emergency"),
        ([part("emergency", "heat")], set(), "emergency"),
        ([part("emergency", "heat"), part("doctor", "heat")], set(), "emergency"),
        ([part("smalltalk", "greet"), part("notice")], {"greet"}, "none"),
        ([part("clarify", "heat")], {"heat"}, "none"),
        ([part("no_answer", "out_of_scope")], {"out_of_scope"}, "none"),
        ([], set(), "none"),
    ],
)
def test_scoring_reads_a_reply(messages: list[dict[str, Any]], intents: set[str], urgency: str) -> None:
    assert outcome(HEAT, messages) == Outcome(HEAT, frozenset(intents), urgency)


def test_scoring_lists_mistakes() -> None:
    marked = labelled("heat", "doctor", f"{NO_INTENTS}; {NO_URGENCY}")
    outcomes = [case(HEAT, "heat"), case(BOTH, "heat"), case(labelled("heat", "doctor"), "heat"), case(marked, "time")]
    assert mistakes(outcomes) == [
        "m1  heat+time taken for heat: text",
        "m1  urgency doctor taken for none: text",
    ]
    assert mistakes([case(HEAT, "")]) == ["m1  heat taken for nothing: text"]


def test_scoring_reads_labels(tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    path.write_text(
        "id,text,intents,urgency,note\n"
        'a1,"how hot, how long",heat+time,none,alt=heat; alt=time+out_of_scope\n'
        f"a2,ü?,out_of_scope,doctor,near miss; {NO_INTENTS}\n",
        encoding="utf-8",
    )
    first, second = read_messages(path)
    assert (first.id, first.text, first.intents) == ("a1", "how hot, how long", {"heat", "time"})
    assert first.alternatives == (frozenset({"heat"}), frozenset({"time", "out_of_scope"}))
    assert (first.scores_intents, first.scores_urgency, second.scores_intents, second.scores_urgency) == (
        *(True, True, False, True),
    )
    assert (second.text, second.urgency) == ("ü?", "doctor")


@pytest.mark.parametrize(("content", "code"), [(None, "EVA01"), ("id,text,intents,note\n", "EVA02.*line 1.*'urgency'")])
def test_scoring_needs_a_table(content: str | None, code: str, tmp_path: Path) -> None:
    path = tmp_path / "messages.csv"
    if content:
        path.write_text(content)
    with pytest.raises(DocumentError, match=code):
        read_messages(path)


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[1] / "evaluation").glob("*.csv")), ids=lambda p: p.name)
def test_scoring_labels_of_this_project_are_known(path: Path) -> None:
    messages = read_messages(path)
    assert len({message.id for message in messages}) == len(messages) > 100
    assert {message.urgency for message in messages} == {"none", "doctor", "emergency"}
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["intents"]
    known = {name for entry in domain for name in entry}
    used = {name for message in messages for names in (message.intents, *message.alternatives) for name in names}
    assert used <= known
