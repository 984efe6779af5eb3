"""The set-up script and the locks it installs from."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import pytest
import tomli

from tests.scripts import ROOT, load

LOCKS = ("requirements.lock", "requirements-dev.lock", "scripts/tools.lock", "scripts/audit.lock")

setup = load("setup")


def pins(lock: str) -> dict[str, str]:
    """Returns the version of each package a lock names."""
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8")))


def declared(*groups: str) -> list[str]:
    """Returns the requirements in pyproject.toml, of the project itself and of groups."""
    content = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return content["project"]["dependencies"] + [
        line for group in groups for line in content["dependency-groups"][group]
    ]


def executable(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout in which everything is installed."""
    for name in ("requirements.lock", "requirements-dev.lock", "nlu/minilm.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{name}\n")
    for name in ("encoder.onnx", "tokenizer.json"):
        (tmp_path / "var" / "encoder").mkdir(parents=True, exist_ok=True)
        (tmp_path / "var" / "encoder" / name).write_text("built")
    executable(tmp_path / ".venv" / "bin" / "python", "touch var/encoder/encoder.onnx var/encoder/tokenizer.json")
    (tmp_path / ".venv" / "setup.json").write_text(json.dumps(setup.Setup(tmp_path).wanted("run")))
    return tmp_path


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_hold_no_address(lock: str) -> None:
    assert not re.search(r"(?i)https?:|file:|//|index-url|find-links", (ROOT / lock).read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_give_every_pin_a_hash(lock: str) -> None:
    entries = re.split(r"(?m)^(?=[\w.-]+==)", (ROOT / lock).read_text(encoding="utf-8"))[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


@pytest.mark.parametrize(
    ("lock", "groups"), [("requirements.lock", ()), ("requirements-dev.lock", ("test", "docs", "bench"))]
)
def test_locks_agree_with_pyproject(lock: str, groups: tuple[str, ...]) -> None:
    locked = {name.lower(): version for name, version in pins(lock).items()}
    for requirement in declared(*groups):
        name, _, version = requirement.lower().partition("==")
        assert name in locked, f"{requirement} is not in {lock}: run `make lock`"
        assert version in ("", locked[name]), f"{lock} has {name} {locked[name]}: run `make lock`"


@pytest.mark.parametrize("group", ["tools", "audit"])
def test_locks_agree_with_pyproject_about_programs(group: str) -> None:
    content = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = {f"{name}=={version}" for name, version in pins(f"scripts/{group}.lock").items()}
    assert set(content["dependency-groups"][group]) <= locked


def test_locks_for_tests_hold_what_runs() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_locks_leave_torch_out() -> None:
    assert not {"torch", "sentence-transformers"} & pins("requirements-dev.lock").keys()


def test_locks_leave_out_what_is_not_used() -> None:
    """Both had known vulnerabilities whose mends do not fit beside Rasa; nothing of ours may come to need them."""
    assert not {"skops", "wheel"} & pins("requirements-dev.lock").keys()


def test_setup_is_ready_when_everything_is_installed(checkout: Path) -> None:
    assert setup.Setup(checkout).is_ready("run")


@pytest.mark.parametrize("change", ["requirements.lock", "nlu/minilm.py", ".venv/setup.json"])
def test_setup_is_not_ready_after_a_change(checkout: Path, change: str) -> None:
    (checkout / change).write_text("changed")
    assert not setup.Setup(checkout).is_ready("run")


@pytest.mark.parametrize("missing", [".venv/bin/python", ".venv/setup.json", "var/encoder/encoder.onnx"])
def test_setup_is_not_ready_without(checkout: Path, missing: str) -> None:
    (checkout / missing).unlink()
    assert not setup.Setup(checkout).is_ready("run")


def test_setup_of_tests_needs_more_than_that_of_running(checkout: Path) -> None:
    assert not setup.Setup(checkout).is_ready("test")


def test_setup_starts_nothing_when_ready(checkout: Path) -> None:
    setup.Setup(checkout).prepare("run")
    assert not (checkout / "var" / "setup.log").exists()


def test_setup_writes_the_stamp_only_after_the_last_step(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / "requirements.lock").write_text("name==1\n")
    fake = setup.Setup(checkout)
    monkeypatch.setattr(fake, "make_venv", lambda: None)
    fake.uv = executable(checkout / "uv", "echo 'dns error' >&2; exit 2")
    with pytest.raises(setup.Failure, match="cannot be reached"):
        fake.install("run")
    assert not fake.stamp.exists()
    fake.uv = executable(checkout / "uv", "exit 0")
    fake.install("run")
    assert fake.is_ready("run")


def test_setup_keeps_what_tests_need(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = setup.Setup(checkout)
    fake.stamp.write_text(json.dumps(fake.wanted("test")))
    (checkout / "requirements.lock").write_text("name==1\n")
    monkeypatch.setattr(fake, "make_venv", lambda: None)
    fake.uv = executable(checkout / "uv", f'echo "$@" > {checkout}/arguments')
    fake.install("run")
    assert (checkout / "arguments").read_text().strip().endswith("requirements-dev.lock")
    assert fake.is_ready("test")


def test_setup_rebuilds_the_encoder_when_its_builder_changed(checkout: Path) -> None:
    fake = setup.Setup(checkout)
    fake.build_encoder("another hash")
    assert (fake.encoder / "encoder.onnx").read_text() == ""


def test_setup_keeps_an_encoder_of_the_same_builder(checkout: Path) -> None:
    fake = setup.Setup(checkout)
    fake.build_encoder(hashlib.sha256((checkout / "nlu" / "minilm.py").read_bytes()).hexdigest())
    assert (fake.encoder / "encoder.onnx").read_text() == "built"


def test_setup_passes_over_a_python_that_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "shims" / "python3.10", "echo 'no version selected' >&2; exit 127")
    executable(tmp_path / "pyenv" / "versions" / "3.10.9" / "bin" / "python3.10", "echo /found/python3.10")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setattr(setup.sys, "executable", str(tmp_path / "missing"))
    assert setup.Setup(tmp_path).find_python() == "/found/python3.10"


def test_setup_says_when_there_is_no_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "var").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(setup.sys, "executable", str(tmp_path / "missing"))
    fake = setup.Setup(tmp_path)
    fake.uv = executable(tmp_path / "uv", "echo 'error sending request' >&2; exit 2")
    with pytest.raises(setup.Failure, match="There is no Python"):
        fake.find_python()


@pytest.mark.parametrize(
    ("output", "advised"),
    [
        ("The virtual environment was not created successfully because ensurepip is not available.", "-venv"),
        ("/usr/bin/python3: No module named venv", "-venv"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: Failed to fetch: `simple/rasa/`\n  Caused by: dns error", "cannot be reached"),
        ("ERROR: Could not find a version that satisfies the requirement uv==0.13.9", "cannot be reached"),
        ("error: Hash mismatch for `rasa==3.6.21`", "not the one that the lock names"),
        ("PermissionError: [Errno 13] Permission denied: '.venv'", "cannot be written to"),
        ("first\nsomething else\n\n", "The step failed (something else)"),
    ],
)
def test_setup_advises(output: str, advised: str) -> None:
    sentence = setup.advice(output, "The step")
    assert advised in sentence
    assert sentence.endswith("then run `make setup` again.")


def test_setup_names_the_package_of_this_python() -> None:
    assert f"python3.{sys.version_info[1]}-venv" in setup.advice("No module named ensurepip", "The step")


def test_setup_fails_with_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(self: object, group: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(setup.Setup, "prepare", full)
    assert setup.main(["run"]) == 1
    assert capsys.readouterr().err.strip().splitlines() == [setup.advice("No space left on device", "")]


def test_setup_of_the_audit_is_done_once_for_each_lock(checkout: Path) -> None:
    made = setup.Setup(checkout)
    made.audit_lock.parent.mkdir()
    made.audit_lock.write_text("a==1")
    assert not made.is_ready("audit")
    made.uv = executable(checkout / "uv", f'echo "$@" >> {checkout}/calls; mkdir -p var/audit')
    made.find_python = lambda: "python3.10"
    made.install_audit()
    assert made.is_ready("audit")
    made_by = (checkout / "calls").read_text()
    assert "--require-hashes" in made_by
    made.audit_lock.write_text("a==2")
    assert not made.is_ready("audit")
