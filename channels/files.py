"""Files for browsers: kept there and checked again by their ETag, and packed with gzip for those that take it."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from sanic.request import Request
from sanic.response import HTTPResponse

from channels.problems import Problem

_ZERO = ("q=0", "q=0.0", "q=0.00", "q=0.000")


def file_response(request: Request, path: Path, content_type: str, caching: str) -> HTTPResponse:
    """A file as it is now.

    Raises:
        Problem: 404 if it is not there.
    """
    if not path.is_file():
        raise Problem("not_found")
    return cached_response(request, path.read_bytes(), content_type, caching)


def cached_response(request: Request, body: bytes, content_type: str, caching: str) -> HTTPResponse:
    """The body, or 304 where the browser has it already.

    Only for what is the same for everybody: packed, the length of an answer would tell about secrets beside what an
    attacker has put in (BREACH, CVE-2013-3587).

    Args:
        request: its ``Accept-Encoding`` and ``If-None-Match`` count.
        body: unpacked.
        content_type: of the unpacked body.
        caching: the header ``Cache-Control``.
    """
    packed = takes_gzip(request.headers.get("accept-encoding", ""))
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}{"-gzip" if packed else ""}"'
    headers = {"Cache-Control": caching, "ETag": tag, "Vary": "Accept-Encoding"}
    if tag in _tags(request.headers.get("if-none-match", "")):
        return HTTPResponse(status=304, headers=headers)
    if packed:
        return HTTPResponse(_packed(body), headers={**headers, "Content-Encoding": "gzip"}, content_type=content_type)
    return HTTPResponse(body, headers=headers, content_type=content_type)


def takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` header takes gzip (RFC 9110, section 12.5.3); a missing one is empty here."""
    takes = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        takes[name.strip()] = weight.replace(" ", "") not in _ZERO
    return takes.get("gzip", takes.get("*", False))


def _tags(header: str) -> list[str]:
    """The tags of an ``If-None-Match`` header, weak ones too: a proxy may have weakened ours (RFC 9110, 13.1.2)."""
    return [part.strip().removeprefix("W/") for part in header.split(",")]


@lru_cache(maxsize=8)
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)
