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


def clauses(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a message stand.

    A clause ends at a sign, a line or in front of a joint such as "and how".

    Args:
        text: a message.

    Returns:
        Start and end of each that has a word, without the spaces around it.
    """
    breaks = [match.span() for match in _BREAK.finditer(text)]
    edges = zip([0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)], strict=True)
    return [_trimmed(text, start, end) for start, end in edges if _WORD.search(text, start, end)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    return start, start + len(part.strip())


def asked_clauses(text: str) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the first and the last clause that asks something stand.

    A clause asks if it has a question mark, or begins with one of ``OPENERS``.

    Args:
        text: a message.

    Returns:
        Start and end of the two, which are the same where only one clause asks. Where none does, those of the first
        and the last clause; where there is only one clause, twice those of the text.
    """
    parts = clauses(text)
    if len(parts) < 2:
        return (0, len(text)), (0, len(text))
    asking = [(start, end) for start, end in parts if _asks(text[start:end])]
    return (asking[0], asking[-1]) if asking else (parts[0], parts[-1])


def _asks(clause: str) -> bool:
    return "?" in clause or _QUESTION.match(clause) is not None
