"""Running a module without its libraries' deprecation warnings."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from maintain.settings import ROOT


def test_quiet_runs_a_module_with_its_arguments_and_without_deprecation_warnings(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(
        "import sys, warnings\n"
        "warnings.warn('old', DeprecationWarning)\n"
        "warnings.warn('wrong', UserWarning)\n"
        "print(__name__, sys.argv[1:])\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}"}
    command = [sys.executable, "-m", "maintain.quiet", "loud", "--port", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, env=environment)
    assert done.stdout.strip() == "__main__ ['--port', '1']"
    assert "UserWarning: wrong" in done.stderr
    assert "DeprecationWarning" not in done.stderr
