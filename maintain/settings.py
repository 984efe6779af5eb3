"""What an operator can set, by environment variables, and the defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faq.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
"""The project's top folder; relative paths in the settings are relative to it."""

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
"""Environment in which Rasa and TensorFlow keep to what matters."""


@dataclass(frozen=True)
class Settings:
    """How the assistant runs on this machine."""

    host: str = "127.0.0.1"
    """FAQ_HOST: the address that the Rasa server listens on."""
    port: int = 5005
    """FAQ_PORT: the port of the Rasa server, with the chat API."""
    actions_port: int = 5055
    """FAQ_ACTIONS_PORT: the port of the action server, on this machine only."""
    database: Path = ROOT / "var" / "conversations.db"
    """FAQ_DATABASE: the SQLite file of the conversations."""
    models: Path = ROOT / "models"
    """FAQ_MODELS: the folder of the trained models and of current.json."""
    country: str = ""
    """FAQ_COUNTRY: ISO 3166 code of the country whose emergency numbers are given; empty: no number, only words."""
    secret_keys: str = ""
    """FAQ_SECRET_KEYS: keys that sign sessions, newest first, with commas between; empty: the one in var/secret.key."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Reads the settings.

        Args:
            environment: the variables; an empty one counts as not set.

        Returns:
            The settings, with defaults for what is not set.

        Raises:
            SetupError: a port is not a number from 1 to 65535, or both ports are the same.
        """
        settings = cls(
            host=environment.get("FAQ_HOST") or cls.host,
            port=_port(environment, "FAQ_PORT", cls.port),
            actions_port=_port(environment, "FAQ_ACTIONS_PORT", cls.actions_port),
            database=ROOT / (environment.get("FAQ_DATABASE") or cls.database),
            models=ROOT / (environment.get("FAQ_MODELS") or cls.models),
            country=environment.get("FAQ_COUNTRY") or cls.country,
            secret_keys=environment.get("FAQ_SECRET_KEYS") or cls.secret_keys,
        )
        if settings.port == settings.actions_port:
            raise SetupError(f"[SET02] FAQ_PORT and FAQ_ACTIONS_PORT are both {settings.port}: give each its own port.")
        return settings

    @property
    def url(self) -> str:
        """Where the Rasa server is reached from this machine."""
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"  # noqa: S104

    def as_environment(self) -> dict[str, str]:
        """Returns the variables that the servers read."""
        return {
            "FAQ_HOST": self.host,
            "FAQ_PORT": str(self.port),
            "FAQ_ACTIONS_PORT": str(self.actions_port),
            "FAQ_DATABASE": str(self.database),
            "FAQ_MODELS": str(self.models),
            "FAQ_COUNTRY": self.country,
            "FAQ_SECRET_KEYS": self.secret_keys,
            "SANIC_HOST": "127.0.0.1",
        }


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and 0 < int(value) < 65536):
        raise SetupError(f"[SET01] {name} is {value!r}: set it to a port, a number from 1 to 65535.")
    return int(value)
