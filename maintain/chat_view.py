"""Shows the assistant's replies in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

Reply = dict[str, Any]

URGENT = {"doctor": ("A doctor should see this", "yellow"), "emergency": ("Emergency", "bold red")}
"""The frame of a reply that recommends a doctor, by type: its heading and its colour."""

HELP = """\
Type a question, or the number of an offer. Besides:
  /more    the whole sections that the last answer was taken from
  /new     begin a new conversation
  /delete  have the server forget this conversation, and begin a new one
  /help    show this
  /quit    leave; Ctrl-D does, too"""


class ChatView:
    """Prints replies and remembers what the last ones offered."""

    def __init__(self, console: Console) -> None:
        """Shows nothing yet.

        Args:
            console: where to print.
        """
        self.console = console
        self.offers: list[dict[str, str]] = []
        """The buttons that can be chosen now, by number from 1."""
        self.sources: list[dict[str, Any]] = []
        """Where the last answer was taken from."""

    def show(self, replies: Sequence[Reply]) -> None:
        """Prints what the assistant says and numbers what it offers."""
        self.offers = [button for reply in replies for button in reply.get("buttons") or ()]
        sources = [source for reply in replies if (source := _custom(reply).get("source"))]
        self.sources = sources or self.sources
        for reply in replies:
            self._show_one(reply)
        for number, button in enumerate(self.offers, start=1):
            self.console.print(Text.assemble((f"  {number}  ", "bold cyan"), button["title"]))

    def show_sections(self) -> None:
        """Prints the whole sections that the last answer was taken from."""
        for source in self.sources:
            self.console.print(_panel(source["section_text"], source["heading"], "green", source["url"]))
        if not self.sources:
            self.note("There is no answer yet.")

    def note(self, text: str) -> None:
        """Prints a remark of this program, as opposed to the assistant."""
        self.console.print(Text(text, style="dim"))

    def warn(self, text: str) -> None:
        """Prints what went wrong."""
        self.console.print(Text(text, style="red"))

    def _show_one(self, reply: Reply) -> None:
        custom, text = _custom(reply), str(reply.get("text") or "")
        source = custom.get("source")
        if custom.get("type") in URGENT:
            heading, colour = URGENT[custom["type"]]
            self.console.print(_panel(text, heading, colour))
        elif source:
            quotes = " […] ".join(quote["text"] for quote in source["quotes"])
            self.console.print(_panel(quotes, source["heading"], "green", source["url"]))
        elif text:
            self.console.print(Padding(Text(text), (0, 1)))


def _custom(reply: Reply) -> dict[str, Any]:
    return reply.get("custom") or {}


def _panel(text: str, heading: str, colour: str, below: str | None = None) -> Panel:
    return Panel(
        Text(text),
        title=Text(heading, style="bold"),
        title_align="left",
        subtitle=Text(below, style="dim") if below else None,
        subtitle_align="left",
        border_style=colour,
        padding=(0, 1),
    )
