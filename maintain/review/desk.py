"""What the page works on: conversations, phrasings and decisions, read anew whenever one of them has changed."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from faq.intents import OWN_INTENTS
from maintain.review.decisions import Decisions
from maintain.review.known import Known
from maintain.review.labels import Labels
from maintain.review.likeness import Likeness
from maintain.review.messages import ReaderMessage
from maintain.review.nearest import Nearest
from maintain.review.queue import Entry, Filter, Group, entries, groups, undecided
from maintain.review.store import ConversationStore

Intents = tuple[str, ...]


@dataclass(frozen=True)
class Snapshot:
    """The state of things at one moment.

    Attributes:
        messages: of all readers, latest first.
        all: what deserves a look, decided or not.
        open: what is not decided yet.
        known: the phrasings.
    """

    messages: Sequence[ReaderMessage]
    all: Sequence[Entry]
    open: Sequence[Entry]
    known: Known

    def queue(self, wanted: Filter) -> list[Group]:
        """The groups of what is open and wanted, the most urgent first."""
        return groups([entry for entry in self.open if wanted.fits(entry)])

    def between(self, since: date | None, until: date | None) -> list[ReaderMessage]:
        """The messages of some days."""
        return [m for m in self.messages if (not since or m.day >= since) and (not until or m.day <= until)]


class Desk:
    """Everything that the review page reads and changes."""

    def __init__(self, root: Path, store: ConversationStore, decisions: Decisions) -> None:
        """Takes the parts.

        Args:
            root: the project's top folder.
            store: the conversations.
            decisions: what was decided about them.
        """
        self.root, self.store, self.decisions = root, store, decisions
        self.intents = domain_intents(root)
        self.labels = Labels(root, decisions, self.intents)
        self._lock = threading.Lock()
        self._known: tuple[object, Known] | None = None
        self._likeness: tuple[Nearest, Likeness] | None = None
        self._messages: tuple[object, Sequence[ReaderMessage]] | None = None
        self._entries: tuple[Sequence[ReaderMessage], Known, Sequence[Entry]] | None = None

    @property
    def topics(self) -> Intents:
        """The intents that the article answers, in the domain's order."""
        return tuple(intent for intent in self.intents if intent not in OWN_INTENTS)

    def known(self) -> Known:
        """The phrasings as they stand in the files now."""
        folders = [self.root / "data" / "nlu", *(self.root / "tests" / name for name in ("evaluation", "safety"))]
        files = sorted(path for folder in folders for path in folder.glob("*.*"))
        stamp = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
        if self._known is None or self._known[0] != stamp:
            self._known = (stamp, Known.read(self.root, self._known[1] if self._known else None))
        return self._known[1]

    def snapshot(self) -> Snapshot:
        """The state of things now."""
        with self._lock:
            known, messages = self.known(), self._read_messages()
            if self._entries is None or self._entries[0] is not messages or self._entries[1] is not known:
                self._entries = (messages, known, entries(messages, known, self._alike(known)))
            found = self._entries[2]
            return Snapshot(messages, found, undecided(found, self.decisions.decided()), known)

    def _read_messages(self) -> Sequence[ReaderMessage]:
        version = self.store.version()
        if self._messages is None or self._messages[0] != version:
            self._messages = (version, self.store.messages())
            if version:  # without a database nothing is known to be erased
                self.decisions.forget(self.store.existing)
        return self._messages[1]

    def _alike(self, known: Known) -> Likeness:
        if self._likeness is None or self._likeness[0] is not known.spelling:
            self._likeness = (known.spelling, Likeness(known.spelling))
        return self._likeness[1]

    def git_diff(self) -> str:
        """What has changed in the phrasings since the last commit; says so where git cannot tell."""
        command = ["git", "-c", "core.quotepath=off", "diff", "--no-color", "--no-ext-diff", "HEAD", "--", "data/nlu"]
        try:
            done = subprocess.run(command, cwd=self.root, capture_output=True, timeout=20, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"git could not be asked: {error}"
        return (done.stdout if done.returncode == 0 else done.stderr).decode("utf-8", "replace")


def domain_intents(root: Path) -> Intents:
    """The intents of domain.yml, in their order.

    Args:
        root: the project's top folder.
    """
    domain = yaml.load((root / "domain.yml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    names = (name for each in domain["intents"] for name in ([each] if isinstance(each, str) else each))
    return tuple(dict.fromkeys(names))
