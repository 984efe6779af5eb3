"""Somebody at a page with the chat on it: sees, hears, types, and knows what the server has."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.patience import PATIENCE, wait_until

HERE = Path(__file__).parent
CONVERSATION = (HERE / "conversation.js").read_text(encoding="utf-8")
WITHIN = 1000 * PATIENCE
"""Milliseconds that something may take on a busy machine."""
expect.set_options(timeout=WITHIN)

MESSAGES = "**/chat/messages"
"""The calls that send a message, or read the conversation."""

Line = tuple[str, str]

FOCUSED = """() => {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  if (!node || node === document.body) return "";
  const label = node.labels?.[0]?.textContent ?? "";
  return (node.getAttribute("aria-label") || label || node.textContent).replace(/\\s+/g, " ").trim();
}"""


ANSWERED = """() => {
  const { entries } = JSON.parse(Object.values({ ...sessionStorage })[0]);
  return entries.some((one) => one.role === "reader") && !entries.some((one) => one.pending);
}"""

HAS_RULES = """() => performance.getEntriesByType("resource")
  .some(({ name, responseEnd }) => name.endsWith("/faq-chat-rules.json") && responseEnd)"""


def listening(page: Page) -> Callable[[float], object]:
    """What waits for some seconds while handlers of the page's events run."""
    return lambda seconds: page.wait_for_timeout(1000 * seconds)


class Held:
    """Calls of a page that are on their way until a test lets them through: an answer usually comes at once."""

    def __init__(self, page: Page) -> None:
        """Holds the calls of that page that send messages, from now on."""
        self._page = page
        self._calls: list[Route] = []
        page.route(MESSAGES, self._keep)

    def _keep(self, route: Route) -> None:
        self._calls.append(route)

    def wait(self) -> None:
        """Waits until a call has come."""
        wait_until(lambda: self._calls, "no call has come", listening(self._page))

    def let_through(self) -> None:
        """Lets through the call that has come, once it has, and all that will."""
        self.wait()
        for call in self._calls:
            call.continue_()
        self.end()

    def end(self) -> None:
        """Holds no call that will come."""
        self._page.unroute(MESSAGES)


class Reader:
    """One page, and the conversation on it."""

    def __init__(self, page: Page, server: str) -> None:
        """Looks at a page that is not loaded yet.

        Args:
            page: an empty one.
            server: where the assistant runs, such as http://127.0.0.1:5005.
        """
        self.page, self.server = page, server
        self.requests: list[Request] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self.requests.append(request))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda one: self.errors.append(one.text) if "Content Security" in one.text else None)
        self.chat = page.locator("faq-chat")
        self.launcher = self.chat.locator(".launcher")
        self.dialog = self.chat.locator("dialog")
        self.field = page.get_by_label("Your question")
        self.lines = self.chat.locator("ol > li")

    def visit(self, path: str = "/chat/demo", opened: bool = True) -> Reader:
        """Loads a page; a path is one of the assistant's."""
        self.page.goto(path if "://" in path else self.server + path)
        return self.open() if opened else self

    def open(self) -> Reader:
        """Opens the chat and waits for the greeting."""
        self.launcher.click()
        expect(self.lines.first).to_be_visible()
        return self

    def hold(self) -> Held:
        """Keeps the messages that are sent from now on from being answered."""
        return Held(self.page)

    def stop_clock(self) -> Reader:
        """Before the page is loaded: its time stands still, and passes where a test says so (``clock.run_for``)."""
        now = datetime.now()
        self.page.clock.install(time=now)
        self.page.clock.pause_at(now + timedelta(hours=1))
        return self

    def write(self, text: str) -> None:
        """Types and sends, and waits for nothing."""
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str) -> Locator:
        """Types, sends, waits; returns the first line of the reply."""
        self.write(text)
        return self.wait()

    def press(self, title: str) -> Locator:
        """Presses a suggested button, waits; returns the first line of the reply."""
        self.button(title).last.click()
        return self.wait()

    def button(self, name: str) -> Locator:
        """Buttons of the chat with that very name."""
        return self.chat.get_by_role("button", name=name, exact=True)

    def wait(self, timeout: float = WITHIN) -> Locator:
        """Waits until everything is answered and drawn; returns the first line behind the reader's last."""
        self.page.wait_for_function(ANSWERED, timeout=timeout)
        reply = self.chat.locator("li.reader").last.locator("xpath=following-sibling::li[1]")
        expect(reply).to_be_visible()
        expect(self.chat.locator(".working")).to_be_hidden()
        return reply

    def cut_off(self) -> Reader:
        """Loses the connection, as soon as the page has the rules by which it knows an emergency without it."""
        self.page.wait_for_function(HAS_RULES)
        self.page.context.set_offline(True)
        return self

    def options(self, name: str) -> None:
        """Chooses something in the options, and waits until it has been taken: the menu then closes or asks."""
        self.button("Options").click()
        self.button(name).click()
        expect(self.button(name)).to_be_hidden()

    def seen(self) -> list[list[str]]:
        """The lines of the conversation: kind, text, remark."""
        return list(self.chat.evaluate(CONVERSATION))

    @property
    def told(self) -> list[list[str]]:
        """What a screen reader was told: role and text."""
        return list(self.page.evaluate("seen.told"))

    @property
    def focused(self) -> str:
        """The name of what has the focus; empty where it was lost."""
        return str(self.page.evaluate(FOCUSED))

    @property
    def kept(self) -> dict[str, Any]:
        """What lies in the session storage."""
        (value,) = self.page.evaluate("Object.values({...sessionStorage})")
        return dict(json.loads(value))

    @property
    def sent(self) -> list[tuple[str, str]]:
        """The calls that sent messages: id, text or payload."""
        calls = [one.post_data_json for one in self.requests if one.method == "POST" and one.url.endswith("/messages")]
        return [(call["id"], call.get("text") or call["payload"]) for call in calls]

    def history(self) -> list[dict[str, Any]]:
        """The conversation as the server has it, as soon as it lets the session call."""
        headers = {"Authorization": f"Bearer {self.kept['session']}"}
        with httpx.Client(headers=headers, timeout=30, trust_env=False) as http:
            while (answer := http.get(f"{self.server}/chat/messages")).status_code == 429:
                time.sleep(int(answer.headers["retry-after"]))
        assert answer.status_code == 200, answer.text
        return list(answer.json()["messages"])

    def check_nothing_lost_or_doubled(self, texts: list[str]) -> None:
        """Compares what was typed, what was sent, what the server has and what stands on the screen.

        Args:
            texts: what the reader said, in order.
        """
        history = self.history()
        assert [one["text"] for one in history if one["role"] == "reader"] == texts
        ids = list(dict.fromkeys(id for id, _ in self.sent))
        assert [one["id"] for one in history if one["role"] == "reader"] == ids, "each message has one id, in order"
        places = [place for place, one in enumerate(history) if one["role"] == "reader"]
        assert all(history[place + 1]["role"] == "assistant" for place in places), "each message is answered"
        assert [tuple(line[:2]) for line in self.seen() if line[0] != "note"] == [shown(one) for one in history]
        assert not any(line[2] for line in self.seen()), "nothing is marked as unsent"

    def check_page(self) -> None:
        """What must hold on every page, whatever was done there."""
        assert self.errors == []
        assert self.page.evaluate("seen.forbidden") == []
        assert self.page.context.cookies() == []
        assert self.page.evaluate("document.cookie") == ""


def shown(message: dict[str, Any]) -> Line:
    """How a line of the server's history stands on the screen."""
    if message["role"] == "reader":
        return "reader", flat(message["text"])
    quotes = message["custom"].get("source", {}).get("quotes", [])
    return message["custom"]["type"], flat(" ".join(quote["text"] for quote in quotes) or message["text"])


def flat(text: str) -> str:
    """With single spaces, as a page shows it."""
    return re.sub(r"\s+", " ", text).strip()
