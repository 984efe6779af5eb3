"""The locks hold no known vulnerability that nobody has looked at."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scripts import ROOT, load

audit = load("audit")
TABLE = f"| {' | '.join(audit.HEAD)} |\n|---|---|---|---|---|---|\n"
LINE = "| jinja2 | 2.0 | GHSA-1, CVE-1 | no | nobody calls it | none |\n"
FLAW = audit.Finding("jinja2", "2.0", frozenset({"GHSA-1"}), "Bad.")


def pins() -> set[tuple[str, str]]:
    return {pin for lock in audit.LOCKS for pin in audit.read_lock(ROOT / lock).items()}


def reviews(text: str = TABLE + LINE) -> list:
    return audit.read_reviews(text)


def test_audit_finds_nothing_new() -> None:
    """Offline, in the packaged list; `make audit` asks those of the network too."""
    advisories, _ = audit.packaged_list()
    findings = [each for lock in audit.LOCKS for each in audit.listed(audit.read_lock(ROOT / lock), advisories)]
    assert audit.faults(findings, reviews(audit.REVIEWED.read_text(encoding="utf-8")), pins()) == []


def test_audit_list_knows_what_is_known() -> None:
    """Some well-known ones, so that an empty or changed list does not pass for a clean lock."""
    advisories, _ = audit.packaged_list()
    assert len(advisories) > 1000
    old = {"aiohttp": "3.9.5", "jinja2": "2.10", "pyyaml": "5.3", "urllib3": "1.26.4", "keras": "2.12.0"}
    found = audit.listed(old, advisories)
    assert {each.package for each in found} == old.keys()
    assert {"CVE-2024-52304", "CVE-2019-10906", "CVE-2020-14343", "CVE-2024-3660"} <= frozenset().union(
        *(each.ids for each in found)
    )


def test_audit_lists_only_affected_versions() -> None:
    entry = {"id": "GHSA-1", "cve": "N/A", "advisory": "Bad.", "fixed_in": "3.0", "v": ">=2.0,<3.0"}
    versions = ("1.9", "2.0", "2.9", "3.0rc1", "3.0")
    found = [version for version in versions if audit.listed({"a": version}, {"a": [entry]})]
    assert found == ["2.0", "2.9"]


@pytest.mark.parametrize(
    ("finding", "text", "word"),
    [
        (FLAW, TABLE + LINE, None),
        (FLAW, TABLE, "is new"),
        (FLAW, TABLE + LINE.replace("GHSA-1, CVE-1", "GHSA-2"), "is new"),
        (FLAW, TABLE + LINE.replace("2.0", "1.9"), "is new"),
        (None, TABLE + LINE.replace("2.0", "1.9"), "locked no more"),
    ],
)
def test_audit_wants_every_finding_reviewed_for_its_version(finding: object, text: str, word: str | None) -> None:
    found = audit.faults([finding] if finding else [], reviews(text), {("jinja2", "2.0")})
    assert [word in fault for fault in found if word][:1] == ([True] if word else [])
    assert bool(found) == bool(word)


@pytest.mark.parametrize("text", ["", TABLE + "| a | 1 | b | no | why |\n", TABLE + LINE.replace("no", " ", 1)])
def test_audit_wants_whole_reviews(text: str) -> None:
    with pytest.raises(ValueError, match=r"docs/audit\.md"):
        reviews(text)


FLAWS = [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"], "description": "Bad.\nVery."}]
VULNERABLE = {"name": "Jinja2", "version": "2.0", "vulns": FLAWS}
SKIPPED = {"name": "a", "skip_reason": "Dependency not found on PyPI and could not be audited: a (1)"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json.dumps({"dependencies": [VULNERABLE]}), ["Bad. (mended in 3)"]),
        (json.dumps({"dependencies": [VULNERABLE] * 9 + [SKIPPED]}), ["Bad. (mended in 3)"] * 9),
        (json.dumps({"dependencies": [SKIPPED] * 9}), None),
        ("", None),
    ],
)
def test_audit_tells_a_clean_answer_from_none(
    answer: str, expected: list[str] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror without the data knows no package, and pip-audit then says that it found nothing."""
    program = tmp_path / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    program.chmod(0o755)
    monkeypatch.setattr(audit, "PIP_AUDIT", program)
    got = audit.asked(tmp_path)
    assert (got and [each.says for each in got[0]]) == expected
    assert got is None or reviews()[0].covers(got[0][0])
