"""Reads the tracker store's database, and never writes to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from faq.errors import SetupError
from maintain.review.messages import ReaderMessage, Thumb, read_messages
from maintain.settings import Settings

MOST = 20000
"""Latest events of readers and assistant that are looked at: about 8000 messages, which the page lists in a second."""

TABLES = sa.MetaData()
EVENTS = sa.Table(
    "events",
    TABLES,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String),
    sa.Column("type_name", sa.String),
    sa.Column("timestamp", sa.Float),
    sa.Column("data", sa.Text),
)
"""The columns of Rasa's table that are read."""
FEEDBACK = sa.Table(
    "feedback",
    TABLES,
    sa.Column("sender_id", sa.String, primary_key=True),
    sa.Column("message_id", sa.String, primary_key=True),
    sa.Column("helpful", sa.Boolean),
    sa.Column("reason", sa.Text),
    sa.Column("timestamp", sa.Float),
)
"""The columns of the channel's table that are read."""


def database_address(settings: Settings, environment: Mapping[str, str]) -> str:
    """Where the conversations are.

    Args:
        settings: with the SQLite file.
        environment: ``DATABASE_URL`` names another database, as SQLAlchemy writes it.

    Returns:
        The address; SQLite is opened for reading only.
    """
    given = environment.get("DATABASE_URL")
    if given:
        return given.replace("postgres://", "postgresql://", 1)
    return f"sqlite:///file:{settings.database}?mode=ro&uri=true"


class ConversationStore:
    """The conversations of a tracker store."""

    def __init__(self, address: str) -> None:
        """Prepares to read; nothing is opened yet.

        Args:
            address: of ``database_address``.
        """
        self._sqlite = Path(address[15:].partition("?")[0]) if address.startswith("sqlite:///file:") else None
        options = {} if self._sqlite else {"execution_options": {"postgresql_readonly": True}}
        self._engine = sa.create_engine(address, future=True, **options)

    def version(self) -> tuple[object, ...]:
        """Something that changes whenever events or feedback do; empty where there is no database yet."""
        if not self._tables():
            return ()
        with self._engine.connect() as connection:
            events = connection.execute(sa.select(sa.func.max(EVENTS.c.id), sa.func.count())).one()
            if "feedback" not in self._tables():
                return tuple(events)
            thumbs = sa.select(sa.func.max(FEEDBACK.c.timestamp), sa.func.count())
            return (*events, *connection.execute(thumbs).one())

    def messages(self) -> list[ReaderMessage]:
        """What readers wrote, latest first; nothing where there is no database yet."""
        if "events" not in self._tables():
            return []
        wanted = (EVENTS.c.id, EVENTS.c.sender_id, EVENTS.c.type_name, EVENTS.c.timestamp, EVENTS.c.data)
        spoken = sa.select(*wanted).where(EVENTS.c.type_name.in_(("user", "bot")))
        with self._engine.connect() as connection:
            rows = connection.execute(spoken.order_by(EVENTS.c.id.desc()).limit(MOST)).all()
        return read_messages(((row[1], row[2], row[3] or 0.0, row[4]) for row in reversed(rows)), self._thumbs())

    def existing(self, conversations: set[str]) -> set[str]:
        """Which of these conversations are still stored."""
        if "events" not in self._tables():
            return set()
        with self._engine.connect() as connection:
            known = connection.execute(sa.select(EVENTS.c.sender_id).distinct()).scalars()
            return conversations & set(known)

    def _thumbs(self) -> dict[tuple[str, str], Thumb]:
        if "feedback" not in self._tables():
            return {}
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(FEEDBACK)).all()
        return {(row.sender_id, row.message_id): Thumb(bool(row.helpful), row.reason or "") for row in rows}

    def _tables(self) -> set[str]:
        if self._sqlite and not self._sqlite.exists():
            return set()
        try:
            return set(sa.inspect(self._engine).get_table_names())
        except sa.exc.SQLAlchemyError as error:
            raise SetupError(
                f"[REV01] The conversations cannot be read ({type(error).__name__}: {error.__cause__}): "
                "set FAQ_DATABASE to the database that the server uses."
            ) from error
