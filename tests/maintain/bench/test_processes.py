"""Commands that are timed, and processes with their descendants."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from maintain.bench.processes import BenchError, end, memory, processor_seconds, run, tree
from tests.patience import wait_until

SPIN = "import time\nuntil = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {SPIN!r}])"
SLEEP = "import time; time.sleep(60)"
WAITING = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n{SLEEP}"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_processes_time_a_command_with_its_children(tmp_path: Path) -> None:
    done = run(python(PARENT), tmp_path, os.environ, tmp_path / "log")
    assert 0.3 <= done.processor < 10
    assert done.seconds >= 0.3
    assert done.peak > 5


@pytest.mark.parametrize(
    ("code", "within", "said"),
    [
        ("import sys; sys.exit('so not')", 60, "exit code 1.*so not"),
        ("import time; time.sleep(60)", 0.5, "stopped after 0 s|stopped after 1 s"),
        ("bytearray(2 ** 45)", 60, "exit code 1.*MemoryError"),
    ],
)
def test_processes_say_why_a_command_failed(code: str, within: float, said: str, tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=rf"(?s)BEN01.*({said})"):
        run(python(code), tmp_path, os.environ, tmp_path / "log", within)


def test_processes_count_and_end_all_descendants() -> None:
    process = subprocess.Popen(python(WAITING))
    wait_until(lambda: len(tree(process.pid)) == 2)
    family = tree(process.pid)
    assert memory(family) > memory(family[:1]) > 1
    assert processor_seconds(family) >= processor_seconds(family[:1])
    end(process)
    wait_until(lambda: memory(family) == 0)
