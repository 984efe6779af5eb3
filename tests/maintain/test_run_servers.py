"""Starting the assistant with its real server: what tests/maintain/test_run.py shows with stand-ins holds for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from maintain.settings import ROOT
from tests.patience import PATIENCE
from tests.processes import started

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


@pytest.mark.parametrize("setting", ["FAQ_PORT", "FAQ_METRICS_PORT"])
def test_run_servers_are_not_started_where_a_port_is_taken(setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "maintain", "run"],
            cwd=ROOT,
            env={**os.environ, setting: str(port)},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"[RUN01] Port {port} of 127.0.0.1 is taken")
    assert f"set {setting} to another port" in done.stderr


def test_run_servers_are_not_started_in_an_unknown_country() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "maintain", "run"],
        cwd=ROOT,
        env={**os.environ, "FAQ_COUNTRY": "UK"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("[EMG01] FAQ_COUNTRY is 'UK'")
    assert "GB (United Kingdom)" in done.stderr


def test_run_servers_end_with_the_rasa_server(tmp_path: Path) -> None:
    with started(ROOT, tmp_path) as assistant:
        assert assistant.pids("rasa_sdk") == []
        rasa = min(assistant.pids("rasa"))  # the others are forks of it
        os.kill(rasa, signal.SIGKILL)
        assert assistant.process.wait(PATIENCE) == 1
        assert assistant.pids() == []
    assert "[RUN04] The rasa server ended" in assistant.log.read_text(encoding="utf-8")


def test_run_servers_hold_no_tensorflow(tmp_path: Path) -> None:
    with started(ROOT, tmp_path) as assistant:
        mapped = [Path(f"/proc/{pid}/maps").read_text(encoding="utf-8") for pid in assistant.pids()]
    assert any("onnxruntime" in each for each in mapped)
    assert not any("tensorflow" in each for each in mapped)


def test_run_servers_end_with_ctrl_c(tmp_path: Path) -> None:
    with started(ROOT, tmp_path) as assistant:
        assert len(assistant.pids()) >= 2
        assistant.process.send_signal(signal.SIGINT)
        assert assistant.process.wait(PATIENCE) == 0
        assert assistant.pids() == []
    assert assistant.log.read_text(encoding="utf-8").strip().endswith("The assistant has stopped.")
