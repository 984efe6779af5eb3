"""How long a complaint has lasted: spans of time in a message, in days.

Plain functions over the words of a message. The clock comes from outside; the words that tell the complaint's time from
any other time are data (``data/facts/durations.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from nlu.hints import Hints
from nlu.spelling import Word
from nlu.timespans import Span, spans

SIGNS = frozenset(".!?;:,()\n–—…/")
STOPS = frozenset(".!?;\n")
JOINTS = frozenset("and but so because while though although which cause yet however whereas".split())

BEFORE_NOT = frozenset("every each within next another once twice thrice times time per until till by before".split())
BEFORE_NOT |= {"lasting", "alternate", "maximum", "max"}
"""A span behind one of these says how often, how soon or how long at a time."""

AFTER_NOT = frozenset(
    "old olds o / younger older each apart pregnant along postpartum later ahead left away off".split()
)
AFTER_NOT |= {"warranty", "notice", "sentence", "max", "maximum", "tops"}
"""A span before one of these is an age, a pause or a time to come."""

IF = frozenset("if unless suppose supposing imagine assuming".split())
KNOWING = frozenset("know sure tell wonder wondering asking ask idea see even".split())
MODAL = frozenset("can could will would may might should does do did shall gonna".split())
LASTING = frozenset(
    "last lasts go take takes continue persist stay remain happen occur stick become wait keep endure hang".split()
)
DENIALS = frozenset("not isnt wasnt hasnt aint".split())
GOING_ON = frozenset("hasnt havent hadnt never wont doesnt didnt nonstop non not".split())
ENDED = re.compile(r"\b(?:it|then|but|now|and) (?!hasnt|hadnt|never|havent|not)(?:\w+ )?(?:stopped|gone|went away)\b")
FOREIGN = frozenset("hers theirs".split())
QUESTION_OPENERS = frozenset("how when".split())


@dataclass(frozen=True)
class Duration:
    """A time that a message states, with what the message says about it.

    ``days`` is the lower bound; ``start`` and ``end`` are word numbers.
    """

    days: float
    start: int
    end: int
    negated: bool = False
    hypothetical: bool = False
    historical: bool = False
    person: str = "self"


def find_durations(words: Sequence[Word], hints: Hints, today: date) -> list[Duration]:
    """Finds the times that the complaint is said to have lasted.

    Args:
        words: the words of the message.
        hints: the words of ``durations.toml``.
        today: what "since March" is counted from.

    Returns:
        Durations in order; times of other things, frequencies, ages and times to come are left out.
    """
    norms = [word.norm for word in words]
    found = []
    for span in spans(norms, today):
        context = _Context(norms, span, hints)
        if not context.is_foreign():
            found.append(context.judge())
    return found


class _Context:
    """What stands around one span of time."""

    def __init__(self, norms: Sequence[str], span: Span, hints: Hints) -> None:
        self.norms, self.span, self.hints = norms, span, hints
        self.clause = (self._edge(span.start, -1, self._is_joint), self._edge(span.end, 1, self._is_joint))
        self.sentence = (self._edge(span.start, -1, self._is_stop), self._edge(span.end, 1, self._is_stop))
        self.before = list(norms[self.clause[0] : span.start])
        self.after = list(norms[span.end : self.clause[1]])
        self.whole = list(norms[self.sentence[0] : self.sentence[1]])

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

    def is_foreign(self) -> bool:
        """Whether the span is no duration of the complaint."""
        last = self.before[-1] if self.before else ""
        following = self.after[0] if self.after else ""
        if self.span.kind == "rank":
            return following == "of" and not self._about_complaint(self.after[1:4])
        if (last in BEFORE_NOT and self.span.kind != "since") or last == "how" or self._is_age(last):
            return True
        if following in AFTER_NOT and not (following == "off" and self.after[1:3] == ["and", "on"]):
            return True
        if self._is_future(last) or self._is_pause() or self._is_ago(following):
            return True
        if following == "of":
            return not (self._about_complaint(self.after[1:6]) or self._is_remedy_in_vain(self.after[1:4]))
        if following in ("from", "to", "until", "till"):
            return self.after[1:2] != ["now"] or following == "from"
        if following in ("in", "behind", "with", "at", "as", "on", "into", "without") and self._leads_elsewhere():
            return True
        return self._belongs_to_other() or (self.span.kind == "bare" and not self._bare_counts())

    def _is_age(self, last: str) -> bool:
        """An age, or the weeks of a pregnancy: "my girl 7 years", "I'm 34 weeks"."""
        if last in ("im", "am", "at") or self.before[-2:] in (["hes", "about"], ["shes", "about"]):
            return self.after[:1] not in (["in"], ["into"], ["now"]) and not {"mine", "mines", "its", "it"} & set(
                self.before
            )
        year = self.norms[self.span.end - 1].startswith("y")
        return year and (self.hints.people(last) or last in ("aged", "age", "is", "hes", "shes"))

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
        return not self.hints.unhelped.search(" ".join(self.norms))

    def _is_future(self, last: str) -> bool:
        if last not in ("in", "for", "over") or (self.span.kind == "since" and last == "in"):
            return False
        if last == "for":
            return self.before[-2:-1] in (["booked"], ["scheduled"])
        past = {"havent", "hasnt", "hadnt", "worse", "changed", "spread", "grown", "never", "times"}
        return last == "in" and not past & set(self.whole)

    def _is_pause(self) -> bool:
        if GOING_ON & set(self.before[-4:]):
            return False
        if self.before[-3:-1] == ["it", "left"]:
            return True
        if self.before[-1:] == ["then"] and self.before[-2:-1] in (["more"], ["longer"], ["less"], ["over"]):
            return False  # "more then 3 weeks": a common slip for "than"
        return any(word in self.hints.pause for word in self.before[-2:]) and "since" not in self.before[-1:]

    def _is_ago(self, following: str) -> bool:
        """ "3 weeks ago" counts where something of the complaint began then."""
        if following not in ("ago", "back", "before"):
            return False
        clause = self.before + self.after[1:]
        if any(self.hints.other(word) for word in clause):
            return not self._complaint_is_nearer()
        began = bool(self.hints.started & set(clause)) or "since" in clause
        return not (began or (not self.before and not self.after[1:]) or self.before == ["since"])

    def _belongs_to_other(self) -> bool:
        others = [word for word in self.before + self.after if self.hints.other(word)]
        return bool(others) and not self._is_remedy_in_vain(others) and not self._complaint_is_nearer()

    def _is_remedy_in_vain(self, others: Sequence[str]) -> bool:
        """ "4 weeks of a diet, still there"."""
        others = [word for word in others if self.hints.other(word)]
        return (
            bool(others)
            and all(map(self.hints.remedy, others))
            and bool(self.hints.unhelped.search(" ".join(self.norms)))
        )

    def _complaint_is_nearer(self) -> bool:
        def distance(test: Callable[[str], bool]) -> float:
            places = [len(self.before) - at for at, word in enumerate(self.before) if test(word)]
            places += [at + 1 for at, word in enumerate(self.after) if test(word)]
            return min(places, default=99)

        strong = distance(
            lambda word: self.hints.complaint(word) and not self.hints.other(word) and word not in ("it", "its", "this")
        )
        weak = distance(lambda word: word in ("it", "its", "this"))
        return strong < 99 or weak < distance(self.hints.other)

    def _bare_counts(self) -> bool:
        """ "weeks" without a number states a time beside "for", "since", "now" or in a statement of the complaint."""
        if any(word in ("many", "how", "much") for word in self.before[-2:]):
            return False
        if self.before and self.before[-1] in (
            "for",
            "since",
            "over",
            "meant",
            "mean",
            "its",
            "been",
            "lasted",
            "going",
            "off",
            "not",
            "no",
        ):
            return True
        return bool(self.after and self.after[0] in ("now", "not")) or (
            not any(word in MODAL | QUESTION_OPENERS for word in self.whole)
            and (any(self.hints.complaint(word) for word in self.before + self.after) or len(self.whole) <= 3)
            and not (self.after and self.after[0] in ("or", "?"))
            and not (self.before and self.before[-1] in ("lasts", "or", "hours", "few", "some"))
        )

    def judge(self) -> Duration:
        """The span with its flags."""
        text, rest = " ".join(self.whole), " ".join(self.norms)
        over = bool(self.hints.over_phrases.search(text)) or bool(self.hints.over & set(self.before + self.after))
        over = over or bool(ENDED.search(rest))
        back = (
            bool(self.hints.back_phrases.search(rest))
            or self.span.kind == "since"
            or bool(self.hints.ongoing & set(self.after))
        )
        return Duration(
            self._days(),
            self.span.start,
            self.span.end,
            negated=bool(self.before) and self.before[-1] in DENIALS,
            hypothetical=self._is_hypothetical(),
            historical=over and not back,
            person="none" if FOREIGN & set(self.before) else "self",
        )

    def _days(self) -> float:
        less = {"under", "barely"} & set(self.before[-1:]) or self.before[-2:] in (
            ["less", "than"],
            ["not", "even"],
            ["not", "quite"],
        )
        return self.span.days * 0.9 if less else self.span.days

    def _is_hypothetical(self) -> bool:
        before = list(self.norms[self.sentence[0] : self.span.start])
        for at, word in enumerate(before):
            if word in IF and not KNOWING & set(before[max(0, at - 2) : at]) and not self._closed(before[at:]):
                return True
        clause = self.before
        for at, word in enumerate(clause):
            asks = word in MODAL or (word in QUESTION_OPENERS and at == 0)
            if (
                asks
                and not {"i", "my", "ive"} & set(clause[at:])
                and (self.span.kind == "bare" or LASTING & set(clause[at + 1 :]))
            ):
                return True
        return False

    def _closed(self, words: Sequence[str]) -> bool:
        """An "if" reaches to the comma or joint that opens another statement."""
        return any(word in (",", "but", ":") for word in words)
