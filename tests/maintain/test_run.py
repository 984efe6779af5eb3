"""Starting the assistant; small scripts stand in for the server."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faq.errors import ModelError, SetupError
from maintain import run as command
from maintain.gate import RefusedError
from maintain.models import Models
from maintain.settings import ROOT, Settings
from tests.maintain.small_project import add_model, change_encoder, small_project
from tests.patience import PATIENCE, wait_until

STARTING = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(60)"
PARENT = (
    "import pathlib, subprocess, sys, time; "
    "child = subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT); "
    "pathlib.Path(sys.argv[1]).write_text(str(child.pid)); print('up', flush=True); time.sleep(60)"
)
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
SUPERVISE = """
import sys
from pathlib import Path
from maintain import run, supervisor
from maintain.settings import Settings
supervisor.STOP_WITHIN = 1
run.commands = lambda settings, model: {
    "rasa": [sys.executable, "-c", sys.argv[1], sys.argv[2]]}
run.announce = lambda url: None
sys.exit(run.supervise(Settings(secret_keys="key"), Path("model")))
"""


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(rasa: str) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", SUPERVISE, rasa, str(tmp_path / "pid")]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(words, cwd=ROOT, stdout=pipe, stderr=subprocess.STDOUT, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until_up(process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        if line.rstrip().endswith("up"):
            return


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.server
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_run_ends_everything_at_a_signal(
    number: signal.Signals, supervise: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = supervise(PARENT)
    wait_until_up(process)
    process.send_signal(number)
    shown, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert shown.strip().splitlines()[-1] == "The assistant has stopped."
    assert not is_alive(int((tmp_path / "pid").read_text()))


@pytest.mark.server
def test_run_ends_everything_at_a_signal_during_the_start(
    supervise: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = supervise(STARTING)
    pid = tmp_path / "pid"
    wait_until(lambda: pid.exists() and pid.read_text())
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert not is_alive(int(pid.read_text()))


@pytest.mark.server
def test_run_kills_what_does_not_end(supervise: Callable[[str], subprocess.Popen[str]]) -> None:
    process = supervise(STUBBORN)
    wait_until_up(process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


@pytest.mark.server
@pytest.mark.parametrize(
    ("end", "code"), [("sys.exit(3)", 3), ("sys.exit(0)", 1), ("os.kill(os.getpid(), signal.SIGKILL)", 1)]
)
def test_run_ends_everything_when_the_server_dies(
    end: str, code: int, supervise: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    dying = PARENT.replace(
        "time.sleep(60)", f"time.sleep(1); print('the reason', flush=True); import os, signal; {end}"
    )
    process = supervise(dying)
    shown, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert "the reason" in shown
    assert shown.strip().splitlines()[-1].startswith("[RUN04] The rasa server ended")
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_run_check_port_names_the_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=f"RUN01.*{port}.*FAQ_PORT"):
            command.check_port("127.0.0.1", port, "FAQ_PORT")
    command.check_port("127.0.0.1", port, "FAQ_PORT")


def test_run_check_port_names_a_foreign_address() -> None:
    with pytest.raises(SetupError, match=r"RUN02.*FAQ_HOST"):
        command.check_port("192.0.2.1", 5005, "FAQ_PORT")


def test_run_check_encoder(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"RUN03.*make setup"):
        command.check_encoder(tmp_path)
    (tmp_path / "encoder.onnx").touch()
    (tmp_path / "tokenizer.json").touch()
    command.check_encoder(tmp_path)


@pytest.fixture
def models(tmp_path: Path) -> Models:
    """A project that can be trained."""
    return small_project(tmp_path)


def fake_training(models: Models) -> None:
    models.promote(add_model(models, "one"), "train")


def refused_training(models: Models) -> None:
    raise RefusedError("[GAT01] worse")


def no_training(models: Models) -> None:
    raise AssertionError("nothing was to be trained")


def test_run_trains_only_where_needed(models: Models) -> None:
    assert command.ready_model(models, fake_training).name == "one.tar.gz"
    assert command.ready_model(models, no_training).name == "one.tar.gz"
    (models.root / "domain.yml").write_text("changed")
    assert command.ready_model(models, fake_training)
    assert models.why_train() is None


def test_run_starts_with_the_current_model_where_the_gate_refuses_the_new_one(
    models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_training(models)
    (models.root / "domain.yml").write_text("changed")
    assert command.ready_model(models, refused_training).name == "one.tar.gz"
    assert "GAT01" in capsys.readouterr().out


def test_run_does_not_start_with_a_model_of_another_document(models: Models) -> None:
    fake_training(models)
    (document,) = (models.root / "data" / "documents").glob("*.md")
    document.write_text(document.read_text() + "One more sentence.\n")
    with pytest.raises(ModelError, match="RUN07"):
        command.ready_model(models, refused_training)


def test_run_does_not_start_with_a_model_of_another_encoder(models: Models) -> None:
    fake_training(models)
    change_encoder(models)
    with pytest.raises(ModelError, match=r"RUN07.*encoder"):
        command.ready_model(models, refused_training)


@pytest.mark.parametrize(("damaged", "code"), [("current.json", "MOD01"), ("one.tar.gz", "MOD03")])
def test_run_refuses_a_damaged_model(models: Models, damaged: str, code: str) -> None:
    fake_training(models)
    (models.folder / damaged).write_text("damage")
    with pytest.raises(ModelError, match=f"{code}.*make train"):
        command.ready_model(models, no_training)


def test_run_commands_use_the_settings() -> None:
    made = command.commands(Settings(host="0.0.0.0", port=1, actions_port=2), Path("a folder/m.tar.gz"))
    assert made["actions"][-2:] == ["--port", "2"]
    assert made["rasa"][-4:] == ["--interface", "0.0.0.0", "--port", "1"]
    assert made["rasa"][made["rasa"].index("--model") + 1] == "a folder/m.tar.gz"


def test_run_health_of_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert "does not answer" in command.health(f"http://127.0.0.1:{free.getsockname()[1]}")
