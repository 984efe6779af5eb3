"""What a maintainer does with readers' messages, from the first talk to the roll-back, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chromium import launched
from tests.maintain.review.loop import play, under_version_control
from tests.processes import started
from tests.second_project import second_project, trained

pytestmark = [pytest.mark.server, pytest.mark.timeout(1800)]

EASY = {
    "watering": """how often should I water my cactus
        when do ferns need water
        how much water does a palm need
        do I water an orchid every day
        is twice a week enough water
        is the soil too dry
        watering in summer
        can water stay in the saucer
        how long can a fern go without watering""",
    "light": """how much light does a fern need
        which window is best for an orchid
        can a cactus stand in direct sun
        do ferns like the sun
        is it too dark for my plant
        does a palm need sunlight all day
        is the midday sun bad for orchids""",
}
HARD = {
    "watering": """cup or bucket for the bonsai
        how many jugs for the yucca
        sprinkler rhythm for basil
        holiday for two weeks, who pours
        ice cubes on top, a myth
        hydrogel beads instead of a can
        parched after the weekend
        my ficus begs for a drink""",
    "light": """attic room, will the aloe cope
        can my yucca live in the bathroom without glass
        bulbs with full spectrum, worth it
        is the cellar out of the question
        net curtain for the calathea
        curtains open or shut for the monstera""",
}


def test_loop_of_a_maintainer_ends_with_right_answers_and_goes_back(tmp_path: Path) -> None:
    talk = {
        text.strip(): topic for side in (EASY, HARD) for topic, texts in side.items() for text in texts.splitlines()
    }
    assert len(talk) == 30
    root = under_version_control(trained(second_project(tmp_path / "project")))
    with started(root, tmp_path) as assistant, launched() as chromium:
        labelled = play(root, assistant, chromium, talk)
    assert labelled.keys <= 3 * len(talk), "a look at each message of the queue and a key or two"
