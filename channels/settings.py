"""Every knob of the chat API: its default, its unit and why it has that value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from faq.errors import SetupError

CREDENTIALS = "credentials.yml, channels.chat.ChatChannel"
PREFIX = "FAQ_CHAT_"
"""Before the name of a knob in capitals: the variable that sets it, before what ``credentials.yml`` says."""


def _knob(default: Any, unit: str, why: str) -> Any:
    return field(default=default, metadata={"unit": unit, "why": why})


@dataclass(frozen=True)
class ChatSettings:
    """The settings under ``channels.chat.ChatChannel`` in ``credentials.yml``; what is left out has its default."""

    allowed_origins: tuple[str, ...] = _knob(
        (), "list of scheme://host[:port]", "no other site may use the chat unless the operator names it"
    )
    session_lifetime: int = _knob(86_400, "seconds", "a day: a reader may come back to the page in the evening")
    secret_file: str = _knob("var/secret.key", "path", "where the signing key lies when FAQ_SECRET_KEYS is not set")
    max_text_length: int = _knob(2_000, "characters", "a long letter; the sentence encoder reads about as much")
    max_reason_length: int = _knob(500, "characters", "a few sentences on why an answer did not help")
    max_conversation: int = _knob(500, "messages", "far more than a reader writes; a page reload reads them all")
    max_body_size: int = _knob(32_768, "bytes", "a text of 2000 characters, each written as two \\u escapes, and an id")
    session_rate: int = _knob(30, "calls a minute", "faster than a person reads and types")
    session_burst: int = _knob(30, "calls", "a page reload and a quick series of buttons in one go")
    address_rate: int = _knob(300, "calls a minute", "several readers behind one address, as in a clinic or a school")
    address_burst: int = _knob(150, "calls", "a class that opens the page at the same time")
    address_sessions_rate: int = _knob(30, "new sessions a minute", "each session is stored; few readers start at once")
    address_sessions_burst: int = _knob(60, "new sessions", "a class that opens the page at the same time")
    trusted_proxies: int = _knob(
        0, "proxies", "how many proxies of the operator's own append to X-Forwarded-For; 0 ignores that header"
    )
    max_in_progress: int = _knob(32, "messages", "more would only wait for the cores that answer")
    session_in_progress: int = _knob(5, "messages", "a few retries at once; one reader cannot take all the places")
    read_timeout: float = _knob(15.0, "seconds", "a full body at 20 kbit a second; a slower sender holds a connection")
    answer_timeout: float = _knob(20.0, "seconds", "well above the usual tenth of a second, below Sanic's 60 seconds")
    health_timeout: float = _knob(2.0, "seconds", "a health check must be answered before its caller gives up")
    retry_after: int = _knob(5, "seconds", "an action server restarts in about that time")
    documents: str = _knob("data/documents", "folder", "where the demo page finds the article")
    widget: str = _knob("widget/dist/faq-chat.js", "path", "the built web component that GET /chat/faq-chat.js serves")

    @classmethod
    def from_credentials(
        cls, credentials: Mapping[str, Any] | None, environment: Mapping[str, str] = os.environ
    ) -> ChatSettings:
        """Reads the settings as Rasa hands them over from ``credentials.yml``, and those of the environment.

        Args:
            credentials: the mapping under the channel's name; ``None`` when it is empty.
            environment: where ``FAQ_CHAT_…`` variables may stand; an empty one counts as not set.

        Raises:
            SetupError: if a key is unknown or a value has the wrong type or range.
        """
        known = {knob.name: knob for knob in fields(cls)}
        values = {}
        for key, value in dict(credentials or {}).items():
            if key not in known:
                raise SetupError(f"[CHT01] {CREDENTIALS}: there is no setting {key!r}. Known are {', '.join(known)}.")
            values[key] = _checked(key, value, known[key].default)
        for variable, text in environment.items():
            if variable.startswith(PREFIX) and text:
                values.update(_of_environment(variable, text, known))
        return cls(**values)


def _of_environment(variable: str, text: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """A knob by its variable: a list has commas between, a number is written in digits."""
    key = variable.removeprefix(PREFIX).lower()
    if key not in known:
        names = ", ".join(PREFIX + name.upper() for name in known)
        raise SetupError(f"[CHT01] There is no variable {variable}. Known are {names}.")
    default = known[key].default
    value: Any = text
    try:
        if isinstance(default, tuple):
            value = [part.strip() for part in text.split(",")]
        elif not isinstance(default, str):
            value = type(default)(text)
        return {key: _checked(key, value, default)}
    except (ValueError, SetupError) as error:
        mend = str(error).partition("Give it ")[2] if isinstance(error, SetupError) else "a number."
        raise SetupError(f"[CHT02] {variable} is {text!r}. Give it {mend}") from error


def _checked(key: str, value: Any, default: Any) -> Any:
    """The value in the type of its default, or an error that names the key and the mend."""
    if isinstance(default, tuple):
        return _origins(key, value)
    if isinstance(default, str):
        return _required(key, value, isinstance(value, str) and bool(value.strip()), "a path, not empty")
    if isinstance(default, float):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(_required(key, value, number and value > 0, "a number above 0"))
    least = 0 if key == "trusted_proxies" else 1
    number = isinstance(value, int) and not isinstance(value, bool)
    return _required(key, value, number and value >= least, f"a whole number of at least {least}")


def _required(key: str, value: Any, good: bool, wish: str) -> Any:
    if not good:
        raise SetupError(f"[CHT02] {CREDENTIALS}: {key} is {value!r}. Give it {wish}.")
    return value


def _origins(key: str, value: Any) -> tuple[str, ...]:
    good = isinstance(value, list) and all(isinstance(origin, str) and _is_origin(origin) for origin in value)
    _required(key, value, good, "a list of origins such as https://www.example.org, with no path and no *")
    return tuple(origin.lower() for origin in value)


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text == f"{parts.scheme}://{parts.netloc}"
