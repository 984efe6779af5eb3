"""What must never be learned."""

from __future__ import annotations

from pathlib import Path

import pytest

from faq.measuring import messages_that_measure

FILES = {
    "tests/evaluation/a.csv": "id,text\nh1,how hot\n",
    "tests/evaluation/b.yml": "dialogues:\n- turns:\n  - user: how long\n    expect: time\n",
    "tests/safety/red_flags.csv": 'text,urgency\n"it hurts, a lot",doctor\n',
    "tests/safety/always.csv": "text\ni choke\n",
    "tests/safety/look_alikes.csv": "text\ngood morning\n",
}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("how hot", "tests/evaluation/a.csv, h1"),
        ("how long", "tests/evaluation/b.yml"),
        ("it hurts, a lot", "tests/safety/red_flags.csv, line 2"),
        ("i choke", "tests/safety/always.csv, line 2"),
        ("good morning", None),
    ],
)
def test_measuring_finds_what_must_not_be_learned(tmp_path: Path, text: str, place: str | None) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert dict(messages_that_measure(tmp_path)).get(text) == place


def test_measuring_finds_nothing_in_a_project_without_tests(tmp_path: Path) -> None:
    assert list(messages_that_measure(tmp_path)) == []
