"""Adds the phrasings of a CSV or YAML file to the data, all of them or none, with the checks of the review page."""

from __future__ import annotations

import argparse
from pathlib import Path

from maintain.add import add_common_arguments, report
from maintain.adding import Item, add
from maintain.exchange import COLUMNS, read_file
from maintain.settings import ROOT

FORMATS = {".csv": "csv", ".yml": "yaml", ".yaml": "yaml"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``import``."""
    parser.add_argument(
        "file", type=Path, help=f"CSV with the columns {', '.join(COLUMNS)} (two are enough), or Rasa YAML"
    )
    parser.add_argument("--format", choices=("csv", "yaml"), help="of the file (default: by its name)")
    parser.add_argument("--skip-known", action="store_true", help="leave out what the data holds with the same intents")
    add_common_arguments(parser)
    parser.epilog = "Exit code: 0 all added (or could be, with --dry-run), 1 none was added, 2 wrong usage."


def run(arguments: argparse.Namespace, root: Path = ROOT) -> int:
    """Imports the file; the exit code says whether it could."""
    format = arguments.format or FORMATS.get(arguments.file.suffix.lower(), "csv")
    given = read_file(arguments.file, format)
    items = [Item(each.phrase, f"{arguments.file}, line {each.line}") for each in given]
    return report(add(root, items, arguments.yes, arguments.dry_run, arguments.skip_known), arguments)
