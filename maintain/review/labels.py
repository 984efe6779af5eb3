"""Turns a maintainer's decision into data, and takes it back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from faq.errors import FaqError
from faq.phrasings import read_phrasings
from faq.reply import OUT_OF_SCOPE
from maintain.phrasing_files import Change, PhrasingFiles
from maintain.phrasing_text import Phrase, one_line
from maintain.review.checks import Finding, find
from maintain.review.decisions import IGNORED, LABELLED, Decision, Decisions, Messages, phrase_hash
from maintain.review.known import Known

NEAR_MISSES = "near_misses.yml"


class Refused(FaqError):
    """A phrase cannot become data, or needs a confirmation first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Takes what speaks against it."""
        super().__init__(" ".join(finding.text for finding in findings))
        self.findings = tuple(findings)

    @property
    def can_be_confirmed(self) -> bool:
        """Whether a person may take it all the same."""
        return not any(finding.refuses for finding in self.findings)


@dataclass(frozen=True)
class Label:
    """What a maintainer says about a message.

    Attributes:
        text: the phrase as it should stand in the data.
        intents: what it asks.
        answered: whether the assistant had an answer, so that what is out of scope was a near miss.
        confirmed: whether what speaks against it was seen.
    """

    text: str
    intents: tuple[str, ...]
    answered: bool = False
    confirmed: bool = False


@dataclass(frozen=True)
class Done:
    """A decision that was carried out: its id, what it changed in the files, and how many messages it was about."""

    decision: Decision
    changes: tuple[Change, ...]
    count: int


class Labels:
    """Decisions on messages and the data that they make."""

    def __init__(self, root: Path, decisions: Decisions, intents: Sequence[str]) -> None:
        """Takes what is needed.

        Args:
            root: the project's top folder.
            decisions: where they are kept.
            intents: of the domain.
        """
        self._root, self._decisions, self._intents = root, decisions, tuple(intents)
        self.files = PhrasingFiles(root / "data" / "nlu")

    def take(self, label: Label, messages: Messages, known: Callable[[], Known]) -> Done:
        """Puts a phrase into the data and remembers that its messages are dealt with.

        Args:
            label: what the maintainer says.
            messages: conversation and id of each message it is about.
            known: reads what stands in the data at this moment.

        Returns:
            What was done.

        Raises:
            Refused: something speaks against the phrase; nothing was changed.
            PhrasingError: the file cannot be changed.
        """
        with self.files.alone() as writer:
            phrase = self.phrase(label, known())
            findings = [*self._decided(messages), *find(phrase, known(), self._intents)]
            if any(each.refuses for each in findings) or (findings and not label.confirmed):
                raise Refused(findings)
            changes = writer.add([phrase])
            decision = Decision(_new_id(), LABELLED, phrase.intents, phrase.target, phrase_hash(phrase), time.time())
            return Done(decision, tuple(changes), self._decisions.keep(decision, messages))

    def _decided(self, messages: Messages) -> list[Finding]:
        if messages and messages[0] in self._decisions.decided():
            text = "[LBL12] Somebody has decided this message meanwhile: go on with the next one."
            return [Finding("decided", text, True)]
        return []

    def phrase(self, label: Label, known: Known) -> Phrase:
        """The phrase that a label makes, in the file where it belongs."""
        near_miss = label.intents == (OUT_OF_SCOPE,) and label.answered
        return Phrase(one_line(label.text), known.pair(label.intents), file=NEAR_MISSES if near_miss else "")

    def ignore(self, messages: Messages) -> Done:
        """Remembers that messages need nothing."""
        decision = Decision(_new_id(), IGNORED, timestamp=time.time())
        return Done(decision, (), self._decisions.keep(decision, messages))

    def undo(self, decision_id: str) -> Done | None:
        """Takes a decision back, and exactly its phrase out of the data.

        Args:
            decision_id: which.

        Returns:
            What was done; None where it was taken back already.

        Raises:
            PhrasingError: the phrase stands there no more, or the file cannot be changed.
        """
        decision = self._decisions.get(decision_id)
        if decision is None:
            return None
        with self.files.alone() as writer:
            phrase = self._written(decision)
            changes = writer.remove([phrase]) if phrase else []
            return Done(decision, tuple(changes), self._decisions.drop(decision_id))

    def _written(self, decision: Decision) -> Phrase | None:
        """The phrase of a decision as it stands in the data; None where somebody has taken it out or changed it."""
        if not decision.phrase_sha256:
            return None
        for each in read_phrasings(self._root / "data" / "nlu"):
            phrase = Phrase(each.text, each.intents, file=each.file)
            if each.file == decision.file and phrase_hash(phrase) == decision.phrase_sha256:
                return phrase
        return None


def _new_id() -> str:
    return str(uuid.uuid4())
