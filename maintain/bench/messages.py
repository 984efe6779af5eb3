"""What the assistants are asked: labelled messages of tests/evaluation, which no training saw."""

from __future__ import annotations

import random

from maintain.scoring import Labelled, read_messages
from maintain.settings import ROOT


def labelled() -> list[Labelled]:
    """All labelled messages, each text once, mixed, in the same order at every call."""
    paths = sorted((ROOT / "tests" / "evaluation").glob("*.csv"))
    messages = list({each.text: each for path in paths for each in read_messages(path)}.values())
    return random.Random(1).sample(messages, len(messages))  # noqa: S311


def texts(number: int | None = None) -> list[str]:
    """The texts of the first of them.

    Args:
        number: how many; None: all.
    """
    return [each.text for each in labelled()[:number]]
