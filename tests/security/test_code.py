"""Promise: nothing that is read runs as code, and nothing that is secret is in the repository."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from maintain.models import Models
from maintain.settings import ROOT

ROOMS = ("faq", "nlu", "actions", "channels", "maintain", "scripts")
RUNS_CODE = {"pickle", "cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "shelve", "skops"}
"""Modules whose files run code when they are loaded."""
CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "yaml.load", "yaml.unsafe_load"}


def sources() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def faults(tree: ast.AST) -> Iterator[str]:
    """What in a file could run what it reads."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] in RUNS_CODE)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in RUNS_CODE:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            safe = any(ast.unparse(each.value).endswith(("SafeLoader", "BaseLoader")) for each in node.keywords)
            if ast.unparse(node.func) in CALLS and not safe:
                yield ast.unparse(node.func)
            yield from (
                f"{each.arg}=True"
                for each in node.keywords
                if each.arg in ("allow_pickle", "shell") and ast.unparse(each.value) != "False"
            )


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_never_runs_what_it_reads(path: Path) -> None:
    assert list(faults(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "import skops.io as sio",
        "eval(x)",
        "np.load(x, allow_pickle=True)",
        "yaml.load(x)",
        "yaml.load(x, Loader=yaml.Loader)",
        "subprocess.run(x, shell=True)",
    ],
)
def test_code_check_finds(text: str) -> None:
    assert list(faults(ast.parse(text))) != []


@pytest.mark.timeout(900)
def test_code_is_not_in_a_model() -> None:
    """Arrays, JSON, YAML, hashes and graphs of onnxruntime's own operators: what the components of this pipeline keep
    holds no objects of Python's."""
    subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], cwd=ROOT, check=True)
    kinds = {}
    with tarfile.open(Models(ROOT / "models", ROOT).checked()) as archive:
        for member in archive:
            if member.isfile():
                kinds.setdefault(Path(member.name).suffix, []).append(member.name)
                if member.name.endswith(".npz"):
                    with np.load(archive.extractfile(member), allow_pickle=False) as arrays:
                        assert [name for name in arrays if arrays[name].dtype.hasobject] == []
                elif member.name.endswith(".onnx"):
                    graph = onnx.load_from_string(archive.extractfile(member).read()).graph
                    assert {node.domain for node in graph.node} <= {"", "com.microsoft"}
                    assert not any(each.external_data for each in graph.initializer), "it would be read from elsewhere"
    assert kinds.keys() == {".json", ".yml", ".npz", ".onnx", ".sha256"}, kinds


def test_code_of_the_page_is_not_from_elsewhere() -> None:
    """npm takes each package by its hash; the one install script in the lock is never run."""
    packages = json.loads((ROOT / "widget" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, each in packages.items() if name and not each["integrity"].startswith("sha512-")] == []
    assert [name for name, each in packages.items() if each.get("hasInstallScript")] == ["node_modules/esbuild"]
    assert "--ignore-scripts" in (ROOT / "tests" / "channels" / "test_widget_build.py").read_text(encoding="utf-8")


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return [name for name in done.stdout.split("\0") if name]


SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36}\b|\bxox[abprs]-[0-9A-Za-z-]{10,}"
    r"|://[^/\s:@'\"{$<]+:(?!password@|secret@|x@)[^/\s@'\"{$<]{12,}@"
)
"""Keys that have a known form, and passwords in addresses."""


def test_code_holds_no_secret() -> None:
    assert not [name for name in tracked() if re.search(r"(^|/)(secrets|var)/|\.(key|pem|env|tar\.gz|db)$", name)]
    texts = {name: (ROOT / name).read_text(encoding="utf-8", errors="ignore") for name in tracked()}
    assert {name: SECRET.findall(text) for name, text in texts.items() if SECRET.search(text)} == {}


def test_code_of_ci_needs_no_secret() -> None:
    """It works in a clone of anybody's: no variable but CI, no address, no privilege beyond apt-get."""
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{?([A-Z_]+)", text)) <= {"BASH_SOURCE", "DEBIAN_FRONTEND"}
    assert not re.search(r"https?:|curl|wget|TOKEN|KEY|PASSWORD", text)
