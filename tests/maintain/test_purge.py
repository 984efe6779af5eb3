"""Deleting conversations from a database that the chat itself has written."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from channels.feedback import Feedback
from channels.tracker_store import ErasableSQLTrackerStore
from faq.erasing import TABLES
from faq.errors import SetupError
from maintain import purge as command
from maintain.review.decisions import Decision, Decisions, review_database
from maintain.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:Calling URL\\(\\) directly is deprecated")  # rasa.core.tracker_store

OLD, NEW = "conversation-old", "conversation-new"
SECRET = "my left eyelid has not stopped since easter"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A conversation of 40 days ago and one of today, each with feedback, in the tables that the chat makes."""
    path = tmp_path / "conversations.db"
    store = ErasableSQLTrackerStore(host=f"sqlite:///{path}")
    for sender, age in ((OLD, 40 * 86_400), (NEW, 60)):
        with store.session_scope() as session:
            for number in range(3):
                moment = time.time() - age - number
                event = {"sender_id": sender, "type_name": "user", "timestamp": moment, "data": f"{SECRET} {sender}"}
                session.add(store.SQLEvent(**event))
            session.commit()
        asyncio.run(store.keep_feedback(sender, Feedback("00000000-0000-4000-8000-000000000000", False, SECRET)))
    store.engine.dispose()
    monkeypatch.setenv("FAQ_DATABASE", str(path))
    return path


def purge(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args([*words, "--json"])) == 0
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    return told


def senders(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT sender_id FROM events UNION SELECT sender_id FROM feedback")
        return {sender for (sender,) in rows}


def test_purge_deletes_what_is_old(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = purge(capsys, "--older-than", "30d")
    assert told == {"conversations": 1, "rows": {"events": 3, "feedback": 1}, "dry_run": False}
    assert senders(database) == {NEW}


def test_purge_deletes_one_conversation(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert purge(capsys, "--conversation", NEW)["conversations"] == 1
    assert senders(database) == {OLD}
    assert purge(capsys, "--conversation", NEW)["conversations"] == 0


def test_purge_leaves_no_byte_behind(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert SECRET.encode() in database.read_bytes()
    purge(capsys, "--conversation", OLD)
    purge(capsys, "--conversation", NEW)
    assert [path for path in database.parent.iterdir() if SECRET.encode() in path.read_bytes()] == []


def test_purge_of_nothing_but_words(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = purge(capsys, "--older-than", "30d", "--dry-run")
    assert told == {"conversations": 1, "rows": {"events": 3, "feedback": 1}, "dry_run": True}
    assert senders(database) == {OLD, NEW}


def test_purge_knows_every_table_of_the_chat(database: Path) -> None:
    """A table that the chat adds later must be emptied too."""
    with closing(sqlite3.connect(database)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables - {"sqlite_sequence"} == set(TABLES)


@pytest.mark.parametrize("words", [[], ["--older-than", "30"], ["--older-than", "0d"], ["--older-than", "-1d"]])
def test_purge_deletes_nothing_without_a_clear_word(database: Path, words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(SystemExit, match="2"):
        parser.parse_args(words)


def test_purge_of_a_missing_database(tmp_path: Path) -> None:
    with (
        pytest.raises(SetupError, match=r"PRG01.*FAQ_DATABASE"),
        command.opened(Settings(database=tmp_path / "none.db")),
    ):
        pass


def test_purge_of_what_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("not a database at all, but long enough to look at" * 100)
    with pytest.raises(SetupError, match="PRG02"), command.opened(Settings(database=path)) as engine:
        command.idle_since(engine, 0)


def test_purge_drops_what_was_decided(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decided = Decisions(review_database(Settings(database=database)))
    for sender in (OLD, NEW):
        decided.keep(Decision(sender, "ignored"), [(sender, "a-message")])
    purge(capsys, "--older-than", "30d", "--dry-run")
    assert len(decided.all()) == 2
    purge(capsys, "--older-than", "30d")
    assert [sender for sender, _, _ in decided.all()] == [NEW]
    assert OLD.encode() not in review_database(Settings(database=database)).read_bytes()
