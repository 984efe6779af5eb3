"""Reads the body of ``POST /chat/messages``: one typed text or one pressed button, with the client's id."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from channels.problems import Problem
from channels.text import clean


@dataclass(frozen=True)
class Incoming:
    """What a reader sends: exactly one of ``text`` and ``payload`` is set."""

    id: str
    text: str | None = None
    payload: str | None = None


def read_incoming(content_type: str, body: bytes, max_text_length: int) -> Incoming:
    """Checks a request's body. Fields that are not known are ignored, so that a newer page can talk to an older server.

    Args:
        content_type: the header of that name.
        body: the raw bytes.
        max_text_length: characters; a longer text is content too large (413, RFC 9110 section 15.5.14), not malformed.

    Raises:
        Problem: 400, 413 or 415.
    """
    fields = json_object(content_type, body)
    message_id = uuid_of(fields.get("id"))
    text, payload = fields.get("text"), fields.get("payload")
    if (text is None) == (payload is None) or not isinstance(text if payload is None else payload, str):
        raise Problem("text_or_payload")
    if text is None:
        return Incoming(message_id, payload=payload)
    return Incoming(message_id, text=_text(text, max_text_length))


def json_object(content_type: str, body: bytes) -> dict[str, Any]:
    """The fields of a body.

    Raises:
        Problem: 415 if it is not said to be JSON, 400 if it is no JSON object.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise Problem("not_json")
    try:
        fields = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Problem("bad_json") from error
    if not isinstance(fields, dict):
        raise Problem("not_an_object")
    return fields


def uuid_of(value: Any) -> str:
    """The id in lower case; only the usual form of 36 characters counts.

    Raises:
        Problem: 400 if it is anything else.
    """
    try:
        canonical = str(UUID(value))
    except (ValueError, TypeError, AttributeError) as error:
        raise Problem("bad_id") from error
    if canonical != value.lower():
        raise Problem("bad_id")
    return canonical


def _text(text: str, max_length: int) -> str:
    if len(text) > max_length:
        raise Problem("text_too_long", limit=max_length)
    cleaned = clean(text)
    if not cleaned.strip():
        raise Problem("blank_text")
    return cleaned
