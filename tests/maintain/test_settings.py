"""What an operator can set."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from faq.errors import SetupError
from maintain.settings import ROOT, Settings


def test_settings_have_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"FAQ_PORT": "", "FAQ_HOST": ""}) == Settings()


def test_settings_read_every_variable_and_pass_it_on(tmp_path: Path) -> None:
    given = {
        "FAQ_HOST": "0.0.0.0",
        "FAQ_PORT": "6005",
        "FAQ_ACTIONS_PORT": "6055",
        "FAQ_DATABASE": str(tmp_path / "a.db"),
        "FAQ_MODELS": str(tmp_path / "models"),
        "FAQ_COUNTRY": "GB",
        "FAQ_SECRET_KEYS": "new,old",
        "FAQ_RETENTION_DAYS": "7",
        "FAQ_ACTIONS_URL": "http://actions:5055/webhook",
        "FAQ_METRICS_HOST": "0.0.0.0",
        "FAQ_METRICS_PORT": "6064",
        "FAQ_ACTIONS_METRICS_PORT": "6065",
        "FAQ_NLU_PROCESSES": "3",
        "FAQ_LOG_FORMAT": "json",
        "REDIS_URL": "redis://:word@cache:6379/0",
    }
    settings = Settings.from_environment(given)
    assert given.items() <= settings.as_environment().items()
    assert settings.url == "http://127.0.0.1:6005"


def test_settings_take_relative_paths_from_the_top_folder() -> None:
    assert Settings.from_environment({"FAQ_MODELS": "other/models"}).models == ROOT / "other" / "models"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "five", "5005 ", "²"])
def test_settings_refuse_a_port(port: str) -> None:
    with pytest.raises(SetupError, match=r"SET01.*FAQ_ACTIONS_PORT"):
        Settings.from_environment({"FAQ_ACTIONS_PORT": port})


@pytest.mark.parametrize(
    ("given", "effective"),
    [
        ({}, f"sqlite:///{ROOT / 'var' / 'conversations.db'}"),
        ({"FAQ_DATABASE": "a/b.db"}, f"sqlite:///{ROOT / 'a' / 'b.db'}"),
        ({"DATABASE_URL": "postgres://u:p@db:5432/faq"}, "postgresql://u:p@db:5432/faq"),
        ({"DATABASE_URL": "postgresql://db/faq?sslmode=require"}, "postgresql://db/faq?sslmode=require"),
    ],
)
def test_settings_choose_the_database(given: dict[str, str], effective: str) -> None:
    settings = Settings.from_environment({"FAQ_SECRET_KEYS": "k", **given})
    assert settings.as_environment()["FAQ_STORE_URL"] == effective


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "mysql://u:hidden@db/faq"),
        ("DATABASE_URL", "postgresql://u:hidden@db"),
        ("DATABASE_URL", "postgresql://u:hidden@db:port/faq"),
        ("DATABASE_URL", "u:hidden@db/faq"),
        ("REDIS_URL", "http://:hidden@cache"),
        ("REDIS_URL", "redis://:hidden@cache/name"),
        ("FAQ_ACTIONS_URL", "http://hidden:5055"),
    ],
)
def test_settings_refuse_an_address_without_showing_it(variable: str, value: str) -> None:
    with pytest.raises(SetupError, match=rf"SET06.*{variable}.*write it like") as refused:
        Settings.from_environment({"FAQ_SECRET_KEYS": "k", variable: value})
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("days", ["0", "-1", "3651", "a month"])
def test_settings_refuse_a_retention(days: str) -> None:
    with pytest.raises(SetupError, match=r"SET01.*FAQ_RETENTION_DAYS.*1 to 3650"):
        Settings.from_environment({"FAQ_RETENTION_DAYS": days})


@pytest.mark.parametrize("number", ["-1", "65", "two", "1.5"])
def test_settings_refuse_a_number_of_processes(number: str) -> None:
    with pytest.raises(SetupError, match=r"SET01.*FAQ_NLU_PROCESSES.*0 to 64"):
        Settings.from_environment({"FAQ_NLU_PROCESSES": number})


@pytest.mark.parametrize(
    ("given", "cores", "processes"), [("", 1, "0"), ("", 2, "2"), ("", 8, "8"), ("0", 8, "0"), ("1", 1, "1")]
)
def test_settings_choose_the_processes_by_the_cores(
    given: str, cores: int, processes: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maintain.cores.usable_cores", lambda: cores)
    environment = Settings.from_environment({"FAQ_NLU_PROCESSES": given}).as_environment()
    assert environment["FAQ_NLU_PROCESSES"] == processes


@pytest.mark.parametrize("variable", ["DATABASE_URL", "REDIS_URL"])
def test_settings_want_shared_keys_for_several_servers(variable: str) -> None:
    scheme = "redis" if variable == "REDIS_URL" else "postgresql"
    path = "" if variable == "REDIS_URL" else "/faq"
    with pytest.raises(SetupError, match=r"SET05.*FAQ_SECRET_KEYS"):
        Settings.from_environment({variable: f"{scheme}://host{path}"}).check_keys()


def test_settings_read_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("from-a-file\n")
    given = {"FAQ_SECRET_KEYS_FILE": str(tmp_path / "keys")}
    assert Settings.from_environment(given).secret_keys == "from-a-file"
    with pytest.raises(SetupError, match=r"SET03.*FAQ_SECRET_KEYS_FILE"):
        Settings.from_environment({**given, "FAQ_SECRET_KEYS": "k"})
    with pytest.raises(SetupError, match=r"SET04.*FAQ_SECRET_KEYS_FILE.*none"):
        Settings.from_environment({"FAQ_SECRET_KEYS_FILE": str(tmp_path / "none")})


def settings_table() -> str:
    rows = ["| variable | default | what it sets |", "|---|---|---|"]
    for each in fields(Settings):
        variable, what = each.metadata["variable"], each.metadata["what"]
        default = each.default.relative_to(ROOT) if isinstance(each.default, Path) else each.default
        shown = f"`{default}`" if default else "none"
        names = f"`{variable}`, `{variable}_FILE`" if each.metadata["secret"] else f"`{variable}`"
        rows.append(f"| {names} | {shown} | {what} |")
    return "\n".join(rows)


def test_settings_are_documented() -> None:
    table = settings_table()
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert table in page, f"docs/settings.md: put this table there.\n\n{table}"


@pytest.mark.parametrize(
    ("given", "both"),
    [
        ({"FAQ_METRICS_PORT": "5005"}, "FAQ_PORT and FAQ_METRICS_PORT"),
        ({"FAQ_ACTIONS_METRICS_PORT": "5055"}, "FAQ_ACTIONS_PORT and FAQ_ACTIONS_METRICS_PORT"),
    ],
)
def test_settings_refuse_one_port_for_two(given: dict[str, str], both: str) -> None:
    with pytest.raises(SetupError, match=f"SET02.*{both}"):
        Settings.from_environment(given)


def test_settings_have_no_port_for_metrics_unless_it_is_named() -> None:
    environment = Settings.from_environment({}).as_environment()
    assert environment["FAQ_METRICS_PORT"] == environment["FAQ_ACTIONS_METRICS_PORT"] == ""


def test_settings_refuse_an_unknown_log_format() -> None:
    with pytest.raises(SetupError, match=r"SET07.*FAQ_LOG_FORMAT.*text or json"):
        Settings.from_environment({"FAQ_LOG_FORMAT": "xml"})
