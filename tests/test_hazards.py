"""docs/hazards.md against the project: each hazard is complete and has a test, and what it names exists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.named_tests import is_test, named

ROOT = Path(__file__).resolve().parents[1]
LOG = ROOT / "docs" / "hazards.md"
OPEN = "Not prevented yet"
"""The section of the hazards that have no test."""

SCALES = {
    "Severity": {"critical", "serious", "moderate", "minor"},
    "Likelihood": {"frequent", "occasional", "rare", "remote"},
}
PREVENTED = {"Cause", "Severity", "Likelihood", "Prevented by", "Proved by"}
NOT_YET = {"Cause", "Severity", "Likelihood", "Missing"}


@dataclass(frozen=True)
class Hazard:
    """An entry of the log: its id, the section it stands in, and its lines ``- Name: text``."""

    id: str
    section: str
    lines: dict[str, str]


def read_log(text: str) -> list[Hazard]:
    found = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        for entry in re.split(r"^### ", section, flags=re.MULTILINE)[1:]:
            lines = dict(re.findall(r"^- ([A-Z][a-z ]+): (.+)$", entry, flags=re.MULTILINE))
            found.append(Hazard(entry.split()[0], section.splitlines()[0], lines))
    return found


def faults(hazards: list[Hazard], root: Path) -> list[str]:
    """What is wrong with the entries, one line each."""
    ids = [hazard.id for hazard in hazards]
    numbered = [f"H{number:02}" for number in range(1, len(ids) + 1)]
    found = [] if ids == numbered else [f"ids run {ids}, not from H01 to {numbered[-1:]}"]
    return found + [f"{hazard.id}: {fault}" for hazard in hazards for fault in _faults_of(hazard, root)]


def _faults_of(hazard: Hazard, root: Path) -> Iterator[str]:
    expected = NOT_YET if hazard.section == OPEN else PREVENTED
    if hazard.lines.keys() != expected:
        yield f"has {sorted(hazard.lines)}, not {sorted(expected)}"
        return
    for name, scale in SCALES.items():
        if hazard.lines[name] not in scale:
            yield f"{name} {hazard.lines[name]!r} is not on the scale"
    if hazard.section == OPEN:
        return
    files, tests = named(hazard.lines["Prevented by"]), named(hazard.lines["Proved by"])
    if not files:
        yield "names no file that prevents it"
    if not tests:
        yield "names no test"
    yield from (f"{file} does not exist" for file in files if not (root / file).is_file())
    yield from (f"{test} does not exist" for test in tests if not is_test(root, test))


def test_hazards_are_complete_and_proved() -> None:
    assert faults(read_log(LOG.read_text(encoding="utf-8")), ROOT) == []


def test_hazards_are_all_read() -> None:
    text = LOG.read_text(encoding="utf-8")
    assert len(read_log(text)) == text.count("\n### ") >= 30


@pytest.mark.parametrize("section", [OPEN, "Urgent help"])
def test_hazards_of_the_log_stand_in_sections(section: str) -> None:
    assert section in {hazard.section for hazard in read_log(LOG.read_text(encoding="utf-8"))}


ENTRY = """## Part

### H01 Something
- Cause: a reason
- Severity: minor
- Likelihood: rare
- Prevented by: `a.py`
- Proved by: `test_a.py::test_one`
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "a.py").touch()
    (tmp_path / "test_a.py").write_text(
        "def test_one(): ...\n@pytest.mark.skip\ndef test_two(): ...\ndef helper(): ...\n", encoding="utf-8"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("H01", "H02", "ids run"),
        ("- Cause: a reason\n", "", "H01: has"),
        ("- Proved by: `test_a.py::test_one`\n", "", "H01: has"),
        ("minor", "small", "H01: Severity 'small'"),
        ("rare", "never", "H01: Likelihood 'never'"),
        ("`a.py`", "care", "H01: names no file"),
        ("`a.py`", "`b.py`", "H01: b.py does not exist"),
        ("`test_a.py::test_one`", "somebody", "H01: names no test"),
        ("test_one", "test_three", "H01: test_a.py::test_three does not exist"),
        ("test_one", "test_two", "H01: test_a.py::test_two does not exist"),
        ("test_one", "helper", "H01: test_a.py::helper does not exist"),
        ("test_a.py::", "test_b.py::", "H01: test_b.py::test_one does not exist"),
        ("::test_one", "", "H01: test_a.py does not exist"),
        ("## Part", f"## {OPEN}", "H01: has"),
    ],
)
def test_hazards_check_finds_the_fault(project: Path, old: str, new: str, words: str) -> None:
    assert faults(read_log(ENTRY), project) == []
    assert ENTRY.count(old) == 1
    (fault,) = faults(read_log(ENTRY.replace(old, new)), project)
    assert fault.startswith(words)


def test_hazards_check_lets_an_open_hazard_be(project: Path) -> None:
    entry = f"## {OPEN}\n\n### H01 Thing\n- Cause: a\n- Severity: minor\n- Likelihood: rare\n- Missing: a test\n"
    assert faults(read_log(entry), project) == []
