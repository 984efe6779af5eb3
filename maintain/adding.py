"""Adds phrases to the data from the command line: the same checks as on the review page, all of them or none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from faq.phrasings import same_words
from maintain.phrasing_files import Change, PhrasingFiles
from maintain.phrasing_text import Phrase
from maintain.review.checks import Finding, find
from maintain.review.desk import domain_intents
from maintain.review.known import Known


@dataclass(frozen=True)
class Item:
    """A phrase on its way, where it comes from, and what speaks against it."""

    phrase: Phrase
    place: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def text(self) -> Iterator[str]:
        """One line for each finding, with the place."""
        at = f"{self.place}: " if self.place else ""
        return (f"{at}{self.phrase.text!r}: {finding.text}" for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """The item for machines."""
        findings = [{"kind": f.kind, "text": f.text, "refuses": f.refuses} for f in self.findings]
        phrase = self.phrase
        return {
            "text": phrase.text,
            "intents": list(phrase.intents),
            "file": phrase.target,
            "place": self.place,
            "findings": findings,
        }


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        items: every phrase with what speaks against it.
        changes: of the files; empty where nothing was written.
        stopped: whether something spoke against one of the phrases, so that none was added.
        known: phrases that were left out because they stand in the data with the same intents.
    """

    items: tuple[Item, ...]
    changes: tuple[Change, ...] = ()
    stopped: bool = False
    known: int = 0

    def as_json(self, dry_run: bool) -> dict[str, object]:
        """The outcome for machines."""
        added = 0 if self.stopped or dry_run else len(self.items)
        return {
            "added": added,
            "known": self.known,
            "dry_run": dry_run,
            "stopped": self.stopped,
            "items": [item.as_json() for item in self.items],
            "diff": "\n".join(change.diff for change in self.changes),
        }


def add(root: Path, items: Sequence[Item], confirmed: bool, dry_run: bool, skip_known: bool = False) -> Outcome:
    """Checks phrases against the data and one another, and adds them.

    Args:
        root: the project's top folder.
        items: what to add.
        confirmed: take what can be confirmed.
        dry_run: only check.
        skip_known: leave out what stands in the data already with the same intents.

    Returns:
        What was done.

    Raises:
        PhrasingError: a file cannot be read or written.
    """
    intents = domain_intents(root)
    with PhrasingFiles(root / "data" / "nlu").alone() as writer:
        known = Known.read(root)
        new = [each for each in items if not (skip_known and _stands(each.phrase, known))]
        checked = tuple(_check(new, known, intents))
        findings = [finding for item in checked for finding in item.findings]
        stopped = any(each.refuses for each in findings) or bool(findings and not confirmed)
        phrases = [item.phrase for item in checked]
        changes = writer.add(phrases) if phrases and not (stopped or dry_run) else []
        return Outcome(checked, tuple(changes), stopped, len(items) - len(new))


def _stands(phrase: Phrase, known: Known) -> bool:
    same = known.same(phrase.text)
    return same is not None and set(same.intents) == set(phrase.intents)


def _check(items: Sequence[Item], known: Known, intents: Collection[str]) -> Iterator[Item]:
    """Checks each item, also against the ones before it."""
    seen: dict[str, Item] = {}
    for item in items:
        phrase = replace(item.phrase, intents=known.pair(item.phrase.intents))
        found = find(phrase, known, intents)
        first = seen.setdefault(same_words(phrase.text), item)
        if first is not item:
            text = f"[LBL07] It stands at {first.place} already: leave one of them out."
            found.insert(0, Finding("duplicate", text, True))
        yield Item(phrase, item.place, tuple(found))
