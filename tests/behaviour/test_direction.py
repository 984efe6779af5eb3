"""What must change the answer, and which way: a symptom denied, a duration added, a question added."""

from __future__ import annotations

from typing import Any

from tests.behaviour.tables import holds

DENIED = (
    ("my arm twitches and it is weak", "my arm twitches and it is not weak"),
    ("eyelid twitching with numbness", "eyelid twitching with no numbness"),
    ("calf twitching, with weakness", "calf twitching, without weakness"),
    ("my leg twitches and it hurts", "my leg twitches but it doesn't hurt"),
    ("my hand twitches and I have trouble swallowing", "my hand twitches but I have no trouble swallowing"),
    ("thumb twitching, I have ALS", "thumb twitching, I don't have ALS"),
    ("my shoulder twitches and I have trouble walking", "my shoulder twitches but I have no trouble walking"),
    ("my son's cheek twitches, he has a tic disorder", "my son's cheek twitches, he doesn't have a tic disorder"),
)
"""With a symptom or a disease, and with the same denied."""

LASTING = (
    ("my eyelid is twitching", "my eyelid has been twitching for three weeks"),
    ("my thumb twitches, is that stress?", "my thumb has twitched for 5 weeks, is that stress?"),
    ("what helps against my twitching calf?", "what helps against my calf that has been twitching for weeks?"),
    ("does magnesium help my eye? it twitches", "does magnesium help my eye? it has been twitching for two months"),
    ("is my twitching leg normal?", "my leg has been twitching for six weeks now, is that normal?"),
    ("my wife's lip is twitching", "my wife's lip has been twitching for over a month"),
    ("can anxiety make my arm twitch?", "can anxiety make my arm twitch for weeks on end?"),
    ("my foot twitches at night", "my foot has twitched every night for four weeks"),
)
"""Without a duration, and with one of weeks."""

QUESTIONS = (
    ("Can stress make my eyelid twitch?", "psychosomatic"),
    ("Is the twitching psychosomatic?", "psychosomatic"),
    ("Could my anxiety be causing the twitching?", "psychosomatic"),
    ("is it all in my head", "psychosomatic"),
    ("What can I do against the twitching?", "prevention"),
    ("Does magnesium help against a twitching eyelid?", "prevention"),
    ("What causes the twitching in my calf?", "prevention"),
    ("how do I get rid of the twitch", "prevention"),
)
MORE = "and how long will it last"
"""A second question, which adds the intent of time."""


def test_direction_of_no_takes_the_doctor_away(ask: Any) -> None:
    holds((urgency_row(stated, denied, "doctor", "none", ask) for stated, denied in DENIED), 0.85)


def test_direction_of_weeks_adds_the_doctor(ask: Any) -> None:
    holds((urgency_row(without, weeks, "none", "doctor", ask) for without, weeks in LASTING), 0.85)


def test_direction_of_a_second_question_adds_its_intent(ask: Any) -> None:
    rows = []
    for text, intent in QUESTIONS:
        longer = f"{text.rstrip('?')}, {MORE}?"
        alone, both = ask(text).intents, ask(longer).intents
        right = alone == {intent} and both == {intent, "duration"}
        rows.append((f"{text} → {longer}: {'+'.join(sorted(alone))} → {'+'.join(sorted(both))}", right))
    holds(rows, 0.85)


def urgency_row(before: str, after: str, first: str, second: str, ask: Any) -> tuple[str, bool]:
    given = ask(before).urgency, ask(after).urgency
    return f"{before} → {after}: {given[0]} → {given[1]}", given == (first, second)
