"""The check command, with a small script in the place of Rasa's validation, and once with Rasa itself."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import pytest

from maintain import check
from maintain.settings import ROOT


def script(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print('INFO rasa.validator - Validating intents...')", []),
        (
            "print('\\x1b[93m/io.py:100: UserWarning: The intent \\'x\\' is not used in any story or rule.\\x1b[0m')",
            ["Rasa: The intent 'x' is not used in any story or rule."],
        ),
        ("print('io.py:100: UserWarning: The utterance \\'utter_x\\' is not used in any story or rule.')", []),
        ("print('io.py:1: FutureWarning: twice'); print('io.py:2: FutureWarning: twice')", ["Rasa: twice"]),
        (
            "print('2026-01-01 00:00:00 ERROR    rasa.validator  - Broken.'); raise SystemExit(1)",
            ["Rasa: Broken."],
        ),
        (
            "print('2026-01-01 00:00:00 WARNING  rasa.validator  - Story structure conflict.')",
            ["Rasa: Story structure conflict."],
        ),
        (
            "import sys; sys.stderr.write('YamlException: line 3\\n'); raise SystemExit(1)",
            ["[CHK12] `rasa data validate` failed; its last lines:", "YamlException: line 3"],
        ),
    ],
)
def test_check_reads_the_findings_of_rasa(code: str, expected: list[str], tmp_path: Path) -> None:
    assert check.rasa_faults(tmp_path, script(code)) == expected


def test_check_shows_every_fault(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(check, "own_faults", lambda root: ["[CHK05] one", "[CHK06] two"])
    monkeypatch.setattr(check, "rasa_faults", lambda root: ["Rasa: three"])
    assert check.run(argparse.Namespace(json=False)) == 1
    assert capsys.readouterr().out.splitlines() == ["[CHK05] one", "[CHK06] two", "Rasa: three", "3 fault(s)."]


def test_check_passes_what_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "own_faults", lambda root: [])
    monkeypatch.setattr(check, "rasa_faults", lambda root: [])
    assert check.run(argparse.Namespace(json=False)) == 0


def test_check_of_an_unreadable_project_is_one_fault(tmp_path: Path) -> None:
    (fault,) = check.own_faults(tmp_path)
    assert "domain.yml" in fault


@pytest.mark.server
def test_check_rasa_finds_nothing_in_this_project() -> None:
    assert check.rasa_faults(ROOT) == []


@pytest.mark.server
def test_check_rasa_finds_faults(tmp_path: Path) -> None:
    for name in ("config.yml", "domain.yml", "data/rules.yml", "data/nlu/small_talk.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "maintain").symlink_to(ROOT / "maintain")
    (tmp_path / "nlu").symlink_to(ROOT / "nlu")
    (tmp_path / "faq").symlink_to(ROOT / "faq")
    faults = check.rasa_faults(tmp_path)
    assert any("is not found in the NLU training data" in fault for fault in faults), faults
