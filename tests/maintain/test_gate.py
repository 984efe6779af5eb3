"""What the gate lets pass."""

from __future__ import annotations

from typing import Any

import pytest

from faq.errors import SetupError
from maintain.gate import Tolerance, objections, required

FLAGS = {"chest pain": ["emergency", "emergency"], "three weeks": ["doctor", "doctor"]}


def manifest(asked: dict[str, list[str | None]] | None = None, in_scope: int = 90, refused: int = 95) -> dict[str, Any]:
    metrics = {"intents in scope": [in_scope, 100], "refusal, recall": [refused, 100]}
    return {"asked": FLAGS if asked is None else asked, "metrics": metrics, "messages": "same"}


def kinds(before: dict[str, Any] | None, after: dict[str, Any]) -> list[str]:
    return [each.kind for each in objections(before, after, Tolerance(0.03, 0.05))]


def test_gate_lets_an_equal_model_pass() -> None:
    assert kinds(manifest(), manifest()) == []


@pytest.mark.parametrize(("in_scope", "refused"), [(87, 95), (100, 90), (87, 90)])
def test_gate_lets_pass_what_is_within_the_tolerance(in_scope: int, refused: int) -> None:
    assert kinds(manifest(), manifest(in_scope=in_scope, refused=refused)) == []


@pytest.mark.parametrize(("figures", "kind"), [({"in_scope": 86}, "in_scope"), ({"refused": 89}, "refusal")])
def test_gate_refuses_what_is_beyond_the_tolerance(figures: dict[str, int], kind: str) -> None:
    assert kinds(manifest(), manifest(**figures)) == [kind]


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("chest pain", ["none", "emergency"]),
        ("chest pain", ["doctor", "emergency"]),
        ("three weeks", ["none", "doctor"]),
        ("chest pain", ["none", None]),
        ("chest pain", None),
    ],
)
def test_gate_refuses_a_silenced_red_flag_for_good(text: str, now: list[str | None] | None) -> None:
    after = {key: value for key, value in {**FLAGS, text: now}.items() if value is not None}
    (objection,) = objections(manifest(), manifest(after), Tolerance(1, 1))
    assert (objection.kind, objection.text, objection.is_final) == ("red_flag", text, True)


def test_gate_names_a_silenced_red_flag_first() -> None:
    after = manifest({**FLAGS, "three weeks": ["none", "doctor"]}, in_scope=10, refused=10)
    assert kinds(manifest(), after) == ["red_flag", "in_scope", "refusal"]


def test_gate_lets_more_urgency_pass() -> None:
    assert kinds(manifest(), manifest({**FLAGS, "three weeks": ["emergency", "doctor"]})) == []


def test_gate_asks_for_a_reason_where_the_tables_were_changed() -> None:
    after = manifest({**FLAGS, "three weeks": ["none", "none"]})
    (objection,) = objections(manifest(), after, Tolerance())
    assert (objection.kind, objection.is_final) == ("relabelled", False)


def test_gate_lets_a_false_alarm_be_mended() -> None:
    before = manifest({**FLAGS, "pain in my pocket": ["doctor", "none"]})
    assert kinds(before, manifest({**FLAGS, "pain in my pocket": ["none", "none"]})) == []


def test_gate_asks_for_a_reason_where_a_new_red_flag_is_missed() -> None:
    (objection,) = objections(manifest(), manifest({**FLAGS, "new": ["none", "doctor"]}), Tolerance())
    assert (objection.kind, objection.is_final) == ("missed", False)


def test_gate_keeps_what_came_up_without_a_label() -> None:
    before = manifest({**FLAGS, "unlabelled": ["doctor", None]})
    assert required(before, manifest())["unlabelled"] == "doctor"
    assert kinds(before, manifest()) == ["red_flag"]


def test_gate_does_not_compare_accuracy_on_other_messages() -> None:
    other = {**manifest(in_scope=10, refused=10), "messages": "other"}
    assert kinds(manifest(), other) == ["unlike"]


def test_gate_reads_its_tolerance() -> None:
    assert Tolerance.from_environment({"FAQ_GATE_IN_SCOPE": "0.1", "FAQ_GATE_REFUSAL": ""}) == Tolerance(0.1, 0.05)


@pytest.mark.parametrize("value", ["a", "-1", "2", "nan"])
def test_gate_refuses_a_tolerance_that_is_no_share(value: str) -> None:
    with pytest.raises(SetupError, match=r"GAT02.*FAQ_GATE_REFUSAL"):
        Tolerance.from_environment({"FAQ_GATE_REFUSAL": value})
