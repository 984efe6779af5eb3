"""How long a complaint has lasted: spans of time in a message, in days.

Plain functions over the words of a message. The clock comes from outside; the words that tell the complaint's time from
any other time are data (``data/facts/durations.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from nlu.clauses import MODAL, QUESTION_OPENERS, Clause
from nlu.dates import BEGAN, FEASTS, LIFELONG, MONTHS, SEASONS
from nlu.hints import Hints
from nlu.numbers import UNITS
from nlu.spelling import Word
from nlu.timespans import Span, spans

IF = frozenset("if whether unless suppose supposing imagine assuming".split())
KNOWING = frozenset("know sure tell wonder wondering asking ask idea see even".split())
LASTING = frozenset(
    "last lasts go take takes continue persist stay remain happen occur stick become wait keep endure hang".split()
)
DENIALS = frozenset("not isnt wasnt hasnt aint".split())
ENDED = re.compile(r"\b(?:it|then|but|now|and) (?!hasnt|hadnt|never|havent|not)(?:\w+ )?(?:stopped|gone|went away)\b")
TAKING_BACK = re.compile(
    r"(?:^| )(?:well|ok|okay|really|actually|meaning|mean|kidding|joking|jk|i e|i \. e|ie|aka|rather|in fact|lol|"
    r"only|truth|truly)(?: |$)"
)
BRACKET = re.compile(r"^\W*\( (?:(?!a (?:day|week|night)\b|in |on )[^)]){1,30} \)")
SHORTLY = frozenset("minute minutes min mins minus second seconds hour hours today yesterday tonight".split())
TO = frozenset(", - – to through until till til into".split())
NOW = frozenset("now already today meanwhile were nearly almost still".split())
BEGINNING = BEGAN | frozenset("since from first when showed show here was beginning".split())
BEFORE_MAY = {*TO, *MONTHS} | frozenset("in its is mid early late of april now nearly almost have last".split())
MARKS = {name: month for month, name in enumerate(MONTHS, 1)} | {name: first + 1 for name, first in SEASONS.items()}
MARKS |= {name: month for name, (month, _) in FEASTS.items()}
SIGNS_OF = {
    1: "winter ice snow snowing sledging",
    2: "snowdrops carnival",
    3: "daffodils crocuses",
    4: "tulips blossom green",
}
SIGNS_OF |= {5: "bluebells asparagus", 6: "strawberries roses", 7: "heatwave heat barbecue barbecues bbq sunbathing"}
SIGNS_OF |= {8: "harvest wasps", 10: "leaves raking conker conkers pumpkins pumpkin", 12: "frost xmas gloves"}
MARKS |= {sign: month for month, signs in SIGNS_OF.items() for sign in signs.split()}
"""Month of what everybody knows the season by."""

CHILD = r"(?:baby|he|she|hes|shes|son|daughter|little one|kid|toddler|twins|boy|girl|bub)"
BORN = r"(?:pregnan\w+|trimester|expecting|birth|born|newborn|maternity)"
GROWN = (
    r"(?:crawl\w*|walk(?:s|ing)|talk(?:s|ing)|toddl\w+|teeth\w*|solids|weaned|nursery|preschool|kindergarten|potty|"
    r"school|sits|sitting|daycare|babbl\w+|tooth)"
)
COURSE = r"(?:term|season|semester|school|degree|course|apprenticeship|training|league|campaign|uni)"
CLOSING = (
    r"(?:last|final|finale|finals|ends?|ended|ending|over|holidays|break|graduat\w+|exams|playoffs|half term|reports?|"
    r"in year (?:two|three|four|\d))"
)
STORIES = (
    (re.compile(rf"\b{BORN} .*\b{CHILD} (?:\w+ )?(?:\w+ )?(?:\w+ )?(?:\w+ )?{GROWN}\b"), 120.0),
    (
        re.compile(
            rf"\b(?:since|when|with) (?:\w+ )?(?:\w+ )?(?:\w+ )?(?:\w+ )?{COURSE} "
            rf"(?:\w+ )?(?:\w+ )?(?:\w+ )?(?:and|now|,|but) .*\b{CLOSING}\b"
        ),
        60.0,
    ),
)
"""Events of a life that lie months apart, and the least days between them."""

ACTUAL = frozenset("been already has ive now".split())
"""Behind "if" these tell what is so: "is it bad if it *has been* there for weeks"."""
ANYONE = frozenset("you someone somebody anyone people one they".split())


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
    found = spans(norms, today, pairs(norms))
    clauses = [Clause(norms, span, hints) for span in found]
    return [_judge(clause, found) for clause in clauses if not clause.is_foreign()]


def pairs(words: Sequence[str]) -> list[Span]:
    """Finds two marks of the calendar or of a life that tell how long: "since the daffodils ... now we rake leaves".

    Args:
        words: normal forms.

    Returns:
        The span from the first mark to the second, where they are.
    """
    marks = [(at, MARKS[word]) for at, word in enumerate(words) if word in MARKS and _is_mark(words, at)]
    while len(marks) > 2 and _is_range(words, marks[0][0], marks[1][0]) and _is_range(words, marks[1][0], marks[2][0]):
        del marks[1]
    for (first, month), (second, other) in pairwise(marks):
        months = (other - month) % 12
        days, start = (months - 0.5) * UNITS["month"], _start(words, first)
        if months and _begins(words, first) and _is_now(words, second):
            return [Span(days, start, second + 1, "since")]
        if months and _is_range(words, first, second):
            return [Span(days, start, second + 1, "count")]
    text = " ".join(words)
    for pattern, days in STORIES:
        if match := pattern.search(text):
            start = text.count(" ", 0, match.start())
            return [Span(days, _start(words, start), start + match[0].count(" ") + 1, "since")]
    return []


def _is_mark(words: Sequence[str], at: int) -> bool:
    """ "May" is a month only where it is no verb."""
    return words[at] != "may" or at == 0 or words[at - 1] in BEFORE_MAY


def _is_range(words: Sequence[str], first: int, second: int) -> bool:
    """ "March to may", "january through april", "march, april"."""
    named = {words[first], words[second]} <= {*MONTHS, *SEASONS}
    return named and set(words[first + 1 : second]) <= TO | {*MONTHS}


def _begins(words: Sequence[str], at: int) -> bool:
    return at == 0 or bool(BEGINNING & set(words[max(0, at - 8) : at])) or bool(BEGAN & set(words[at : at + 7]))


def _is_now(words: Sequence[str], at: int) -> bool:
    before = words[max(0, at - 6) : at]
    return bool(NOW & set(before)) or words[at + 1 : at + 2] in (["now"], ["already"])


def _start(words: Sequence[str], at: int) -> int:
    """The "since" or "from" before a mark, or the mark itself."""
    return next((place for place in range(at, max(-1, at - 7), -1) if words[place] in ("since", "from")), at)


def _judge(clause: Clause, found: Sequence[Span]) -> Duration:
    """The span with its flags."""
    hints, text, rest = clause.hints, " ".join(clause.whole), " ".join(clause.norms)
    around = set(clause.before + clause.after)
    over = bool(hints.over_phrases.search(text)) or bool(hints.over & around) or bool(ENDED.search(rest))
    near = " ".join([*clause.before, "TIME", *clause.after])
    over = over or bool(hints.over_clause.search(near))
    since = clause.span.kind == "since"
    back = since or bool(hints.back_phrases.search(rest)) or bool(hints.ongoing & set(clause.after))
    return Duration(
        _days(clause),
        clause.span.start,
        clause.span.end,
        negated=_is_denied(clause) or _is_taken_back(clause, found),
        hypothetical=_is_hypothetical(clause),
        historical=over and not back,
        person="none" if hints.strangers.search(near) or clause.is_someone_elses() else "self",
    )


def _is_taken_back(clause: Clause, found: Sequence[Span]) -> bool:
    """An exaggeration with the truth behind it: "for ages (40 minutes)", "forever, well, two days"."""
    span, behind = clause.span, list(clause.norms[clause.span.end : clause.span.end + 9])
    loose = span.kind in ("bare", "vague") or span.days > LIFELONG or {"feels", "felt", "like"} & set(clause.before)
    if not loose:
        return False
    shorter = [other.start - span.end for other in found if other.start >= span.end and other.days < span.days]
    shorter += [at for at, word in enumerate(behind) if word in SHORTLY]
    place = min(shorter, default=99)
    if place >= len(behind) or {"each", "every", "times", "per", "at", "nothing"} & set(behind):
        return False
    between = " ".join(behind[:place])
    return bool(TAKING_BACK.search(between)) or bool(BRACKET.search(" ".join(behind)))


def _is_denied(clause: Clause) -> bool:
    """ "Not weeks, just a day or two", "it doesn't last weeks"."""
    if clause.last in DENIALS or (clause.last == "been" and clause.before[-2:-1] in (["not"], ["hasnt"])):
        return True
    return clause.last in ("last", "lasted") and bool({"doesnt", "didnt", "never"} & set(clause.before))


def _days(clause: Clause) -> float:
    less = {"under", "barely"} & set(clause.before[-1:]) or clause.before[-2:] in (
        ["less", "than"],
        ["not", "even"],
        ["not", "quite"],
    )
    return clause.span.days * 0.9 if less else clause.span.days


def _is_hypothetical(clause: Clause) -> bool:
    if clause.last in MODAL:
        return clause.span.kind != "age"
    before = list(clause.norms[clause.sentence[0] : clause.span.start])
    for at, word in enumerate(before):
        if word in IF and not KNOWING & set(before[max(0, at - 2) : at]) and _reaches(before, at):
            return True
    return any(_asks(clause, at) for at in range(len(clause.before)))


def _reaches(before: Sequence[str], at: int) -> bool:
    """An "if" reaches to the comma or joint that opens another statement, and does not suppose what is so."""
    behind = before[at:]
    if any(word in (",", "but", ":") for word in behind):
        return False
    what_if = before[max(0, at - 1) : at] == ["what"] or "happens" in before[max(0, at - 1) : at]
    return what_if or not ACTUAL & set(behind) or bool(ANYONE & set(behind))


def _asks(clause: Clause, at: int) -> bool:
    word, behind = clause.before[at], clause.before[at + 1 :]
    if not (word in MODAL or (word in QUESTION_OPENERS and at == 0)) or {"i", "my", "ive"} & set(behind):
        return False
    supposed = word in ("would", "should", "might") and "be" in behind
    return clause.span.kind == "bare" or supposed or bool(LASTING & set(behind))
