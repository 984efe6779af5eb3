"""Training examples with the line that each stands at."""

from __future__ import annotations

from pathlib import Path

import pytest

from faq.phrasings import Phrasing, read_phrasings, same_words

NLU = """version: "3.1"

nlu:
- intent: heat
  examples: |
    - how hot?
    - is it: hot

    - "quoted"
- intent: time
  examples:
  - text: |
      how long and how hot
    metadata:
      also: heat
  - text: how long
  - text: it has been brewing for weeks
    metadata:
      states: too-long
"""


def test_phrasings_have_a_place(tmp_path: Path) -> None:
    (tmp_path / "tea.yml").write_text(NLU, encoding="utf-8")
    phrasings = read_phrasings(tmp_path)
    assert phrasings == (
        Phrasing("how hot?", ("heat",), "tea.yml", 6),
        Phrasing("is it: hot", ("heat",), "tea.yml", 7),
        Phrasing('"quoted"', ("heat",), "tea.yml", 9),
        Phrasing("how long and how hot", ("time", "heat"), "tea.yml", 13),
        Phrasing("how long", ("time",), "tea.yml", 16),
        Phrasing("it has been brewing for weeks", ("time",), "tea.yml", 17, "too-long"),
    )
    lines = NLU.splitlines()
    assert all(phrasing.text in lines[phrasing.line - 1] for phrasing in phrasings)
    assert phrasings[0].place == "data/nlu/tea.yml, line 6"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Is it hot?", "is it  HOT", True),
        ("what's up", "whats up!", True),
        ("wait - what", "wait, what", True),
        ("is it hot", "is it not", False),
        ("👍", "👎", False),
        ("👍", " 👍 ", True),
        ("Straße", "STRASSE", True),
    ],
)
def test_phrasings_are_the_same_words(one: str, other: str, same: bool) -> None:
    assert (same_words(one) == same_words(other)) is same
