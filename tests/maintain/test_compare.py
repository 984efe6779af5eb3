"""Two models side by side."""

from __future__ import annotations

import argparse
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from faq.errors import ModelError
from maintain import compare as command
from maintain.cases import Case
from maintain.comparison import compare
from maintain.judge import Judgement
from tests.maintain.cases import TOPICS, case
from tests.maintain.small_project import add_model, fake_judge, small_project


def judgement(*cases: Case, **urgency: str) -> Judgement:
    return Judgement(tuple(cases), urgency, {"pain": "emergency"}, "basis")


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("time", "heat", ["fixed"]),
        ("heat", "time", ["broken"]),
        ("time", "other", ["flipped"]),
        ("heat", "heat", []),
        ("time", "time", []),
    ],
)
def test_compare_tells_fixed_from_broken(before: str, after: str, kinds: list[str]) -> None:
    found = compare(judgement(case("heat", before)), judgement(case("heat", after)), TOPICS)
    assert [each.kind for each in found.changes] == kinds


def test_compare_does_not_score_what_is_not_labelled_firmly() -> None:
    cases = [case("heat", understood, note="intents: do not score") for understood in ("time", "heat")]
    (change,) = compare(judgement(cases[0]), judgement(cases[1]), TOPICS).changes
    assert (change.kind, change.before, change.after) == ("flipped", "time", "heat")


def test_compare_shows_a_lower_urgency_first() -> None:
    before, after = judgement(pain="emergency", tired="none"), judgement(pain="none", tired="doctor")
    lower, higher = compare(before, after, TOPICS).urgency
    assert (lower.text, lower.due, lower.is_lower) == ("pain", "emergency", True)
    assert (higher.text, higher.due, higher.is_lower) == ("tired", None, False)


def test_compare_gives_the_change_an_interval() -> None:
    right, wrong = case("heat", "heat"), case("heat", "time")
    (row,) = [
        each
        for each in compare(judgement(*[wrong] * 10, *[right] * 30), judgement(*[right] * 40), TOPICS).rates
        if each.before.name == "intents in scope"
    ]
    assert (row.before.hits, row.after.hits, row.after.total) == (30, 40, 40)
    assert 0 < row.low < 0.25 < row.high < 0.5


def test_compare_of_a_model_with_itself_finds_nothing() -> None:
    same = judgement(case("heat", "time"), case("time", "time"), pain="emergency")
    found = compare(same, same, TOPICS)
    assert (found.changes, found.urgency) == ((), ())
    assert {(row.low, row.high) for row in found.rates} <= {(0.0, 0.0)}


def test_compare_counts_in_how_many_trainings_a_message_is_right() -> None:
    trainings = [[case("heat", "heat")], [case("heat", "time")], [case("heat", "heat")]]
    found = compare(judgement(case("heat", "time")), judgement(case("heat", "heat")), TOPICS, trainings)
    assert found.changes[0].seeds == 2
    assert found.rates[0].seeds == (1.0, 0.0, 1.0)


def test_compare_says_nothing_of_a_rate_that_one_model_has_no_messages_for() -> None:
    """Of refusals that were right there are none where nothing is refused."""
    refused, answered = (case("out_of_scope", each, text="NaN") for each in ("out_of_scope", "heat"))
    found = compare(judgement(refused), judgement(answered), TOPICS, [[answered]])
    (row,) = [each for each in found.rates if each.after.total == 0]
    assert (command.count(row.after), command.interval(row), command.spread(row)) == ("none", "–", "–")
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["changes"][0]["text"] == "NaN"


class Structure(HTMLParser):
    """What an HTML page consists of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.outside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.outside += [value or "" for name, value in attrs if name in ("src", "href")]


def test_compare_page_stands_alone_and_escapes() -> None:
    before, after = judgement(case("heat", "time", text="<b>hot</b>")), judgement(case("heat", "heat", text="<b>hot"))
    page = command.page(compare(before, after, TOPICS))
    assert Structure(page).outside == []
    assert "b" not in Structure(page).tags
    assert "1 fixed, 0 broken, 0 flipped" in page


def test_compare_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    models = small_project(tmp_path)
    models.promote(add_model(models, "one", {"how much light": "watering"}))
    add_model(models, "two", {"help, it fell": "none"})
    monkeypatch.setenv("FAQ_MODELS", str(models.folder))
    monkeypatch.setattr(command, "ROOT", models.root)
    monkeypatch.setattr(command, "document_topics", lambda: frozenset({"light", "watering"}))
    monkeypatch.setattr(command, "judge", lambda archive, root, show: fake_judge(archive, root, (), show))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    page = tmp_path / "page.html"
    assert command.run(parser.parse_args(["--json", "--page", str(page)])) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["names"] == ["one.tar.gz", "two.tar.gz"]
    assert [(each["text"], each["kind"]) for each in told["changes"]] == [("how much light", "fixed")]
    assert [(each["text"], each["after"]) for each in told["urgency"]] == [("help, it fell", "none")]
    assert command.run(parser.parse_args(["current", "two", "--page", str(page)])) == 0
    with pytest.raises(ModelError, match=r"\[CMP01\] one"):
        command.run(parser.parse_args(["current", "one", "--page", str(page)]))
    assert "LOWER" in capsys.readouterr().out
    assert "help, it fell" in page.read_text()
