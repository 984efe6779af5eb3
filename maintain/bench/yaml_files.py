"""Writes YAML in which the text of a reader is nothing but text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, in which no character means anything."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


def write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    """Writes a file.

    Args:
        path: of the file.
        content: in the order in which it is to stand.
    """
    text = yaml.dump(dict(content), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)
    path.write_text(text, encoding="utf-8")
