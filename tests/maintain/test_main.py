"""The command line of the maintainers."""

from __future__ import annotations

import argparse
import subprocess
import sys
from types import SimpleNamespace

import pytest

from faq.errors import ModelError
from maintain import __main__ as cli
from maintain.settings import ROOT


def maintain(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "maintain", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_main_lists_every_command() -> None:
    shown = maintain("--help").stdout
    assert [name for name in cli.COMMANDS if name not in shown] == []


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_main_every_command_has_help(name: str) -> None:
    done = maintain(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"python -m maintain {name}" in done.stdout


@pytest.mark.parametrize("words", [[], ["no-such-command"]])
def test_main_refuses_other_commands(words: list[str]) -> None:
    done = maintain(*words)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_main_chat_does_not_import_rasa() -> None:
    code = "import sys, maintain.chat, maintain.__main__; sys.exit('rasa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


@pytest.mark.parametrize(("error", "code"), [(ModelError("[MOD99] What to do."), 1), (KeyboardInterrupt(), 130)])
def test_main_shows_one_line_for_an_error(
    error: BaseException, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(arguments: object) -> int:
        raise error

    monkeypatch.setattr("maintain.chat.run", fail)
    assert cli.main(["chat"]) == code
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_main_long_work_steps_back_for_readers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nice: list[int] = []
    monkeypatch.setattr("os.setpriority", lambda _which, _who, value: nice.append(value))
    parsed = argparse.Namespace(command=name, run=lambda _: 0)
    monkeypatch.setattr(cli, "build_parser", lambda _: SimpleNamespace(parse_args=lambda _: parsed))
    assert cli.main([name]) == 0
    assert bool(nice) == (name in cli.LONG)
