"""Deletes conversations for good, with all feedback on them, as a reader's own deletion does."""

from __future__ import annotations

import argparse
import json
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from faq.erasing import COMPACT, IDLE, LOCK, TABLES
from faq.errors import SetupError
from maintain.review.decisions import Decisions, review_database
from maintain.settings import Settings

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
        "What was decided about the messages goes too. What was deleted leaves the files of the database, also what "
        "readers have deleted themselves; PostgreSQL answers nobody else for that time, about a second. "
        "Exit codes: 0 deleted, or nothing was to be deleted; 1 the database cannot be read. The assistant may run "
        "meanwhile. What a reader still types into a deleted conversation is answered with 404, as after their own "
        "deletion."
    )


def run(arguments: argparse.Namespace) -> int:
    """Deletes, as the command line says."""
    settings = Settings.from_environment(os.environ)
    with opened(settings) as engine:
        found = (
            [arguments.conversation]
            if arguments.conversation
            else idle_since(engine, time.time() - arguments.older_than)
        )
        rows = purge(engine, found, arguments.dry_run)
    if not arguments.dry_run and review_database(settings).exists():
        Decisions(review_database(settings)).drop_conversations(found)
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
def opened(settings: Settings) -> Iterator[sa.engine.Engine]:
    """Opens the database; what is deleted from an SQLite file is overwritten with zeros.

    Args:
        settings: name the database.

    Raises:
        SetupError: it is not there, or it is none.
    """
    if not settings.database_url and not settings.database.is_file():
        raise SetupError(
            f"[PRG01] There is no database {settings.database}: set FAQ_DATABASE or DATABASE_URL to the one the "
            "assistant uses."
        )
    options: dict[str, Any] = {} if settings.database_url else {"connect_args": {"timeout": WAIT}}
    engine = sa.create_engine(settings.store_url, future=True, **options)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _overwrite_what_is_deleted)
    try:
        yield engine
    except (sa.exc.DBAPIError, sqlite3.DatabaseError) as error:
        where = "DATABASE_URL" if settings.database_url else settings.database
        said = " ".join(str(getattr(error, "orig", error)).split())
        raise SetupError(f"[PRG02] {where} cannot be used ({said}): nothing more was deleted.") from error
    finally:
        engine.dispose()


def idle_since(engine: sa.engine.Engine, moment: float) -> list[str]:
    """Finds the conversations whose latest event is older than a moment, in seconds since 1970."""
    with engine.connect() as connection:
        return list(connection.execute(sa.text(IDLE), {"moment": moment}).scalars())


def purge(engine: sa.engine.Engine, conversations: list[str], dry_run: bool = False) -> dict[str, int]:
    """Deletes conversations: all of them or none.

    Args:
        engine: of ``opened``.
        conversations: their ids; unknown ones are no error.
        dry_run: whether to count only.

    Returns:
        The number of rows by table.
    """
    there = set(sa.inspect(engine).get_table_names())
    with engine.connect() as connection, connection.begin() as transaction:
        if engine.dialect.name == "postgresql":
            for each in sorted(conversations):
                connection.execute(sa.text(LOCK), {"name": each})
        rows = {table: _delete(connection, table, conversations) for table in TABLES if table in there}
        if dry_run:
            transaction.rollback()
    if not dry_run:
        compact(engine)
    return rows


def compact(engine: sa.engine.Engine) -> None:
    """Takes deleted rows out of the database's files."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        statements = COMPACT if engine.dialect.name == "postgresql" else ("PRAGMA wal_checkpoint(TRUNCATE)",)
        for statement in statements:
            connection.execute(sa.text(statement))


def _delete(connection: sa.engine.Connection, table: str, conversations: list[str]) -> int:
    query = sa.text(f"DELETE FROM {table} WHERE sender_id = :sender")  # noqa: S608  (one of TABLES)
    return sum(connection.execute(query, {"sender": each}).rowcount for each in conversations)


def _overwrite_what_is_deleted(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA secure_delete = ON")
