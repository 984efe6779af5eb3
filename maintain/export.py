"""Writes the phrasings, or what was decided about readers' messages, for another program."""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

from faq.errors import PhrasingError
from maintain.exchange import as_csv, as_yaml, read_data
from maintain.phrasing_text import Phrase
from maintain.review.decisions import Decision, Decisions, review_database
from maintain.review.messages import ReaderMessage
from maintain.review.store import ConversationStore, database_address
from maintain.settings import ROOT, Settings

REVIEWED = ("at", "text", "understood", "outcome", "intents", "helpful")
"""Columns of the reviewed messages; ``text`` is without personal details."""

FORMULA = ("=", "+", "-", "@", "\t")
"""A cell that begins with one of these is a formula to some spreadsheets."""

Rows = list[dict[str, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``export``."""
    parser.add_argument("--format", choices=("csv", "yaml"), default="csv", help="default: csv")
    parser.add_argument("--intent", help="only phrasings that ask this")
    parser.add_argument(
        "--reviewed",
        action="store_true",
        help="the messages that were reviewed, masked, instead of the phrasings (CSV)",
    )
    parser.add_argument("--output", type=Path, help="file to write (default: the terminal)")
    parser.add_argument("--json", action="store_true", help="write JSON instead")
    parser.epilog = "Exit code: 0 written, 1 something could not be read or written, 2 wrong usage."


def run(arguments: argparse.Namespace, root: Path = ROOT) -> int:
    """Exports what the command line asks for."""
    if arguments.reviewed:
        text = _rows_as_text(reviewed(Settings.from_environment(os.environ)), arguments.json)
    else:
        wanted = [p for p in read_data(root / "data" / "nlu") if arguments.intent in (None, *p.intents)]
        text = _phrases_as_text(wanted, "json" if arguments.json else arguments.format)
    if arguments.output is None:
        sys.stdout.write(text)
        return 0
    try:
        arguments.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PhrasingError(
            f"[EXP01] {arguments.output} cannot be written ({error.strerror}): name another."
        ) from error
    return 0


def reviewed(settings: Settings) -> Rows:
    """The messages that were reviewed and are still stored, latest first, without personal details.

    Args:
        settings: where the conversations are.
    """
    messages = ConversationStore(database_address(settings, os.environ)).messages()
    decided = {(where, id): decision for where, id, decision in Decisions(review_database(settings)).all()}
    pairs = ((message, decided.get((message.conversation, message.id))) for message in messages)
    return [_row(message, decision) for message, decision in pairs if decision]


def _row(message: ReaderMessage, decision: Decision) -> dict[str, str]:
    return {
        "at": message.when.isoformat(timespec="seconds"),
        "text": message.masked.text,
        "understood": "+".join(message.intents),
        "outcome": decision.outcome,
        "intents": "+".join(decision.intents),
        "helpful": "" if message.thumb is None else "yes" if message.thumb.helpful else "no",
    }


def _rows_as_text(rows: Rows, as_json: bool) -> str:
    if as_json:
        return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
    out = io.StringIO()
    writer = csv.DictWriter(out, REVIEWED, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _inert(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _inert(value: str) -> str:
    """What a reader wrote, so that no spreadsheet takes it for a formula (OWASP, CSV Injection)."""
    return f"'{value}" if value.startswith(FORMULA) else value


def _phrases_as_text(phrases: Iterable[Phrase], format: str) -> str:
    if format == "csv":
        return as_csv(phrases)
    if format == "yaml":
        return as_yaml(phrases)
    rows = [{"text": p.text, "intents": list(p.intents), "sentence": p.sentence, "file": p.file} for p in phrases]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"
