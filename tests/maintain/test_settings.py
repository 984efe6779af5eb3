"""What an operator can set."""

from __future__ import annotations

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


def test_settings_refuse_one_port_for_both() -> None:
    with pytest.raises(SetupError, match="SET02"):
        Settings.from_environment({"FAQ_PORT": "5055"})
