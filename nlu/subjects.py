"""Whose time a span of time is: the complaint's, or another subject's in the same clause."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from spacy.lang.en.stop_words import STOP_WORDS

from nlu.dates import BEGAN
from nlu.hints import Hints
from nlu.timespans import Span

SIGNS = frozenset(".!?;,()\n–—…/")
STOPS = frozenset(".!?;\n")
JOINTS = frozenset("and but so because while though although which cause yet however whereas despite".split())

POINTERS = frozenset("it its this".split())
OWNERS = frozenset("my our the a an his her their your some".split())
"""Behind one of these a word is a noun."""

PERFECT = frozenset("been have has had ive hasnt havent was were".split())
VERB_ENDINGS = ("ing", "ed", "en")
BUSY = frozenset("been had am im was".split())
SPEAKERS = frozenset("i ive im we weve he hes she shes they theyve".split())

KIN = frozenset(
    "mum mom mam mother dad father gran granny grandma grandmother grandpa grandad granddad grandfather nan nana aunt "
    "auntie uncle cousin brother sister husband wife partner boyfriend girlfriend ex friend mate colleague coworker "
    "neighbour neighbor flatmate roommate boss son daughter nephew niece".split()
)
FOREIGN = frozenset("hers theirs".split())
OWN = re.compile(r"\b(?:mine|my own|me ,|as for me|with me|i (?:only |just |now )?(?:got|have|had)|ive|im on)(?: |$)")
"""How somebody tells of their own complaint after another's."""
AFTER_EVENT = re.compile(r"\b(?:after|post|since|following|recovering|recovery|from|surgery|operation)\b")
BODY = POINTERS | set(
    "eye eyes eyelid eyelids lid lids eyebrow brow cheek lip lips chin jaw face nose thumb finger fingers hand hands "
    "arm arms forearm shoulder shoulders calf calves thigh leg legs knee knees foot feet toe toes head tongue throat "
    "ear ears neck rib ribs chest hip hips heel palm wrist elbow ankle back skin belly stomach scalp mouth thing one "
    "problem issue condition stuff body stiff sore pain painful hurts hurting aching".split()
)
"""Words for the complaint that other complaints are told with just as well."""


CORRECTED = re.compile(r"(?:, )?not (?:\w+ ){0,2}(?:minute|hour|day|week|month|year)s?\b")
"""Behind a time that puts another one right: "she says three weeks, not three days"."""


class Subject:
    """The clause around one span of time, and what it is about."""

    def __init__(self, norms: Sequence[str], span: Span, hints: Hints) -> None:
        """Cuts the clause and the sentence out.

        Args:
            norms: the words of the message.
            span: the span of time.
            hints: the words of ``durations.toml``.
        """
        self.norms, self.span, self.hints = norms, span, hints
        self.clause = (self._edge(span.start, -1, self._is_joint), self._edge(span.end, 1, self._is_joint))
        self.sentence = (self._edge(span.start, -1, self._is_stop), self._edge(span.end, 1, self._is_stop))
        self.before = list(norms[self.clause[0] : span.start])
        self.after = list(norms[span.end : self.clause[1]])
        self.whole = list(norms[self.sentence[0] : self.sentence[1]])
        self.last = self.before[-1] if self.before else ""
        self.following = self.after[0] if self.after else ""

    def _edge(self, at: int, step: int, ends: Callable[[int], bool]) -> int:
        if step < 0:
            while at > 0 and not ends(at - 1):
                at -= 1
            return at
        while at < len(self.norms) and not ends(at):
            at += 1
        return at

    def _is_stop(self, at: int) -> bool:
        return self.norms[at] in STOPS

    def _is_joint(self, at: int) -> bool:
        return self.norms[at] in SIGNS or self.norms[at] in JOINTS

    def _about_complaint(self, words: Sequence[str]) -> bool:
        if any(self.hints.other(word) and not self.hints.complaint(word) for word in words[:3]):
            return False
        return any(self.hints.complaint(word) for word in words) or (
            bool(words) and words[0] in self.hints.of_complaint
        )

    def _leads_elsewhere(self) -> bool:
        """ "Twenty years in the police", unlike "3 weeks in a row" or "4 weeks on a diet, still there"."""
        rest = self.after[1:5]
        if not rest or set(rest) & self.hints.of_complaint or any(self.hints.complaint(word) for word in rest):
            return False
        told = self.following != "as" and any(
            self.hints.complaint(word) and not self.hints.other(word) and word not in POINTERS for word in self.before
        )
        return not told and not self.hints.unhelped.search(" ".join(self.norms))

    def _belongs_to_other(self) -> bool:
        if ("since" in self.before and self.following == "ago") or self._dates_beginning():
            return False
        old = self.following == "old" and "mine" in self.before
        others = [word for word in self.before + self.after[old:] if self.hints.other(word)]
        return bool(others) and not self._is_remedy_in_vain(others) and not self._complaint_is_nearer()

    def _dates_beginning(self) -> bool:
        """ "(It) began last summer at the beach", unlike "started uni in March"."""
        told = len(self.before) == 1 or self._names_complaint(self.before)
        return self.span.kind == "since" and self.last in BEGAN and told

    def _is_remedy_in_vain(self, others: Sequence[str]) -> bool:
        """ "4 weeks of a diet, still there"."""
        others = [word for word in others if self.hints.other(word)]
        return (
            bool(others)
            and all(map(self.hints.remedy, others))
            and bool(self.hints.unhelped.search(" ".join(self.norms)))
        )

    def _names_complaint(self, words: Sequence[str]) -> bool:
        return any(self.hints.complaint(word) for word in words)

    def _complaint_is_nearer(self) -> bool:
        def distance(test: Callable[[str], bool]) -> float:
            places = [len(self.before) - at for at, word in enumerate(self.before) if test(word)]
            places += [at + 1 for at, word in enumerate(self.after) if test(word)]
            return min(places, default=99)

        strong = distance(
            lambda word: self.hints.complaint(word) and not self.hints.other(word) and word not in POINTERS
        )
        weak = distance(lambda word: word in POINTERS)
        return strong < 99 or weak < distance(self.hints.other)

    def is_someone_elses(self) -> bool:
        """Told before the reader's own: "grandpa had it for years. Mine began at lunch"."""
        if FOREIGN & set(self.before):
            return True
        kin = any(word.removesuffix("s") in KIN for word in self.before)
        behind = " ".join(self.norms[self.span.end :])
        return kin and not {"has", "have", "is", "are", "been"} & set(self.before) and bool(OWN.search(behind))

    def _follows_event(self) -> bool:
        """ "Dry eyes after an operation, 6 weeks now": no word of a movement in the whole message."""
        text = " ".join(self.norms[self.sentence[0] : self.clause[0]])
        if set(self.before) - {"for", "about", "now", "already", "like"} or not AFTER_EVENT.search(text):
            return False
        return not any(self.hints.complaint(word) and word not in BODY for word in self.norms)

    def _has_another_subject(self) -> bool:
        """A thing or a doing that no list knows: "my parcel", "been learning guitar"; "leg day"; what others say."""
        if CORRECTED.match(" ".join(self.norms[self.span.end :])):
            return False
        text = " ".join([*self.before, "TIME", *self.after])
        if self.hints.compounds.search(text) or self.hints.reported.search(text):
            return True
        if "since" in self.before and self.following == "ago":
            return False
        if self._names_complaint(self.before):
            return False
        if any(self._is_unknown_doing(at) for at in range(len(self.before))):
            return True
        if self._names_complaint(self.after):
            return False
        if self.following in SPEAKERS and any(map(self._is_unknown, self.after[1:2])):
            return True
        return self._has_unknown_noun(self.before) or self._has_unknown_noun(self.after)

    def _is_unknown(self, word: str) -> bool:
        known = word in STOP_WORDS or word in self.hints.of_complaint or self.hints.plain(word)
        return word.isalpha() and len(word) > 2 and not word.endswith("ly") and not known

    def _is_unknown_doing(self, at: int) -> bool:
        """ "Been learning", "I've been vegetarian", "we've had builders"."""
        word, last = self.before[at], self.before[max(0, at - 1)]
        if not self._is_unknown(word):
            return False
        if last in SPEAKERS or last == "got":
            return True
        if last in BUSY and (last == "im" or SPEAKERS & set(self.before[max(0, at - 4) : at])):
            return True
        return word.endswith(VERB_ENDINGS) and bool(PERFECT & set(self.before[max(0, at - 3) : at]))

    def _has_unknown_noun(self, words: Sequence[str]) -> bool:
        return any(
            (words[at] in OWNERS or words[at] == "new")
            and self._is_unknown(words[at + 1])
            and "day" not in words[at + 2 : at + 4]
            for at in range(len(words) - 1)
        )
