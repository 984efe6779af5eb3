"""Rasa reads credentials.yml and endpoints.yml as it does when it starts."""

from __future__ import annotations

from pathlib import Path

from rasa.core.run import create_http_input_channels
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints

from channels.chat import ChatChannel
from channels.tracker_store import ErasableSQLTrackerStore


def test_credentials_open_the_chat_and_nothing_else(monkeypatch):
    monkeypatch.setenv("FAQ_SECRET_KEYS", "k" * 32)
    channels = create_http_input_channels(None, "credentials.yml")
    assert [type(channel) for channel in channels] == [ChatChannel]


def test_endpoints_name_the_store_that_can_erase(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("FAQ_ACTIONS_URL", "http://127.0.0.1:5077/webhook")
    monkeypatch.setenv("FAQ_STORE_URL", f"sqlite:///{tmp_path}/new/conversations.db")
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    assert endpoints.action.url == "http://127.0.0.1:5077/webhook"
    assert isinstance(TrackerStore.create(endpoints.tracker_store), ErasableSQLTrackerStore)
    assert (tmp_path / "new" / "conversations.db").exists()
