"""The figures of the benchmark: a JSON file to which each part adds its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from statistics import median
from typing import Any

from maintain.settings import ROOT

RESULTS = ROOT / "docs" / "benchmarks.json"

DIGITS = 4
"""Significant ones that are kept: the rest is noise."""


@dataclass(frozen=True)
class Spread:
    """Several measurements of the same.

    Attributes:
        middle: their median.
        low: the least.
        high: the most.
        number: how many there are.
    """

    middle: float
    low: float
    high: float
    number: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of at least one value."""
        each = list(values)
        return cls(median(each), min(each), max(each), len(each))


def load(path: Path = RESULTS) -> dict[str, Any]:
    """Reads the figures; none where there is no file yet."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found


def stamp() -> dict[str, Any]:
    """When something is measured, and the machine's load over the minute before."""
    return {
        "measured": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M"),
        "load": round(os.getloadavg()[0], 1),
    }


def keep(path: Path, part: str, found: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Puts what a part found in the place of what it found before.

    Args:
        path: of the file; it is made where it is missing.
        part: its name.
        found: its figures.
        before: the stamp of its beginning.
    """
    everything = load(path)
    everything["machine"] = machine()
    everything[part] = {**before, **_rounded(found)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    gigabytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return {
        "processor": names[0] if names else "unknown",
        "cores": len(os.sched_getaffinity(0)),
        "gb": round(gigabytes),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value
