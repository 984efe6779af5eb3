"""All labelled messages through the running server: whatever is understood, every reply keeps the contract."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from maintain.scoring import read_messages
from maintain.settings import ROOT
from tests.conversations.reader import Reader

READERS = 4
"""At once: enough to keep two cores busy, and far from the server's limit."""

TURNS = 10
"""Messages of a conversation: replies must be right after others too, and stay under the limit of calls a minute."""

MESSAGES = [
    message.text for path in sorted((ROOT / "tests" / "evaluation").glob("*.csv")) for message in read_messages(path)
]


def faults(url: str, texts: Sequence[str]) -> list[str]:
    """Sends texts, and begins a new conversation now and then.

    Args:
        url: of the assistant.
        texts: what to send.

    Returns:
        A line for each reply that breaks the contract, or is none.
    """
    found = []
    reader = Reader(url, ROOT / "data" / "documents")
    with closing(reader.http):
        for number, text in enumerate(texts):
            try:
                if number % TURNS == 0:
                    reader.start()
                reader.say(text)
            except AssertionError as error:
                found.append(f"{text!r}: {error}")
    return found


def test_every_message_gets_a_reply_that_keeps_the_contract(assistant):
    with ThreadPoolExecutor(READERS) as pool:
        shares = [MESSAGES[number::READERS] for number in range(READERS)]
        found = [fault for share in pool.map(lambda texts: faults(assistant.url, texts), shares) for fault in share]
    assert found == []


def test_every_message_is_there():
    assert len(MESSAGES) > 1200
