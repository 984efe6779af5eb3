"""The reference of the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from maintain import __main__ as cli
from maintain import reference as command
from maintain.settings import ROOT


def arguments(*words: str) -> object:
    import argparse

    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return parser.parse_args(words)


def test_reference_is_up_to_date() -> None:
    assert command.PAGE.read_text(encoding="utf-8") == command.reference(), "run `python -m maintain reference`"


def test_reference_names_every_command_and_no_place_of_this_machine() -> None:
    page = command.reference()
    assert [name for name in cli.COMMANDS if f"## {name}\n" not in page] == []
    assert str(ROOT) not in page


def test_reference_is_the_same_in_every_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    before = command.reference()
    monkeypatch.setenv("COLUMNS", "40")
    assert command.reference() == before


def test_reference_finds_a_stale_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "commands.md"
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "PAGE", page)
    monkeypatch.setattr(command, "reference", lambda: "as it should be")
    assert command.run(arguments("--check")) == 1
    assert "REF01" in capsys.readouterr().err
    assert command.run(arguments()) == 0
    assert command.run(arguments("--check")) == 0
    page.write_text("changed by hand")
    assert command.run(arguments("--check")) == 1
