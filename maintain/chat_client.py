"""Speaks the chat API of a running assistant."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

from faq.errors import FaqError

TIMEOUT = 30
"""Seconds to wait for an answer; a normal one takes less than one."""

TRIES = 3
"""How often a message is sent when the network fails. It keeps its id, so it counts once however often it arrives."""

Reply = dict[str, Any]
"""One message of the assistant: ``text`` and, as the server sees fit, ``custom`` and ``buttons``."""


class ChatError(FaqError):
    """The assistant did not answer; the message says why and what to do."""


class ConversationOver(ChatError):
    """The server does not know the session any more."""


class ChatClient:
    """One conversation at a time with one server."""

    def __init__(self, server: str, transport: httpx.BaseTransport | None = None) -> None:
        """Connects to nothing yet.

        Args:
            server: its address, such as ``http://127.0.0.1:5005``.
            transport: stands in for the network, in tests.

        Raises:
            ChatError: it is not an address.
        """
        self.server = server.rstrip("/")
        self._session: str | None = None
        try:
            url = httpx.URL(f"{self.server}/chat")
        except httpx.InvalidURL as error:
            raise ChatError(f"[CLI01] {server} is not the address of a server: {error}.") from error
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT, transport=transport, trust_env=False)

    def __enter__(self) -> ChatClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def start(self) -> list[Reply]:
        """Begins a new conversation.

        Returns:
            The greeting.

        Raises:
            ChatError: the server does not answer, or refuses.
        """
        self._session = None
        answer = self._call("POST", "/session")
        if "session" not in answer:
            raise self._stranger("opens no session")
        self._session = str(answer["session"])
        return list(answer["messages"])

    def send(self, content: str, kind: str = "text") -> list[Reply]:
        """Sends a message under a new id.

        Args:
            content: what the reader typed, or the payload of the button that was chosen.
            kind: ``text`` or ``payload``.

        Returns:
            What the assistant says.

        Raises:
            ConversationOver: the session has expired or was deleted.
            ChatError: the server does not answer, or refuses.
        """
        return list(self._call("POST", "/messages", {"id": str(uuid.uuid4()), kind: content})["messages"])

    def delete(self) -> None:
        """Has the server forget the conversation.

        Raises:
            ConversationOver: the session has expired or was deleted.
            ChatError: the server does not answer, or refuses.
        """
        self._call("DELETE", "/session")
        self._session = None

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._session}"} if self._session else {}
        answer = self._request(method, path, json=body, headers=headers)
        if answer.status_code == 204:
            return {}
        try:
            content = answer.json()
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise self._stranger(f"answers {answer.status_code} without JSON")
        if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
            raise self._problem(answer, content)
        if answer.is_error or not isinstance(content.get("messages"), list):
            raise self._stranger(f"answers {answer.status_code} without messages")
        return content

    def _request(self, method: str, path: str, **options: Any) -> httpx.Response:
        for attempt in range(1, TRIES + 1):
            try:
                return self._http.request(method, path, **options)
            except httpx.TransportError as error:
                if attempt == TRIES:
                    mend = "start it with `make run`, or name another with --server"
                    raise ChatError(f"[CLI02] No assistant answers at {self.server} ({error}): {mend}.") from error
        raise AssertionError("unreachable")

    def _problem(self, answer: httpx.Response, content: dict[str, Any]) -> ChatError:
        sentence = str(content.get("detail") or content.get("title") or f"error {answer.status_code}").rstrip(".")
        if answer.status_code == 401:
            return ConversationOver(f"[CLI04] {sentence}. /new begins another conversation.")
        if "Retry-After" in answer.headers:
            return ChatError(f"[CLI05] {sentence}. Try again in {answer.headers['Retry-After']} seconds.")
        if answer.status_code >= 500:
            return ChatError(f"[CLI06] {sentence}. Look at the terminal where `make run` runs, or start it again.")
        return ChatError(f"[CLI07] {sentence}.")

    def _stranger(self, fault: str) -> ChatError:
        mend = "start the assistant with `make run`, or name another server with --server"
        return ChatError(f"[CLI03] {self.server} {fault}: {mend}.")
