"""A reader who talks to a running assistant over HTTP, and looks at every reply before a test does."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from faq.documents import load_documents
from tests.contract_reply import check_reply

Reply = dict[str, Any]


class Reader:
    """One conversation at a time. Whatever the assistant says must keep the contract and quote the file on the disk."""

    def __init__(self, url: str, documents: Path) -> None:
        """Connects to an assistant.

        Args:
            url: where it runs.
            documents: the folder of the articles that it quotes.
        """
        self.http = httpx.Client(base_url=f"{url}/chat", timeout=60, trust_env=False)
        self.documents = load_documents(documents)
        self.files = {path.stem: path.read_bytes() for path in documents.glob("*.md")}

    def start(self) -> list[Reply]:
        """Begins a conversation; returns the greeting."""
        self.http.headers.pop("Authorization", None)
        answer = self.http.post("/session")
        assert answer.status_code == 201, answer.text
        self.http.headers["Authorization"] = f"Bearer {answer.json()['session']}"
        self.said: list[str] = []
        return self._checked(answer.json()["messages"])

    def say(self, text: str, id: str | None = None) -> list[Reply]:
        """Types a text; returns the reply."""
        self.said.append(text)
        return self._answer(self.post(text=text, id=id))

    def press(self, payload: str) -> list[Reply]:
        """Presses a button; returns the reply."""
        return self._answer(self.post(payload=payload))

    def post(self, id: str | None = None, **fields: str) -> httpx.Response:
        """Sends a message as it is; returns the raw response."""
        return self.http.post("/messages", json={"id": id or str(uuid.uuid4()), **fields})

    def history(self) -> list[Reply]:
        """The conversation as a page gets it when it is loaded again."""
        answer = self.http.get("/messages")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["messages"])

    def _answer(self, response: httpx.Response) -> list[Reply]:
        assert response.status_code == 200, response.text
        return self._checked(response.json()["messages"])

    def _checked(self, messages: list[Reply]) -> list[Reply]:
        check_reply(messages, self.documents)
        for message in messages:
            if "source" in message["custom"]:
                self._check_source(message["custom"]["source"])
            for words in message["custom"].get("doctor", {}).get("because", ()):
                assert any(words in text for text in self.said), f"nobody wrote {words!r}"
        return messages

    def _check_source(self, source: Reply) -> None:
        """Against the bytes of the file, with nothing of ours in between."""
        content = self.files[source["document"]]
        text = content.decode("utf-8")
        assert source["sha256"] == hashlib.sha256(content).hexdigest()
        heading = f"## {source['heading']} {{#{source['section']}}}\n\n"
        assert f"{heading}{source['section_text']}\n" in text
        for quote in source["quotes"]:
            assert quote["text"] == text[quote["start"] : quote["end"]]


def types(messages: Sequence[Reply]) -> list[str]:
    """The types of a reply's parts."""
    return [message["custom"]["type"] for message in messages]


def sections(messages: Sequence[Reply]) -> list[str]:
    """The sections that a reply's answers are quoted from."""
    return [message["custom"]["source"]["section"] for message in messages if message["custom"]["type"] == "answer"]


def payloads(message: Reply) -> list[str]:
    """What the buttons of a part send."""
    return [button["payload"] for button in message["buttons"]]
