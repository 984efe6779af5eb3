"""Writes phrasings into data/nlu: whole or not at all, one writer at a time, and never over somebody else's edit."""

from __future__ import annotations

import difflib
import fcntl
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from faq.errors import PhrasingError
from faq.phrasings import read_phrasings
from maintain.phrasing_text import Phrase, insert, remove

TRIES = 20
"""How often a change is worked out anew because somebody saved the file meanwhile."""

Edit = Callable[[str, Phrase], str]


@dataclass(frozen=True)
class Change:
    """What became of one file.

    Attributes:
        file: its name.
        before: its content; empty where it was made.
        after: its content now; empty where it was deleted.
    """

    file: str
    before: str
    after: str

    @property
    def diff(self) -> str:
        """The change as ``git diff`` shows it."""
        name = f"data/nlu/{self.file}"
        old, new = (f"a/{name}" if self.before else "/dev/null"), (f"b/{name}" if self.after else "/dev/null")
        lines = difflib.unified_diff(self.before.splitlines(), self.after.splitlines(), old, new, lineterm="")
        return "\n".join([f"diff --git a/{name} b/{name}", *lines])


class PhrasingFiles:
    """The files of ``data/nlu``.

    Whoever writes through this class waits for its turn (a lock on the folder). An editor does not know the lock, so
    each file is read right before the change and compared again right before it is replaced.
    """

    def __init__(self, folder: Path) -> None:
        """Looks at a folder.

        Args:
            folder: ``data/nlu``.
        """
        self.folder = folder

    @contextmanager
    def alone(self) -> Iterator[Writer]:
        """Waits until nobody else writes, in this process or another, and gives what can write."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield Writer(self.folder)
        finally:
            os.close(handle)


class Writer:
    """Changes files of phrasings; ``PhrasingFiles.alone`` gives one."""

    def __init__(self, folder: Path) -> None:
        """Takes the folder, whose lock is held."""
        self.folder = folder

    def add(self, phrases: Sequence[Phrase]) -> list[Change]:
        """Puts phrasings into their files, all of them or none.

        Args:
            phrases: what to add.

        Returns:
            One change a file.

        Raises:
            PhrasingError: a file is damaged, cannot be written, or keeps being changed by somebody else.
        """
        return self._change(phrases, insert, 1)

    def remove(self, phrases: Sequence[Phrase]) -> list[Change]:
        """Takes phrasings out of their files, all of them or none.

        Args:
            phrases: what to take out.

        Returns:
            One change a file.

        Raises:
            PhrasingError: one is not there any more; see also ``add``.
        """
        return self._change(phrases, remove, -1)

    def _change(self, phrases: Sequence[Phrase], edit: Edit, sign: int) -> list[Change]:
        for _ in range(TRIES):
            files = sorted({phrase.target for phrase in phrases})
            changes = [self._work_out([p for p in phrases if p.target == file], edit, sign) for file in files]
            if self._commit(changes):
                return changes
        raise PhrasingError(f"[PHR05] {', '.join(files)} keeps changing: try again when nobody saves it.")

    def _work_out(self, phrases: Sequence[Phrase], edit: Edit, sign: int) -> Change:
        file = phrases[0].target
        after = before = self._read(file)
        wanted = _content(before, file)
        for phrase in phrases:
            after = edit(after, phrase)
        for phrase in phrases:
            wanted[phrase.text, phrase.intents] += sign
        if _content(after, file) != +wanted:
            raise PhrasingError(f"[PHR04] data/nlu/{file} has a form that cannot be extended: add the line by hand.")
        return Change(file, before, after)

    def _read(self, file: str) -> str:
        try:
            return (self.folder / file).read_bytes().decode("utf-8")
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            raise PhrasingError(f"[PHR06] data/nlu/{file} cannot be read ({error}): put it right.") from error

    def _commit(self, changes: Sequence[Change]) -> bool:
        """Replaces the files; False, and nothing done, where somebody has saved one of them meanwhile."""
        done: list[Change] = []
        try:
            for change in changes:
                if not self._replace(change.file, change.before, change.after):
                    self._take_back(done)
                    return False
                done.append(change)
        except OSError as error:
            self._take_back(done)
            raise PhrasingError(f"[PHR06] {self.folder} cannot be written ({error}): nothing was added.") from error
        return True

    def _take_back(self, done: Sequence[Change]) -> None:
        for change in done:
            self._replace(change.file, change.after, change.before)

    def _replace(self, file: str, before: str, after: str) -> bool:
        path = (self.folder / file).resolve()
        scratch = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            with scratch.open("wb") as handle:
                handle.write(after.encode("utf-8"))
                handle.flush()
                os.fsync(handle.fileno())
            if path.exists():
                shutil.copymode(path, scratch)
            if self._read(file) != before:
                return False
            scratch.replace(path) if after else path.unlink()
            return True
        finally:
            scratch.unlink(missing_ok=True)


def _content(text: str, file: str) -> Counter[tuple[str, tuple[str, ...]]]:
    """What a file says to Rasa: how often each text stands in it with its intents."""
    if not text:
        return Counter()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / file).write_bytes(text.encode("utf-8"))
        return Counter((each.text, each.intents) for each in read_phrasings(Path(folder)))
