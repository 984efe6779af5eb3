"""Connections to the database of the conversations, be it an SQLite file or a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import QueuePool

from faq.erasing import LOCK
from faq.errors import SetupError

STATEMENT_TIMEOUT = 10_000
"""Milliseconds of one statement: half of ``answer_timeout``, so that a reader is told and the connection is free."""

LOCK_TIMEOUT = 5_000
"""Milliseconds to wait for another server's turn in the same conversation."""

POSTGRESQL: dict[str, Any] = {
    "application_name": "faq",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
    "options": f"-c statement_timeout={STATEMENT_TIMEOUT} -c lock_timeout={LOCK_TIMEOUT} "
    "-c idle_in_transaction_session_timeout=20000",
}
"""How long libpq waits for a server that is slow or gone (its names; seconds, but milliseconds in the last two). What
the address itself says comes first."""


SQLITE = ("secure_delete = ON", "journal_mode = WAL", "synchronous = FULL")
"""What is deleted is overwritten; a turn is written once, to the log, and is on the disk before it is answered. With
SQLite's own choice, a rollback journal, that takes several times as long (docs/decisions/0015-reply-path.md)."""


def connected(address: str, most: int) -> Engine:
    """Prepares connections; those to PostgreSQL are opened when they are needed, and tried before each use. Their
    errors name the statement and not its values, among which is what a reader wrote.

    Args:
        address: as SQLAlchemy writes it, ``sqlite:///`` or ``postgresql://``.
        most: connections at once.

    Raises:
        SetupError: an SQLite file cannot be written.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        _prepare_file(Path(url.database or ""))
        engine = sa.create_engine(
            url, hide_parameters=True, poolclass=QueuePool, connect_args={"check_same_thread": False}
        )
        sa.event.listen(engine, "connect", _prepare_sqlite)
        return engine
    return sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={key: value for key, value in POSTGRESQL.items() if key not in url.query},
        pool_pre_ping=True,
        pool_size=most,
        max_overflow=0,
        pool_timeout=LOCK_TIMEOUT / 1000,
    )


@contextmanager
def locked(connection: Connection, name: str) -> Iterator[None]:
    """A transaction, committed at the end of the block, during which others that ask for the same name wait.

    SQLite has one lock for all that write, ``maintain purge`` among them.

    Args:
        connection: outside of any transaction.
        name: of what is worked on.
    """
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text(LOCK), {"name": name})
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield


def rows_of(connection: Connection, statement: Any, *values: Mapping[str, Any]) -> Sequence[Any]:
    """Runs a statement of a turn, which is made once and kept.

    SQLite's driver is asked itself: through SQLAlchemy it takes three times as long, and its errors name no value.

    Args:
        connection: inside of a transaction.
        statement: of SQLAlchemy's Core.
        values: those of one statement, or of each row to insert.

    Returns:
        The rows that it gives.
    """
    if connection.dialect.name != "sqlite":
        done = connection.execute(statement, values)
        return done.all() if done.returns_rows else []
    text, own = _compiled(statement, tuple(values[0]))
    cursor, rows = connection.connection.cursor(), [{**own, **each} for each in values]
    if len(rows) > 1:
        cursor.executemany(text, rows)
    else:
        cursor.execute(text, rows[0])
    return list(cursor)


@lru_cache(maxsize=16)
def _compiled(statement: Any, names: Sequence[str]) -> tuple[str, Mapping[str, Any]]:
    """The text of a statement, and the values that it has itself, such as its limit."""
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"), column_keys=names)
    return compiled.string, {name: own.value for own, name in compiled.bind_names.items() if not own.required}


def cut_log(connection: Connection) -> bool:
    """Empties SQLite's write-ahead log, in which deleted rows still stand; PostgreSQL's is cut by ``COMPACT``.

    Returns:
        False where somebody reads at this moment, so that it has to be tried again.
    """
    if connection.dialect.name != "sqlite":
        return True
    busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def _prepare_file(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"[CHT05] {path} cannot be written ({error.strerror}): set FAQ_DATABASE to a file that can."
        ) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for statement in SQLITE:
        connection.execute(f"PRAGMA {statement}")
