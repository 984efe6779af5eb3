"""Adds one phrasing to the data, with the same checks as the review page."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from maintain.adding import Item, Outcome, add
from maintain.phrasing_text import Phrase, one_line
from maintain.settings import ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``add``."""
    parser.add_argument("text", help="what a reader would type")
    parser.add_argument("--intent", required=True, help="what it asks; see domain.yml")
    parser.add_argument("--also", help="the second topic that it asks about")
    parser.add_argument("--sentence", default="", help="how the sentence of the article begins that answers it best")
    parser.add_argument(
        "--near-miss", action="store_true", help="with --intent out_of_scope: it is close to the topics"
    )
    add_common_arguments(parser)
    parser.epilog = "Exit code: 0 added (or could be, with --dry-run), 1 something speaks against it, 2 wrong usage."


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares what ``add`` and ``import`` share."""
    parser.add_argument(
        "--yes", action="store_true", help="take it in spite of what can be confirmed, such as conflicts"
    )
    parser.add_argument("--dry-run", action="store_true", help="check, and write nothing")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(arguments: argparse.Namespace, root: Path = ROOT) -> int:
    """Adds the phrasing; the exit code says whether it could."""
    intents = (arguments.intent, *((arguments.also,) if arguments.also else ()))
    file = "near_misses.yml" if arguments.near_miss else ""
    item = Item(Phrase(one_line(arguments.text), intents, arguments.sentence, file))
    return report(add(root, [item], arguments.yes, arguments.dry_run), arguments)


def report(outcome: Outcome, arguments: argparse.Namespace) -> int:
    """Prints what came of it, for people or machines.

    Args:
        outcome: of ``adding.add``.
        arguments: with ``json`` and ``dry_run``.

    Returns:
        The exit code.
    """
    if arguments.json:
        print(json.dumps(outcome.as_json(arguments.dry_run), ensure_ascii=False, indent=2))
        return 1 if outcome.stopped else 0
    for line in (line for item in outcome.items for line in item.text):
        sys.stderr.write(f"{line}\n")
    for change in outcome.changes:
        print(change.diff)
    print(_summary(outcome, arguments.dry_run))
    return 1 if outcome.stopped else 0


def _summary(outcome: Outcome, dry_run: bool) -> str:
    known = f" {outcome.known} stood there already." if outcome.known else ""
    if outcome.stopped:
        again = all(not finding.refuses for item in outcome.items for finding in item.findings)
        return f"Nothing was added.{known}{' With --yes it would be.' if again else ''}"
    if dry_run:
        return f"{len(outcome.items)} phrasing(s) would be added.{known}"
    return f"{len(outcome.items)} phrasing(s) added.{known}"
