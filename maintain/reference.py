"""Writes the reference of the commands from their own ``--help``; `--check` tells whether it is stale."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from maintain.settings import ROOT

PAGE = ROOT / "docs" / "commands.md"
WIDTH = "100"
"""Columns of the help texts, whatever terminal there is."""

HEAD = """# Commands

`python -m maintain <command>`, in the project's environment: `.venv/bin/python -m maintain …`. `make` has a target for
the daily ones. This page is made of what `--help` says: `python -m maintain reference` writes it, and a test fails when
it is stale.

Exit codes of all: 0 done; 1 an error, with one line on standard error that names the mend; 2 a wrong command line;
3 refused by the gate; 130 interrupted. With `--json` standard output is JSON and nothing else.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``reference``."""
    parser.add_argument("--check", action="store_true", help="only tell whether the page is up to date")
    parser.epilog = "Exit codes: 0 written, or up to date; 1 stale."


def run(arguments: argparse.Namespace) -> int:
    """Writes the page, or compares it."""
    page = reference()
    if not arguments.check:
        PAGE.write_text(page, encoding="utf-8")
        print(f"{PAGE.relative_to(ROOT)} is written.")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page:
        print(f"{PAGE.relative_to(ROOT)} is up to date.")
        return 0
    print(
        f"[REF01] {PAGE.relative_to(ROOT)} is stale: run `python -m maintain reference` and keep what it writes.",
        file=sys.stderr,
    )
    return 1


def reference() -> str:
    """The page, from the parsers of all commands."""
    from maintain.__main__ import COMMANDS, build_parser  # it imports this module when it is called

    parts = [HEAD]
    with _columns():
        for name in COMMANDS:
            text = _parser(build_parser(name), name).format_help()
            parts.append(f"## {name}\n\n```text\n{text.strip()}\n```\n")
    return "\n".join(parts)


def _parser(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser:
    (commands,) = [each for each in parser._actions if isinstance(each, argparse._SubParsersAction)]
    found: argparse.ArgumentParser = commands.choices[name]
    for action in found._actions:
        if isinstance(action.default, Path):  # the page is the same wherever the project lies
            action.default = os.path.relpath(action.default, ROOT)
    return found


@contextmanager
def _columns() -> Iterator[None]:
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = WIDTH
    try:
        yield
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before
