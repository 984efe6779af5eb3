"""docs/threat-model.md against the project: every element has its rows, and every row a test that is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.named_tests import is_test, named
from tests.scripts import ROOT

PAGE = ROOT / "docs" / "threat-model.md"
KINDS = {"program": "STRIDE", "store": "TRID", "supply": "STE"}
"""The letters of STRIDE that an element of each kind must have rows for."""
ELEMENTS = {
    "Widget on a hostile page",
    "nginx",
    "Rasa server",
    "Action server",
    "PostgreSQL and SQLite",
    "Redis",
    "Model store",
    "Review page",
    "Maintain commands",
    "Supply chain",
    "CI",
}


@dataclass(frozen=True)
class Element:
    """A part of the system: its kind, and its rows of letter, threat, what stops it, and tests."""

    name: str
    kind: str
    rows: list[list[str]]


def read_page(text: str) -> list[Element]:
    found = []
    for part in re.split(r"^### ", text.partition("\n## Accepted")[0], flags=re.MULTILINE)[1:]:
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line[:1] == "|"]
        kind = re.search(r"^Kind: (\w+)$", part, flags=re.MULTILINE)
        found.append(Element(part.splitlines()[0], kind[1] if kind else "", rows[2:]))
    return found


def faults(elements: list[Element], root: Path) -> Iterator[str]:
    """What is wrong with the page, one line each."""
    for element in elements:
        missing = set(KINDS.get(element.kind, "?")) - {row[0] for row in element.rows}
        if missing:
            yield f"{element.name} has no row for {', '.join(sorted(missing))}"
        for row in element.rows:
            if len(row) != 4 or not all(row) or row[0] not in "STRIDE":
                yield f"{element.name}: {row} is no whole row"
                continue
            tests = named(row[3])
            if not tests:
                yield f"{element.name}, {row[1]!r}: names no test"
            yield from (f"{element.name}: {test} is no test that is run" for test in tests if not is_test(root, test))


def test_threat_model_is_whole() -> None:
    elements = read_page(PAGE.read_text(encoding="utf-8"))
    assert {element.name for element in elements} == ELEMENTS
    assert list(faults(elements, ROOT)) == []


def test_threat_model_nothing_is_skipped_in_ci() -> None:
    """Whoever skips a test for want of a program asks for CI first; only what needs root may be skipped there."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)]
    skipping = [path for path in files if "pytest.skip(" in path.read_text(encoding="utf-8")]
    assert skipping
    careless = [path for path in skipping if not re.search(r'"CI"|geteuid', path.read_text(encoding="utf-8"))]
    assert careless == []


ROWS = "".join(f"| {letter} | a threat | a reason | `test_a.py::test_one` |\n" for letter in "STE")
FIRST = ROWS.splitlines()[0]
SECTION = f"### CI\nKind: supply\n\n| | threat | what stops it | shown by |\n|---|---|---|---|\n{ROWS}"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("| T | a threat | a reason | `test_a.py::test_one` |\n", "", "CI has no row for T"),
        ("Kind: supply", "Kind: other", "CI has no row for ?"),
        ("| T | a threat |", "| X | a threat |", "CI has no row for T"),
        (FIRST, "| S | a threat | a reason |", "CI: ['S'"),
        (FIRST, "| S | a threat | a reason | care |", "CI, 'a threat': names no test"),
        (FIRST, FIRST.replace("one", "slow"), "CI: test_a.py::test_slow is no test"),
        (FIRST, FIRST.replace("_a", "_b"), "CI: test_b.py::test_one is no test"),
    ],
)
def test_threat_model_check_finds_the_fault(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "test_a.py").write_text("def test_one(): ...\n@pytest.mark.slow\ndef test_slow(): ...\n")
    assert list(faults(read_page(SECTION), tmp_path)) == []
    assert SECTION.count(old) == 1
    assert next(faults(read_page(SECTION.replace(old, new)), tmp_path)).startswith(words)
