"""What it takes to delete conversations for good, as SQL that the chat and the maintainers' commands both use."""

from __future__ import annotations

TABLES = ("events", "feedback")
"""The tables that hold something of a conversation, each by its ``sender_id``."""

IDLE = "SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < :moment ORDER BY sender_id"
"""The conversations whose latest event is older than a moment, in seconds since 1970."""

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"
"""Keeps other sessions of PostgreSQL that ask for the same name waiting until this transaction ends."""

COMPACT = (
    "SET lock_timeout = '2s'",
    "SET statement_timeout = '10min'",
    *(f"VACUUM FULL {table}" for table in TABLES),
    "SELECT pg_switch_wal()",
    "CHECKPOINT",
)
"""Run one by one outside of a transaction, takes what was deleted out of PostgreSQL's files: a deleted row stays in its
table's file until that is written anew (https://www.postgresql.org/docs/15/routine-vacuuming.html), and in the
write-ahead log until a checkpoint lets go of the segment. The last two need what ``deploy/postgres/roles.sql`` grants.
Nobody reads or writes meanwhile; with 100,000 events that takes a second or two."""
