"""Sessions of the chat API: an opaque, signed text that names one conversation and expires.

Nothing about a session is stored; whoever holds the text may read, continue and delete its conversation.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from itsdangerous import BadSignature, URLSafeTimedSerializer

from channels.problems import Problem
from faq.errors import SetupError

KEYS_VARIABLE = "FAQ_SECRET_KEYS"
SHORTEST_KEY = 32
"""Characters; 32 random characters of base64 are 192 bits, more than SHA-256 signatures need (RFC 2104: 128 bits)."""

MOST = 4_096
"""Sessions whose signature was found good and is not computed again, about a megabyte. When they expire is looked at
each time."""


def secret_keys(environment: Mapping[str, str], secret_file: Path) -> tuple[str, ...]:
    """The signing keys, newest first: from ``FAQ_SECRET_KEYS``, else from the file, which is made when missing.

    Args:
        environment: usually ``os.environ``; ``FAQ_SECRET_KEYS`` holds keys separated by commas. To change the key put
            the new one in front and drop the old one when its sessions have expired.
        secret_file: holds one key and is readable by its owner only.

    Raises:
        SetupError: if a key is too short or others can read the file.
    """
    listed = tuple(key.strip() for key in environment.get(KEYS_VARIABLE, "").split(",") if key.strip())
    if listed:
        return _long_enough(listed, KEYS_VARIABLE)
    if not secret_file.exists():
        _create(secret_file)
    if secret_file.stat().st_mode & 0o077:
        raise SetupError(f"[CHT03] {secret_file} can be read by others: chmod 600 {secret_file}, or delete it.")
    return _long_enough((secret_file.read_text(encoding="ascii").strip(),), str(secret_file))


def _long_enough(keys: tuple[str, ...], place: str) -> tuple[str, ...]:
    if any(len(key) < SHORTEST_KEY for key in keys):
        raise SetupError(
            f"[CHT04] {place} holds a key of less than {SHORTEST_KEY} characters. "
            "Make one with: python -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return keys


def _create(secret_file: Path) -> None:
    """Writes a new key so that a reader sees all of it or no file, whichever of two processes comes first."""
    secret_file.parent.mkdir(parents=True, exist_ok=True)
    draft = secret_file.with_name(f"{secret_file.name}.{uuid4().hex}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    try:
        os.link(draft, secret_file)
    except FileExistsError:
        return  # another process was first; its key counts
    finally:
        draft.unlink()


class Sessions:
    """Issues and reads session texts.

    Args:
        keys: signing keys, newest first; the first signs, all are accepted.
        lifetime: seconds that a session is valid after it was issued.
    """

    def __init__(self, keys: Sequence[str], lifetime: int) -> None:
        self._lifetime = lifetime
        self._serializer = URLSafeTimedSerializer(
            list(reversed(keys)), salt="faq.chat.session", signer_kwargs={"digest_method": hashlib.sha256}
        )
        self._signed = lru_cache(maxsize=MOST)(self._verified)

    def issue(self, conversation: str) -> tuple[str, str]:
        """A new session for a conversation.

        Returns:
            The session and when it expires (ISO 8601, UTC).
        """
        expires = datetime.now(timezone.utc) + timedelta(seconds=self._lifetime)
        return str(self._serializer.dumps(conversation)), expires.isoformat(timespec="seconds").replace("+00:00", "Z")

    def conversation(self, authorization: str | None, expired_too: bool = False) -> str:
        """The conversation that a request's ``Authorization`` header names.

        Args:
            authorization: the header, ``Bearer <session>``.
            expired_too: whether a session past its end still counts, so that a reader can always delete.

        Raises:
            Problem: 401 if there is no session, it is not ours, or it has expired.
        """
        scheme, _, session = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            raise Problem("no_session")
        try:
            conversation, issued = self._signed(session.strip())
        except (BadSignature, UnicodeError) as error:  # the latter for bytes that are no text
            raise Problem("no_session") from error
        if not (expired_too or 0 <= int(time.time()) - issued <= self._lifetime):
            raise Problem("session_expired")
        return conversation

    def _verified(self, session: str) -> tuple[str, int]:
        """The conversation of a session and when that was issued, in seconds since 1970."""
        conversation, issued = self._serializer.loads(session, return_timestamp=True)
        return str(conversation), int(issued.timestamp())
