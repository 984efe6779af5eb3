from __future__ import annotations

from dataclasses import fields

import pytest
import yaml

from channels.settings import ChatSettings
from faq.errors import SetupError


def test_settings_defaults_without_credentials():
    assert ChatSettings.from_credentials(None) == ChatSettings()


def test_settings_of_the_project_are_valid():
    with open("credentials.yml", encoding="utf-8") as file:
        credentials = yaml.safe_load(file)
    assert list(credentials) == ["channels.chat.ChatChannel"]
    ChatSettings.from_credentials(credentials["channels.chat.ChatChannel"])


@pytest.mark.parametrize("knob", fields(ChatSettings), ids=lambda knob: knob.name)
def test_settings_tell_unit_and_reason(knob):
    assert knob.metadata["unit"]
    assert knob.metadata["why"]


def test_settings_take_values():
    settings = ChatSettings.from_credentials(
        {"allowed_origins": ["https://WWW.example.org"], "answer_timeout": 3, "trusted_proxies": 0}
    )
    assert settings.allowed_origins == ("https://www.example.org",)
    assert (settings.answer_timeout, settings.trusted_proxies) == (3.0, 0)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sesion_rate", 3),
        ("session_rate", 0),
        ("session_rate", "3"),
        ("session_rate", 1.5),
        ("session_rate", True),
        ("answer_timeout", 0),
        ("answer_timeout", "soon"),
        ("trusted_proxies", -1),
        ("secret_file", ""),
        ("documents", 3),
        ("allowed_origins", "https://www.example.org"),
        ("allowed_origins", ["*"]),
        ("allowed_origins", ["null"]),
        ("allowed_origins", ["www.example.org"]),
        ("allowed_origins", ["https://www.example.org/"]),
    ],
)
def test_settings_refuse(key, value):
    with pytest.raises(SetupError, match=rf"\[CHT0[12]\] credentials.yml.*{key}"):
        ChatSettings.from_credentials({key: value})


def test_settings_take_variables_before_the_file():
    environment = {
        "FAQ_CHAT_TRUSTED_PROXIES": "1",
        "FAQ_CHAT_ALLOWED_ORIGINS": "https://a.example, https://b.example",
        "FAQ_CHAT_READ_TIMEOUT": "2.5",
        "FAQ_CHAT_SESSION_RATE": "",
        "FAQ_COUNTRY": "GB",
    }
    settings = ChatSettings.from_credentials({"trusted_proxies": 3, "session_rate": 7}, environment)
    assert (settings.trusted_proxies, settings.read_timeout, settings.session_rate) == (1, 2.5, 7)
    assert settings.allowed_origins == ("https://a.example", "https://b.example")


@pytest.mark.parametrize(
    ("variable", "value", "mend"),
    [
        ("FAQ_CHAT_SESION_RATE", "3", "Known are .*FAQ_CHAT_SESSION_RATE"),
        ("FAQ_CHAT_SESSION_RATE", "many", "Give it a number"),
        ("FAQ_CHAT_SESSION_RATE", "0", "Give it a whole number of at least 1"),
        ("FAQ_CHAT_ALLOWED_ORIGINS", "*", "Give it a list of origins"),
    ],
)
def test_settings_refuse_variables(variable, value, mend):
    with pytest.raises(SetupError, match=rf"\[CHT0[12]\].*{variable}.*{mend}"):
        ChatSettings.from_credentials(None, {variable: value})
