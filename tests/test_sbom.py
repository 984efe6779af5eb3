"""The SBOM names what is locked, with hashes and licences, and fits CycloneDX's schema."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.scripts import ROOT, load

sbom = load("sbom")

HASHES = "".join(f" \\\n    --hash=sha256:{digit * 64}" for digit in "01")
ENTRY = f"a-b==1.0{HASHES}\n    # via c\nc==2 ; os_name == 'x'\n"


def has_npm() -> bool:
    if shutil.which("npm"):
        return True
    assert not os.environ.get("CI"), "CI installs npm"
    return False


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What `make sbom` writes; it writes only what the schema allows."""
    assert (sbom.AUDIT / "cyclonedx-py").exists(), "run `make setup-test`"
    target = tmp_path_factory.mktemp("sbom")
    assert sbom.main(target) == (0 if has_npm() else 1)
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in target.iterdir()}


def test_sbom_of_python_is_the_lock(written: dict[str, dict[str, Any]]) -> None:
    document = written["python.cdx.json"]
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    lock = re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", sbom.LOCK.read_text(encoding="utf-8"))
    named = [(sbom.canonicalize_name(each["name"]), each["version"]) for each in document["components"]]
    assert sorted(named) == sorted((sbom.canonicalize_name(name), version) for name, version in lock)
    for each in document["components"]:
        assert each["licenses"], each["name"]
        assert all(re.fullmatch(r"[0-9a-f]{64}", entry["value"]) for entry in each["properties"]), each["name"]
    root = document["metadata"]["component"]["bom-ref"]
    direct = next(each["dependsOn"] for each in document["dependencies"] if each["ref"] == root)
    assert "rasa==3.6.21" in direct


def test_sbom_of_the_widget_is_its_lock(written: dict[str, dict[str, Any]]) -> None:
    if not has_npm():
        pytest.skip("no npm on this machine: apt-get install npm")
    packages = json.loads((ROOT / "widget" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    locked = {(path.rpartition("node_modules/")[2], each["version"]) for path, each in packages.items() if path}
    components = written["widget.cdx.json"]["components"]
    assert {(each["name"], each["version"]) for each in components} == locked
    assert all(each["licenses"] and each["hashes"] for each in components)


def test_sbom_reads_the_hashes_of_a_lock() -> None:
    assert sbom.read_hashes(ENTRY) == {("a-b", "1.0"): ["0" * 64, "1" * 64], ("c", "2"): []}


def test_sbom_misses_what_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = {"components": [], "dependencies": [], "metadata": {"component": {"bom-ref": "root"}}}
    monkeypatch.setattr(sbom, "called", lambda _: bare)
    with pytest.raises(sbom.SbomError, match=r"a-b 1\.0, c 2\. Run `make setup`"):
        sbom.python_document(ENTRY, Path("python"))


def test_sbom_is_held_against_the_schema() -> None:
    with pytest.raises(sbom.SbomError, match="does not fit"):
        sbom.checked({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "without a type"}]})
