"""Who may use the page: one-time links, sessions, tokens in forms, and headers that keep others out."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SESSION_LASTS = 12 * 3600
"""Seconds after which a maintainer has to open a new link: a working day."""
LONGEST_FORM = 64 * 1024
"""Bytes of a form; the longest phrase fits many times."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""What every answer says. Nothing of the page may run from elsewhere, be framed, or stay in a cache."""


@dataclass
class Session:
    """A maintainer's session.

    Attributes:
        csrf: token that every form of it carries.
        until: when it ends, on the monotonic clock.
        done: ids of the decisions made in it, the latest last.
        flash: what the next page says once.
    """

    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    until: float = field(default_factory=lambda: time.monotonic() + SESSION_LASTS)
    done: list[str] = field(default_factory=list)
    flash: dict[str, object] | None = None


class Door:
    """Lets in who holds the link that the terminal shows. A link works once; then the terminal shows the next one."""

    def __init__(self, cookie: str, announce: Callable[[str], None], secure: bool = False) -> None:
        """Makes the first link.

        Args:
            cookie: name of the session's cookie.
            announce: shows the token of a link to whoever started the program.
            secure: whether browsers reach the page with TLS only, so that the cookie never goes without.
        """
        self.cookie, self.secure, self._announce = cookie, secure, announce
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()
        self._token = ""
        self._renew()

    def enter(self, token: str) -> str | None:
        """Uses a link.

        Args:
            token: of the link.

        Returns:
            The id of a new session; None where the token is not the one of the latest link.
        """
        with self._lock:
            if not hmac.compare_digest(token.encode(), self._token.encode()):
                return None
            session = secrets.token_urlsafe(32)
            self._sessions[session] = Session()
            self._renew()
        return session

    def session(self, request: Request) -> Session:
        """The session of a request.

        Raises:
            HTTPException: 401, there is none, or it has ended.
        """
        session = self._sessions.get(request.cookies.get(self.cookie, ""))
        if session is None or session.until < time.monotonic():
            raise HTTPException(401)
        return session

    def leave(self, request: Request) -> None:
        """Ends the session of a request."""
        self._sessions.pop(request.cookies.get(self.cookie, ""), None)

    def _renew(self) -> None:
        self._token = secrets.token_urlsafe(24)
        self._announce(self._token)


async def read_form(request: Request, session: Session) -> dict[str, str]:
    """Reads a form that this page made.

    Args:
        request: a POST.
        session: whose token the form must carry.

    Returns:
        The fields.

    Raises:
        HTTPException: 403, it comes from elsewhere; 413, it is too long; 415, it is no form.
    """
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403)
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            raise HTTPException(413)
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if not hmac.compare_digest(fields.get("csrf", "").encode(), session.csrf.encode()):
        raise HTTPException(403)
    return fields


class Guard:
    """Middleware: refuses other host names, so that no other site can lead a browser here, and sets ``HEADERS``."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """Wraps an application.

        Args:
            app: what answers.
            hosts: values of the ``Host`` header that are this page, with the port.
        """
        self._app, self._hosts = app, {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                new = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in given]
                message = {**message, "headers": [*message["headers"], *new]}
            await send(message)

        host = dict(scope.get("headers") or ()).get(b"host", b"").decode("latin-1").lower()
        if scope["type"] == "http" and host not in self._hosts:
            await send_guarded(
                {"type": "http.response.start", "status": 421, "headers": [(b"content-type", b"text/plain")]}
            )
            await send({"type": "http.response.body", "body": b"This is not the address of the review page.\n"})
            return
        await self._app(scope, receive, send_guarded if scope["type"] == "http" else send)
