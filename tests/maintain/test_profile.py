"""Which stage a stack belongs to; the recording itself is py-spy's."""

from __future__ import annotations

import pytest

from maintain.profile import NLU, by_stage, stage_of
from maintain.settings import ROOT

LOOP = "run (/lib/asyncio/runners.py:44);handler (/env/sanic/app.py:9);_say"
TURN = f"{LOOP} ({ROOT}/channels/conversations.py:5);handle_message (/env/rasa/core/processor.py:152)"


@pytest.mark.parametrize(
    ("stack", "stage"),
    [
        ("call (/lib/asyncio/events.py:44)", "event loop and threads"),
        ("run (/lib/asyncio/runners.py:44);handler (/env/sanic/app.py:9)", "HTTP: Sanic"),
        (f"{LOOP} ({ROOT}/channels/chat.py:5)", "chat API: session, limits, guard"),
        (TURN, "Rasa: processor, tracker"),
        (f"{TURN};run (/env/rasa/core/actions/action.py:748)", "Rasa: processor, tracker"),
        (f"{TURN};run ({ROOT}/actions/reply.py:46);respond ({ROOT}/faq/dialogue.py:90)", "action: what to say"),
        (f"{TURN};run (/env/rasa/engine/runner/dask.py:82)", "Rasa: graph runner"),
        (f"{TURN};process ({ROOT}/nlu/facts.py:46);as_dict ({ROOT}/faq/understanding.py:9)", "NLU: facts"),
        (f"work (/lib/threading.py:9);add ({ROOT}/channels/tracker_store.py:9)", "store: read, check, write, commit"),
        ("somewhere (/else.py:1)", "other"),
    ],
)
def test_profile_stage_of(stack: str, stage: str) -> None:
    assert stage_of(stack) == stage


def test_profile_counts_every_sample_but_those_that_wait() -> None:
    stacks = [f"{TURN} 3", "somewhere (/else.py:1) 2", f"{TURN} 4", "_worker (/lib/concurrent/futures/thread.py:81) 9"]
    assert by_stage(stacks) == {
        "Rasa: processor, tracker": 7,
        "other": 2,
    }


def test_profile_knows_every_component() -> None:
    named = [line.split(".")[1] for line in (ROOT / "config.yml").read_text().splitlines() if "name: nlu." in line]
    assert set(named) == set(NLU)
