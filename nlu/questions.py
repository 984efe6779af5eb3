"""Where in a message its questions stand, so that the story around them does not drown them."""

from __future__ import annotations

import re

OPENERS = (
    "how why what whats when where who which whether if will can could should would shall is are am was do does did "
    "has have any anyone anything help tips reason cause causes tell explain need want y hw wat wot shud cud"
).split()
"""Words that begin a question or a request in English, as people type it."""

LEADS = "so and but or also plus ok okay well then please pls just now hi hello doctor".split()
"""Words that may stand in front of an opener."""

_OPENER = rf"(?:{'|'.join(OPENERS)})\b"
_LEAD = rf"(?:(?:{'|'.join(LEADS)})\b[\s,]*)*"
_BREAK = re.compile(rf"(?<=[.?!;,:\n])\s+|\n|\s-+\s|…|(?<=\w)\s+(?=(?:and|or|but|also|so)\s+{_OPENER})", re.IGNORECASE)
_QUESTION = re.compile(_LEAD + _OPENER, re.IGNORECASE)
_WORD = re.compile(r"\w")


def asked_clauses(text: str) -> tuple[str, str]:
    """The first and the last clause that asks something.

    A clause ends at a sign, a line or in front of a joint such as "and how". One with a question mark asks, and one
    that begins with one of ``OPENERS``.

    Args:
        text: a message.

    Returns:
        The two, which are the same where only one clause asks. Where none does, the first and the last clause; where
        there is only one clause, twice the text as it is.
    """
    clauses = [clause.strip() for clause in _BREAK.split(text) if _WORD.search(clause)]
    if len(clauses) < 2:
        return text, text
    asking = [clause for clause in clauses if "?" in clause or _QUESTION.match(clause)]
    return (asking[0], asking[-1]) if asking else (clauses[0], clauses[-1])
