"""The evaluate command, with a small assistant in the place of the running one."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from maintain import evaluate
from maintain.cases import Understood
from maintain.scoring import Labelled, Rate, read_messages
from tests.maintain.cases import case

MESSAGES = """id,text,intents,urgency,note
a1,how long,duration,none,
a2,what is the capital,out_of_scope,none,
a3,how long with a doctor,duration,doctor,
a4,misunderstood,prevention,none,
"""


class Assistant:
    """Answers by words of the message; notes what is asked of it."""

    def __init__(self, server: str) -> None:
        self.calls: list[str] = [server]

    def __enter__(self) -> Assistant:
        made.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.calls.append("closed")

    def start(self) -> list[dict[str, Any]]:
        self.calls.append("start")
        return []

    def send(self, text: str) -> list[dict[str, Any]]:
        self.calls.append(text)
        intent = "out_of_scope" if "capital" in text else "duration"
        parts = [{"type": "no_answer" if intent == "out_of_scope" else "answer", "intent": intent}]
        parts += [{"type": "doctor", "intent": intent}] if "doctor" in text else []
        return [{"text": "…", "custom": part} for part in parts]

    def delete(self) -> None:
        self.calls.append("delete")


made: list[Assistant] = []


@pytest.fixture
def messages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Labelled messages, and an assistant that answers them."""

    @contextmanager
    def at(server: str | None) -> Iterator[str]:
        yield server or "http://started"

    monkeypatch.setattr(evaluate, "ChatClient", Assistant)
    monkeypatch.setattr(evaluate, "assistant_at", at)
    monkeypatch.setattr(evaluate, "understood", lambda messages: [understood(each) for each in messages])
    monkeypatch.setattr(evaluate, "validate", lambda: [case("heat", "heat"), case("heat", "out_of_scope", score=0.2)])
    monkeypatch.setattr(evaluate, "PAGE", tmp_path / "page" / "index.html")
    made.clear()
    path = tmp_path / "messages.csv"
    path.write_text(MESSAGES, encoding="utf-8")
    return path


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    evaluate.add_arguments(parser)
    return parser.parse_args(words)


def understood(labelled: Labelled) -> Understood:
    return Understood(labelled.text, frozenset({"duration"}), 0.8, (("duration", 0.8),), 0.7, 0.5)


def test_evaluate_asks_each_message_in_a_conversation_of_its_own(messages: Path) -> None:
    outcomes = list(evaluate.ask("http://there", read_messages(messages)[:2]))
    assert [each.intents for each in outcomes] == [{"duration"}, {"out_of_scope"}]
    assert made[0].calls == [
        *("http://there", "start", "how long", "delete", "start", "what is the capital", "delete", "closed"),
    ]


def test_evaluate_prints_the_rates(messages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.run(arguments("--messages", str(messages))) == 0
    shown = capsys.readouterr().out
    for row in ("intents in scope .* 66.7% .* 2/3", "doctor, recall .* 100.0% .* 1/1", "4 messages of messages.csv"):
        assert re.search(row, shown), shown
    assert "taken for" not in shown
    assert made[0].calls[0] == "http://started"


def test_evaluate_lists_mistakes_where_asked(messages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evaluate.run(arguments("--messages", str(messages), "--mistakes", "--server", "http://there"))
    assert "a4  prevention taken for duration: misunderstood" in capsys.readouterr().out
    assert made[0].calls[0] == "http://there"


def test_evaluate_prints_intents_slices_and_cross_validation(
    messages: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    evaluate.run(arguments("--messages", str(messages)))
    shown = capsys.readouterr().out
    for row in (
        "duration, precision .* 66.7% .* 2/3",
        "keyword .* 1/2",
        "2 phrasings, cross-validated",
        "scope .* 45.0%",
    ):
        assert re.search(row, shown), shown


def test_evaluate_tells_programs(messages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.run(arguments("--messages", str(messages), "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rates"]["intents in scope"] == [2, 3]
    assert told["slices"]["keyword"] == [1, 2]
    assert told["cross_validation"]
    assert told["mistakes"] == ["a4  prevention taken for duration: misunderstood"]


def test_evaluate_writes_the_page(messages: Path) -> None:
    evaluate.run(arguments("--messages", str(messages)))
    assert "2 phrasings of" in evaluate.PAGE.read_text(encoding="utf-8")


def test_evaluate_does_without_cross_validation(messages: Path, tmp_path: Path) -> None:
    page = tmp_path / "other.html"
    evaluate.run(arguments("--messages", str(messages), "--no-cross-validation", "--page", str(page)))
    assert "Left out this time" in page.read_text(encoding="utf-8")
    assert not evaluate.PAGE.exists()


def test_evaluate_table_shows_what_was_not_counted() -> None:
    made_of = evaluate.table([Rate("nothing", 0, 0), Rate("half", 1, 2)], "title")
    assert made_of.title == "title"
    assert [list(column.cells) for column in made_of.columns][2] == ["0/0", "1/2"]


def test_evaluate_measures_the_development_messages_by_default() -> None:
    assert arguments().messages == evaluate.MESSAGES
    assert evaluate.MESSAGES.is_file()
