"""The actions, run by rasa-sdk's own classes over the project's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from actions.reply import SLOT, ActionReply, ActionSessionStart, load_dialogue
from faq.documents import load_documents
from faq.errors import EmergencyError
from tests.contract_reply import check_part, check_reply, phrases

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_project(monkeypatch: pytest.MonkeyPatch) -> None:
    """The action server runs in the project's folder."""
    monkeypatch.chdir(ROOT)


def run(action: Action, latest: dict[str, Any] | None = None, slots: dict[str, Any] | None = None) -> tuple[Any, Any]:
    """Runs an action; returns its messages, as Rasa makes them of what the action sends, and its events."""
    tracker = Tracker("someone", slots or {}, latest or {}, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = action.run(dispatcher, tracker, {})
    return [filled(message) for message in dispatcher.messages], events


def filled(message: dict[str, Any]) -> dict[str, Any]:
    (phrase,) = phrases()[message["response"]]
    variables = {key: value for key, value in message.items() if isinstance(value, str)}
    return {"text": phrase["text"].format(**variables), "custom": message["custom"], "buttons": message["buttons"]}


def topics() -> list[str]:
    return [section.intent for document in load_documents(ROOT / "data" / "documents") for section in document.sections]


@pytest.mark.parametrize("intent", [*topics(), "out_of_scope", "greet", "help"])
def test_reply_answers_a_message(intent: str) -> None:
    messages, _ = run(ActionReply(), {"text": "?", "intent": {"name": intent}, "entities": []})
    check_reply(messages, load_documents(ROOT / "data" / "documents"))
    assert messages[0]["custom"]["intent"] == intent


def test_reply_remembers_in_its_slot() -> None:
    fact = {"entity": "duration", "value": 21.0, "text": "three weeks", "start": 0, "end": 11}
    latest = {"text": "three weeks", "intent": {"name": topics()[0]}, "entities": [fact]}
    first, events = run(ActionReply(), latest)
    assert [message["custom"]["type"] for message in first] == ["answer", "doctor"]
    (event,) = events
    assert (event["event"], event["name"]) == ("slot", SLOT)
    second, _ = run(ActionReply(), latest, {SLOT: event["value"]})
    assert [message["custom"]["type"] for message in second] == ["answer"]


def test_reply_to_nothing_understood_declines() -> None:
    messages, _ = run(ActionReply(), {"text": "", "intent": {"name": None, "confidence": 0.0}, "entities": []})
    assert [message["custom"]["type"] for message in messages] == ["no_answer"]


def test_session_start_welcomes_and_listens() -> None:
    (message,), events = run(ActionSessionStart())
    check_part(message, load_documents(ROOT / "data" / "documents"))
    assert message["custom"]["type"] == "notice"
    assert [button["payload"] for button in message["buttons"]] == [f"/{intent}" for intent in topics()]
    assert [event["event"] for event in events] == ["session_started", "action"]


def test_actions_are_found_by_the_action_server_and_declared() -> None:
    executor = ActionExecutor()
    executor.register_package("actions")
    declared = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["actions"]
    ours = {name for name, run in executor.actions.items() if run.__self__.__module__.startswith("actions.")}
    assert ours == set(declared)


EMERGENCY = {"entity": "symptom", "value": "chest-pain", "text": "chest pain", "start": 0, "end": 10, "emergency": True}


@pytest.fixture
def country(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Starts the action server's reading of its data over, in a country."""

    def be_in(code: str) -> None:
        monkeypatch.setenv("FAQ_COUNTRY", code)
        load_dialogue.cache_clear()

    yield be_in
    load_dialogue.cache_clear()


@pytest.mark.parametrize(("code", "number"), [("GB", "999"), ("us", "911"), ("", None)])
def test_reply_gives_the_emergency_number_of_the_country(
    country: Callable[[str], None], code: str, number: str | None
) -> None:
    country(code)
    messages, _ = run(ActionReply(), {"text": "chest pain", "intent": {"name": topics()[0]}, "entities": [EMERGENCY]})
    check_reply(messages, load_documents(ROOT / "data" / "documents"))
    assert messages[0]["custom"]["doctor"]["call"]["emergency"] == number
    assert f"call {number or 'your local emergency number'} now" in messages[0]["text"]


def test_reply_is_not_started_in_an_unknown_country(country: Callable[[str], None]) -> None:
    country("UK")
    with pytest.raises(EmergencyError, match=r"EMG01.*GB \(United Kingdom\)"):
        ActionReply()
