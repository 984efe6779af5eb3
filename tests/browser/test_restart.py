"""The server is killed in the middle of a conversation and started again: no message is lost, none is doubled."""

from __future__ import annotations

import random
import threading

import pytest

from tests.browser.conftest import NewReader
from tests.browser.servers import Mortal

TEXTS = [
    "how long does it last?",
    "can stress cause it?",
    "my calf has been twitching for three weeks and my leg is getting weaker",
    "can it be prevented?",
    "does magnesium help?",
]
TRIES = 50
TRY_AGAIN = "(host) => host.shadowRoot.querySelector('.problem button')?.click()"
"""Where that is offered; it goes away as soon as an attempt of the chat's own succeeds."""
BACK_WITHIN = 240_000
"""Milliseconds from the kill to the last answer: a start takes about 12 s, on a busy machine minutes; the longest pause
between attempts 15 s."""


def kill_and_restart(server: Mortal, new_reader: NewReader, seed: int, names: tuple[str, ...]) -> None:
    """One try: a reader writes five messages, and at a random moment of the first second processes are killed."""
    chance = random.Random(seed)  # noqa: S311
    reader = new_reader(server.url).visit()
    reader.ask(TEXTS[0])
    killer = threading.Timer(moment := chance.uniform(0, 1), server.kill, names)
    killer.start()
    for text in TEXTS[1:]:
        reader.write(text)
        reader.page.wait_for_timeout(chance.uniform(0, 250))
    killer.join()
    answered = sum(not one.get("pending") for one in reader.kept["entries"] if one["role"] == "reader")
    print(f"try {seed}: {' and '.join(names)} killed after {moment:.3f} s, {answered} of {len(TEXTS)} answered by then")
    server.start()
    server.wait()
    if chance.random() < 0.8:
        reader.chat.evaluate(TRY_AGAIN)
    reader.wait(BACK_WITHIN)
    reader.check_nothing_lost_or_doubled(TEXTS)


@pytest.mark.parametrize(("seed", "names"), [(1, ("rasa",)), (2, ("actions",)), (3, ("rasa", "actions"))])
def test_restart_loses_and_doubles_nothing(mortal, new_reader, seed, names):
    kill_and_restart(mortal, new_reader, seed, names)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(TRIES))
def test_restart_loses_and_doubles_nothing_in_many_tries(mortal, new_reader, seed):
    kill_and_restart(mortal, new_reader, seed, ("rasa", "actions") if seed % 2 else ("rasa",))
