"""The tables themselves."""

from __future__ import annotations

import pytest

from tests.behaviour.tables import holds

ROWS = [("a", True), ("b", False), ("c", True), ("d", True)]


def test_tables_pass_with_few_failures_and_print_them(capsys: pytest.CaptureFixture[str]) -> None:
    holds(ROWS, 0.75)
    assert capsys.readouterr().out == "fails: b\n"


def test_tables_fail_with_too_many() -> None:
    with pytest.raises(AssertionError, match=r"75.0% of 4 rows hold, 80% must:\nb"):
        holds(ROWS, 0.8)


def test_tables_without_rows_fail() -> None:
    with pytest.raises(AssertionError, match="0 rows"):
        holds([], 0.5)
