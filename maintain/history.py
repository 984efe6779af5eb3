"""What was promoted when, by which command and why: a file that is only ever added to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROLLBACK = "rollback"


class History:
    """The lines of history.jsonl."""

    def __init__(self, path: Path) -> None:
        """Looks at a file, which need not exist yet.

        Args:
            path: of the file.
        """
        self.path = path

    def add(self, model: str, before: str | None, how: str, note: Mapping[str, Any]) -> None:
        """Adds a line.

        Args:
            model: what became the current model.
            before: what was it before, or None.
            how: ``train``, ``promote`` or ``rollback``.
            note: more, such as the reason of an override.
        """
        line = {"at": now(), "how": how, "model": model, "before": before, **note}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def entries(self) -> list[dict[str, Any]]:
        """All lines, the oldest first. One that a crash cut off is left out."""
        if not self.path.is_file():
            return []
        return [entry for line in self.path.read_text(encoding="utf-8").splitlines() if (entry := _json(line))]

    def promoted(self) -> list[str]:
        """What was promoted and not rolled back, the oldest first; the last one is the current one."""
        stack: list[str] = []
        for entry in self.entries():
            if entry["how"] == ROLLBACK:
                stack = stack[: stack.index(entry["model"])] if entry["model"] in stack else []
            elif not stack and entry["before"]:
                stack.append(entry["before"])
            if stack[-1:] != [entry["model"]]:
                stack.append(entry["model"])
        return stack


def now() -> str:
    """The time, ISO 8601, UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def _json(line: str) -> dict[str, Any] | None:
    try:
        return dict(json.loads(line))
    except ValueError:
        return None
