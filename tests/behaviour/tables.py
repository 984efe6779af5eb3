"""Tables of cases, of which a stated share must hold."""

from __future__ import annotations

from collections.abc import Iterable


def holds(results: Iterable[tuple[str, bool]], least: float) -> None:
    """Checks a table and prints the rows that fail, even where few enough do.

    Args:
        results: description and outcome of each row.
        least: share of the rows that must hold, 0 to 1.

    Raises:
        AssertionError: fewer hold, or there is no row.
    """
    rows = list(results)
    failing = [row for row, held in rows if not held]
    for row in failing:
        print(f"fails: {row}")
    share = 1 - len(failing) / len(rows) if rows else 0.0
    listed = "\n".join(failing)
    assert share >= least, f"{share:.1%} of {len(rows)} rows hold, {least:.0%} must:\n{listed}"
