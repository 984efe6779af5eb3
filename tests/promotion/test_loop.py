"""The maintainer's round of tests/maintain/review with the real article and the real training."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from faq.model_files import RECORD, manifest_path
from maintain.models import Models
from maintain.settings import ROOT
from tests.chromium import launched
from tests.maintain.review.loop import play, under_version_control
from tests.processes import started
from tests.second_project import CODE, FILES

pytestmark = [pytest.mark.server, pytest.mark.timeout(1800)]

EASY = {
    "duration": """how long does it last
        how long until the twitching stops
        will my eyelid stop by itself
        when does it go away again
        how many days is normal
        does it ever stop""",
    "prevention": """what helps against it
        does magnesium help me
        what can I do to stop the twitching
        how do I get rid of it
        can yoga calm my muscles
        which exercises are good for it""",
    "psychosomatic": """can stress cause it
        is my twitching from anxiety
        could worries make my eyelid twitch
        is it all in my mind
        can it be psychological
        does a trauma make muscles twitch""",
}
HARD = {
    "prevention": """should i just cut out the flat whites
        would a hammock day sort me out
        do i need to bin my espresso machine
        would hugging my dog do the trick
        does chamomile earn its keep here
        should i trade my marathon for a stroll
        fewer emails, stiller eyelids?
        will a sabbatical shut it up
        bathtub versus bicycle, your verdict
        is my kettlebell banned now
        worth a try, a fortnight without wifi
        would unplugging the doorbell do""",
    "duration": """is two months of blinky eye a record
        expiry date, anyone
        sunrises left till calm, ballpark
        will it see the new year with me""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of this project with its current model, under version control."""
    subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], cwd=ROOT, check=True)
    root, models = tmp_path / "project", Models(ROOT / "models", ROOT)
    for name in (*CODE, "data", *(f"tests/{name}" for name in ("evaluation", "safety", "passages"))):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "models").mkdir()
    archive = models.checked()
    for path in (archive, manifest_path(models.folder, archive.name), models.folder / RECORD):
        shutil.copy(path, root / "models")
    for name in (*FILES, "domain.yml"):
        shutil.copy(ROOT / name, root)
    (root / "var").mkdir()
    (root / "var" / "encoder").symlink_to(ROOT / "var" / "encoder")
    return under_version_control(root)


def test_loop_with_the_real_article(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk = {
        text.strip(): topic for side in (EASY, HARD) for topic, texts in side.items() for text in texts.splitlines()
    }
    with started(project, tmp_path) as assistant, launched() as chromium:
        labelled = play(project, assistant, chromium, talk)
    with capsys.disabled():
        print(f"\n{len(labelled.texts)} of {len(talk)} messages labelled with {labelled.keys} keys")
    assert labelled.keys <= 3 * len(talk)
