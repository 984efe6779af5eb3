"""Deletes conversations for good, with all feedback on them, as a reader's own deletion does."""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from faq.errors import SetupError
from maintain.settings import Settings

TABLES = ("events", "feedback")
"""The tables that hold something of a conversation, each by its ``sender_id``."""

UNITS = {"h": 3600, "d": 86_400, "w": 7 * 86_400}
WAIT = 30
"""Seconds to wait for the running assistant's own writing."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``purge``."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--older-than", type=seconds, metavar="AGE", help="all without a message for so long: 30d, 12h or 4w"
    )
    which.add_argument("--conversation", metavar="ID", help="this one")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be deleted")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.epilog = (
        "Exit codes: 0 deleted, or nothing was to be deleted; 1 the database cannot be read. The assistant may run "
        "meanwhile. What a reader still types into a deleted conversation is answered with 404, as after their own "
        "deletion."
    )


def run(arguments: argparse.Namespace) -> int:
    """Deletes, as the command line says."""
    database = Settings.from_environment(os.environ).database
    with opened(database) as connection:
        found = (
            [arguments.conversation]
            if arguments.conversation
            else idle_since(connection, time.time() - arguments.older_than)
        )
        rows = purge(connection, found, arguments.dry_run)
    conversations = len(found) if any(rows.values()) else 0
    told = {"conversations": conversations, "rows": rows, "dry_run": arguments.dry_run}
    if arguments.json:
        print(json.dumps(told))
    else:
        counts = ", ".join(f"{number} {table}" for table, number in rows.items())
        print(f"{'Would delete' if arguments.dry_run else 'Deleted'} {conversations} conversation(s): {counts}.")
    return 0


def seconds(text: str) -> int:
    """Reads an age such as ``30d``."""
    found = re.fullmatch(r"([1-9]\d{0,4})([hdw])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no age: write 12h, 30d or 4w")
    return int(found[1]) * UNITS[found[2]]


@contextmanager
def opened(database: Path) -> Iterator[sqlite3.Connection]:
    """Opens the database; what is deleted from it is overwritten with zeros.

    Args:
        database: the SQLite file of FAQ_DATABASE.

    Raises:
        SetupError: it is not there, or it is none.
    """
    if not database.is_file():
        raise SetupError(f"[PRG01] There is no database {database}: set FAQ_DATABASE to the one the assistant uses.")
    try:
        with closing(sqlite3.connect(database, timeout=WAIT, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            yield connection
    except sqlite3.DatabaseError as error:
        raise SetupError(f"[PRG02] {database} cannot be used ({error}): nothing more was deleted.") from error


def idle_since(connection: sqlite3.Connection, moment: float) -> list[str]:
    """Finds the conversations whose latest event is older than a moment, in seconds since 1970."""
    query = "SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < ? ORDER BY sender_id"
    return [sender for (sender,) in connection.execute(query, [moment])]


def purge(connection: sqlite3.Connection, conversations: list[str], dry_run: bool = False) -> dict[str, int]:
    """Deletes conversations: all of them or none.

    Args:
        connection: of ``opened``.
        conversations: their ids; unknown ones are no error.
        dry_run: whether to count only.

    Returns:
        The number of rows by table.
    """
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.execute("BEGIN IMMEDIATE")
    rows = {table: _delete(connection, table, conversations) for table in TABLES if table in there}
    connection.execute("ROLLBACK" if dry_run else "COMMIT")
    if not dry_run:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return rows


def _delete(connection: sqlite3.Connection, table: str, conversations: list[str]) -> int:
    query = f"DELETE FROM {table} WHERE sender_id = ?"  # noqa: S608  (one of TABLES)
    return sum(connection.execute(query, [each]).rowcount for each in conversations)
