"""A conversation with the running assistant in a terminal, over the same API as the widget's."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from rich.console import Console

from maintain.chat_client import ChatClient, ChatError
from maintain.chat_view import HELP, ChatView
from maintain.settings import Settings

PROMPT = "[bold cyan]>[/] "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``chat``."""
    parser.add_argument("--server", metavar="URL", help="the assistant's address (default: from FAQ_HOST and FAQ_PORT)")


def run(arguments: argparse.Namespace) -> int:
    """Talks until the reader leaves."""
    server = arguments.server or Settings.from_environment(os.environ).url
    console = Console(highlight=False)
    with ChatClient(server) as client:
        return Conversation(client, ChatView(console)).talk(lambda: read_line(console))


def read_line(console: Console) -> str:
    """Reads a line from the terminal; from a pipe it is echoed, so that the output reads as a conversation.

    Raises:
        EOFError: there are no more lines.
    """
    line = console.input(PROMPT)
    if not os.isatty(0):
        console.print(line, markup=False)
    return line


class Conversation:
    """Passes lines to the assistant, or carries them out where they are commands."""

    def __init__(self, client: ChatClient, view: ChatView) -> None:
        """Joins a server and a screen."""
        self.client = client
        self.view = view
        self.commands: dict[str, Callable[[], None]] = {
            "/help": lambda: self.view.note(HELP),
            "/more": self.view.show_sections,
            "/new": self.begin,
            "/delete": self.delete,
        }

    def talk(self, read: Callable[[], str]) -> int:
        """Greets, then answers line by line.

        Args:
            read: gives the next line; raises EOFError after the last.

        Returns:
            The exit code.

        Raises:
            ChatError: there is no assistant to talk to.
        """
        self.begin()
        self.view.note("/help shows what else can be typed.")
        try:
            while (line := read().strip()) != "/quit":
                self.answer(line)
        except (EOFError, KeyboardInterrupt):
            self.view.note("")
        self.view.note("Goodbye.")
        return 0

    def answer(self, line: str) -> None:
        """Deals with one line; what goes wrong is shown and does not end the conversation."""
        try:
            if line.startswith("/"):
                self.commands.get(line, self.unknown)()
            elif line:
                self.say(line)
        except ChatError as error:
            self.view.warn(str(error))

    def say(self, line: str) -> None:
        """Sends a line, or the payload of the offer whose number it is."""
        offers = self.view.offers
        if line.isascii() and line.isdigit() and 1 <= int(line) <= len(offers):
            self.view.show(self.client.send(offers[int(line) - 1]["payload"], "payload"))
        else:
            self.view.show(self.client.send(line))

    def begin(self) -> None:
        """Begins a new conversation and shows the greeting."""
        self.view.sources = []
        self.view.show(self.client.start())

    def delete(self) -> None:
        """Has the server forget this conversation and begins another."""
        self.client.delete()
        self.view.note("The server has forgotten this conversation.")
        self.begin()

    def unknown(self) -> None:
        """Tells that there is no such command."""
        self.view.note("There is no such command; /help shows those there are.")
