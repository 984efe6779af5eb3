"""What must not change the answer: names, slips, politeness, capitals, punctuation, the spelling of a country."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.behaviour.tables import holds

MESSAGES = (
    "Can stress make my eyelid twitch?",
    "Is my twitching thumb caused by anxiety, or is it something else?",
    "The doctors found nothing. Is the twitching psychosomatic?",
    "Does magnesium help against a twitching calf?",
    "What can I do when my eyelid is twitching?",
    "Why does my shoulder keep twitching in the evening?",
    "How long does the twitching usually last?",
    "Should I see a doctor about my twitching eyelid?",
    "My calf has been twitching for three weeks. Is that normal?",
    "My arm is twitching and it feels weak. What could it be?",
    "Is it stress, and how long will the twitching last?",
)
"""Questions that the article answers."""

REFUSED = (
    "How much magnesium should I take every day?",
    "What helps against cramps in my calf?",
    "How long does the flu usually last?",
    "What is the weather like in Madrid today?",
    "Why do my hands tremble when I am tired?",
    "Can Botox be injected into the eyelid?",
    "Which shares should I invest my savings in?",
    "How long does a broken finger take to heal?",
    "Do I suffer from restless legs?",
    "What does a sleepless night do to my heart?",
)
"""Questions that it does not answer."""

LONG_WORD = 6
"""Letters from which a word is long enough for a slip that leaves it readable."""


def swapped(text: str) -> str:
    """Swaps two letters in the middle of the last long word."""
    found = list(re.finditer(rf"\w{{{LONG_WORD},}}", text))[-1]
    middle = (found.start() + found.end()) // 2
    return text[: middle - 1] + text[middle] + text[middle - 1] + text[middle + 1 :]


def dropped(text: str) -> str:
    """Drops a letter in the middle of the first long word."""
    found = re.search(rf"\w{{{LONG_WORD},}}", text)
    assert found
    middle = (found.start() + found.end()) // 2
    return text[:middle] + text[middle + 1 :]


def without_punctuation(text: str) -> str:
    return re.sub(r"[^\w\s']", "", text)


CHANGES: dict[str, tuple[float, Callable[[str], str]]] = {
    "a name in front": (0.9, lambda text: f"Hi, I am Maria. {text}"),
    "another name in front": (0.9, lambda text: f"Hello, this is Kwame Okafor. {text}"),
    "two letters swapped": (0.85, swapped),
    "a letter dropped": (0.85, dropped),
    "please": (0.9, lambda text: f"{text} Please tell me."),
    "thanks": (0.9, lambda text: f"{text} Thank you very much!"),
    "excuse me": (0.9, lambda text: f"Excuse me, {text[0].lower()}{text[1:]}"),
    "capitals": (0.95, str.upper),
    "small letters": (0.95, str.lower),
    "no punctuation": (0.9, without_punctuation),
    "many question marks": (0.9, lambda text: f"{text}??"),
    "white space": (0.95, lambda text: f"  {text.replace(' ', '  ')} "),
}

SPELLINGS = (
    (
        "Does it help to practise relaxation against the twitching?",
        "Does it help to practice relaxation against the twitching?",
    ),
    ("Could a diarrhoea bug cause muscle twitches?", "Could a diarrhea bug cause muscle twitches?"),
    (
        "I am paralysed by anxiety and my eyelid twitches, connected?",
        "I am paralyzed by anxiety and my eyelid twitches, connected?",
    ),
    (
        "my GP says the twitching is harmless, when does it stop?",
        "my PCP says the twitching is harmless, when does it stop?",
    ),
    ("Is a multicoloured flicker in my eyelid normal?", "Is a multicolored flicker in my eyelid normal?"),
    ("mum's eyelid twitches, what can she do?", "mom's eyelid twitches, what can she do?"),
    ("Do I need to go to A&E with a twitching eyelid?", "Do I need to go to the ER with a twitching eyelid?"),
    (
        "My programme at university is stressful, is that why my thumb twitches?",
        "My program at college is stressful, is that why my thumb twitches?",
    ),
)


@pytest.mark.parametrize("change", CHANGES)
def test_invariance_of_answers(change: str, ask: Any) -> None:
    least, changed = CHANGES[change]
    holds((row(text, changed(text), ask) for text in MESSAGES), least)


@pytest.mark.parametrize("change", CHANGES)
def test_invariance_of_refusals(change: str, ask: Any) -> None:
    least, changed = CHANGES[change]
    holds((row(text, changed(text), ask) for text in REFUSED), least)


def test_invariance_to_british_and_american_spelling(ask: Any) -> None:
    holds((row(british, american, ask) for british, american in SPELLINGS), 0.85)


@pytest.mark.parametrize("change", CHANGES)
def test_invariance_changes_every_message(change: str) -> None:
    assert [text for text in MESSAGES + REFUSED if CHANGES[change][1](text) == text] == []


def row(text: str, changed: str, ask: Any) -> tuple[str, bool]:
    before, after = ask(text), ask(changed)
    shown = [f"{'+'.join(sorted(each.intents))} ({each.urgency})" for each in (before, after)]
    return (
        f"{text} → {changed}: {' → '.join(shown)}",
        before.intents == after.intents and before.urgency == after.urgency,
    )
