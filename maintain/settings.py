"""What an operator can set, by environment variables, and the defaults. ``docs/settings.md`` has the table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from faq.errors import SetupError
from faq.logs import FORMATS
from maintain.cores import nlu_processes

ROOT = Path(__file__).resolve().parent.parent
"""The project's top folder; relative paths in the settings are relative to it."""

QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
"""Environment in which Rasa and TensorFlow keep to what matters."""

SERVING = {
    "LOG_LEVEL": "WARNING",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""Environment of the servers, where it says nothing else. Products for one message take a tenth of a millisecond, and
sharing them among threads only makes these wait for one another (docs/decisions/0012-training-time.md); without threads
they can be forked, too (docs/decisions/0020-nlu-processes.md). Memory in pages of 2 MB: every message reads all weights
of the encoder, which lie in 2,600 pages of 4 KB (docs/decisions/0003-sentence-encoder.md)."""

FROM_FILE = "_FILE"
"""Behind the name of a secret: the variable that names a file with its value."""


def _setting(variable: str, default: Any, what: str, secret: bool = False) -> Any:
    return field(default=default, metadata={"variable": variable, "what": what, "secret": secret})


@dataclass(frozen=True)
class Settings:
    """How the assistant runs on this machine."""

    host: str = _setting("FAQ_HOST", "127.0.0.1", "address that the Rasa server listens on")
    port: int = _setting("FAQ_PORT", 5005, "its port")
    actions_host: str = _setting("FAQ_ACTIONS_HOST", "127.0.0.1", "address that an action server listens on")
    actions_port: int = _setting("FAQ_ACTIONS_PORT", 5055, "its port")
    actions_url: str = _setting(
        "FAQ_ACTIONS_URL",
        "",
        "where action servers answer; empty: there are none, and the Rasa server runs the actions",
    )
    database: Path = _setting(  # noqa: RUF009
        "FAQ_DATABASE", ROOT / "var" / "conversations.db", "SQLite file of the conversations"
    )
    database_url: str = _setting(
        "DATABASE_URL",
        "",
        "PostgreSQL database of the conversations, `postgresql://user:password@host:5432/name`, in place of the file",
        secret=True,
    )
    redis_url: str = _setting(
        "REDIS_URL",
        "",
        "Redis for what several Rasa servers share, locks and rates, `redis://:password@host:6379/0`",
        secret=True,
    )
    models: Path = _setting(  # noqa: RUF009
        "FAQ_MODELS", ROOT / "models", "folder of the trained models and of current.json"
    )
    country: str = _setting(
        "FAQ_COUNTRY", "", "country (ISO 3166, such as `GB`) whose emergency number and crisis line are named"
    )
    secret_keys: str = _setting(
        "FAQ_SECRET_KEYS",
        "",
        "keys that sign sessions, newest first, with commas between; empty: one made once in `var/secret.key`",
        secret=True,
    )
    retention_days: int = _setting(
        "FAQ_RETENTION_DAYS", 30, "days after the last message until a conversation is deleted, 1 to 3650"
    )
    compact_hour: int = _setting(
        "FAQ_COMPACT_HOUR", 3, "hour of the day, UTC, 0 to 23, in which deleted rows leave PostgreSQL's files"
    )

    nlu_processes: int | None = _setting(
        "FAQ_NLU_PROCESSES",
        None,
        "processes of a Rasa server that understand messages, 0 to 64; 0: it does so itself; empty: one a core, "
        "0 where there is one core",
    )
    metrics_host: str = _setting("FAQ_METRICS_HOST", "127.0.0.1", "address on which Prometheus reads the metrics")
    metrics_port: int = _setting("FAQ_METRICS_PORT", 0, "port of the Rasa server's metrics; empty: it has none")
    actions_metrics_port: int = _setting(
        "FAQ_ACTIONS_METRICS_PORT", 0, "port of the action server's metrics; empty: it has none"
    )
    log_format: str = _setting(
        "FAQ_LOG_FORMAT", "text", "`text` for people, `json` for programs, with a line for each request"
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Reads the settings.

        Args:
            environment: the variables; an empty one counts as not set.

        Returns:
            The settings, with defaults for what is not set.

        Raises:
            SetupError: a value is not one that can work; the message names the variable and the mend.
        """
        given = {each.name: _given(environment, each.metadata) for each in fields(cls)}
        values: dict[str, Any] = {name: value for name, value in given.items() if value}
        for name, (least, most) in NUMBERS.items():
            if name in values:
                values[name] = _number(variable(name), values[name], least, most)
        for name in ("database", "models"):
            if name in values:
                values[name] = ROOT / values[name]
        settings = cls(**values)
        settings._check()
        return settings

    def _check(self) -> None:
        if self.log_format not in FORMATS:
            raise SetupError(f"[SET07] FAQ_LOG_FORMAT is {self.log_format!r}: set it to {' or '.join(FORMATS)}.")
        self._check_ports()
        for variable, value, (schemes, path, example) in (
            ("FAQ_ACTIONS_URL", self.actions_url, ACTIONS),
            ("DATABASE_URL", self.database_url, POSTGRESQL),
            ("REDIS_URL", self.redis_url, REDIS),
        ):
            _check_url(variable, value, schemes, path, example)

    def _check_ports(self) -> None:
        """Makes sure that no server has two ports that are one."""
        for (port, host), (metrics_port, metrics_host) in (ports.items() for ports in PORTS.values()):
            if (getattr(self, host), getattr(self, port)) == (getattr(self, metrics_host), getattr(self, metrics_port)):
                both = f"{variable(port)} and {variable(metrics_port)}"
                raise SetupError(f"[SET02] {both} are both {getattr(self, port)}: give each its own port.")

    def check_keys(self) -> None:
        """Makes sure that servers which share conversations know one another's sessions.

        Raises:
            SetupError: each would sign with a key of its own.
        """
        if (self.database_url or self.redis_url) and not self.secret_keys:
            raise SetupError(
                "[SET05] DATABASE_URL or REDIS_URL is set, so there may be several servers, but not FAQ_SECRET_KEYS, "
                "so each would refuse the sessions of the others: set FAQ_SECRET_KEYS to the same keys everywhere."
            )

    @property
    def url(self) -> str:
        """Where the Rasa server is reached from this machine."""
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"  # noqa: S104

    @property
    def store_url(self) -> str:
        """The database of the conversations, as SQLAlchemy writes its address."""
        if self.database_url:
            return "postgresql" + self.database_url[self.database_url.index(":") :]
        return f"sqlite:///{self.database}"

    def as_environment(self) -> dict[str, str]:
        """Returns the variables that the servers read."""
        return {
            "FAQ_HOST": self.host,
            "FAQ_PORT": str(self.port),
            "FAQ_ACTIONS_PORT": str(self.actions_port),
            "FAQ_ACTIONS_URL": self.actions_url,
            "FAQ_DATABASE": str(self.database),
            "FAQ_STORE_URL": self.store_url,
            "REDIS_URL": self.redis_url,
            "FAQ_MODELS": str(self.models),
            "FAQ_COUNTRY": self.country,
            "FAQ_SECRET_KEYS": self.secret_keys,
            "FAQ_RETENTION_DAYS": str(self.retention_days),
            "FAQ_COMPACT_HOUR": str(self.compact_hour),
            "FAQ_NLU_PROCESSES": str(nlu_processes() if self.nlu_processes is None else self.nlu_processes),
            "FAQ_METRICS_HOST": self.metrics_host,
            "FAQ_METRICS_PORT": str(self.metrics_port or ""),
            "FAQ_ACTIONS_METRICS_PORT": str(self.actions_metrics_port or ""),
            "FAQ_LOG_FORMAT": self.log_format,
            "SANIC_HOST": self.actions_host,
        }


ACTIONS = (("http", "https"), re.compile("/webhook"), "http://host:5055/webhook")
POSTGRESQL = (("postgresql", "postgres"), re.compile("/.+"), "postgresql://user:password@host:5432/name")
REDIS = (("redis", "rediss"), re.compile(r"(/\d*)?"), "redis://:password@host:6379/0")
"""Schemes, path and example of each address that can be set."""


PORTS = {
    "rasa": {"port": "host", "metrics_port": "metrics_host"},
    "actions": {"actions_port": "actions_host", "actions_metrics_port": "metrics_host"},
}
"""The ports of each server, with the setting of the address."""

NUMBERS = {
    **{port: (1, 65535) for ports in PORTS.values() for port in ports},
    "retention_days": (1, 3650),
    "compact_hour": (0, 23),
    "nlu_processes": (0, 64),
}
"""The least and the most of each number that can be set."""


def variable(name: str) -> str:
    """The variable that sets a setting."""
    return next(each.metadata["variable"] for each in fields(Settings) if each.name == name)


def _given(environment: Mapping[str, str], setting: Mapping[str, Any]) -> str:
    """The value of a variable, or of the file that its ``_FILE`` names; empty where there is neither."""
    variable = setting["variable"]
    value, file = environment.get(variable, ""), environment.get(variable + FROM_FILE, "") if setting["secret"] else ""
    if not file:
        return value
    if value:
        raise SetupError(f"[SET03] Both {variable} and {variable}{FROM_FILE} are set: leave one of them out.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise SetupError(
            f"[SET04] {variable}{FROM_FILE} names {file}, which cannot be read ({error}): let it name a file that can."
        ) from error


def _number(variable: str, value: str, least: int, most: int) -> int:
    if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
        raise SetupError(f"[SET01] {variable} is {value!r}: set it to a number from {least} to {most}.")
    return int(value)


def _check_url(variable: str, value: str, schemes: tuple[str, ...], path: re.Pattern[str], example: str) -> None:
    """The value may hold a password, so it is not shown."""
    if not value:
        return
    try:
        parts = urlsplit(value)
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0 and bool(path.fullmatch(parts.path))
    except ValueError:  # a port that is no number
        good = False
    if not good:
        raise SetupError(f"[SET06] {variable} is no address that can be used: write it like {example}.")
