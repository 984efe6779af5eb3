"""Promise: what a reader deletes is nowhere any more, in no table and in no file of any server."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg2
import pytest
from redis import Redis

from maintain.settings import ROOT
from maintain.topology import Cluster

TABLES = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'"
READER = "198.51.100.77"


def in_files(folder: Path, word: str) -> list[str]:
    """The files that hold a word, whatever they are."""
    found = subprocess.run(["/bin/grep", "-rlaF", word, str(folder)], capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    return [name for name in found.stdout.splitlines() if not name.endswith(("/secrets", ".tar.gz"))]


def in_tables(cluster: Cluster, word: str) -> list[str]:
    """The tables that hold a word in any column of any row."""
    connection = psycopg2.connect(cluster.database_url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(TABLES + " AND table_schema NOT IN ('pg_catalog', 'information_schema')")
            names = [name for _, name in cursor.fetchall()]
            assert {"events", "feedback"} <= set(names)
            holding = []
            for name in names:
                cursor.execute(f"SELECT count(*) FROM {name} AS row WHERE row::text LIKE %s", [f"%{word}%"])  # noqa: S608
                if cursor.fetchone() != (0,):
                    holding.append(name)
    finally:
        connection.close()
    return holding


def in_redis(cluster: Cluster, word: str) -> list[bytes]:
    with Redis.from_url(cluster.redis_url) as redis:
        return [key for key in redis.scan_iter() if word.encode() in key + (redis.get(key) or b"")]


def traces(cluster: Cluster, word: str) -> list[object]:
    return [*in_files(cluster.folder, word), *in_tables(cluster, word), *in_redis(cluster, word)]


def maintain(cluster: Cluster, *words: str) -> None:
    environment = {**os.environ, **cluster.environment, "FAQ_DATABASE": str(cluster.folder / "none.db")}
    command = [sys.executable, "-m", "maintain", *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def plain(cluster: Cluster) -> Cluster:
    """The cluster with a table that is not compressed, so that a word in it is found."""
    connection = psycopg2.connect(cluster.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events ALTER data SET STORAGE EXTERNAL")
    connection.close()
    return cluster


@pytest.mark.parametrize("by", ["the reader", "maintain purge"])
def test_privacy_nothing_is_left_anywhere(plain: Cluster, by: str) -> None:
    marker, number = f"unmistakable{uuid.uuid4().hex}", str(uuid.uuid4())
    headers = {"X-Forwarded-For": READER}
    with httpx.Client(base_url=plain.url, timeout=30, trust_env=False, headers=headers) as http:
        session = http.post("/chat/session").json()["session"]
        http.headers["Authorization"] = f"Bearer {session}"
        for _ in range(2):  # the second time the answer comes from what was stored
            said = http.post("/chat/messages", json={"id": number, "text": f"how long? {marker}"})
            assert said.status_code == 200, said.text
        body = {"id": number, "helpful": False, "reason": f"because {marker}"}
        assert http.post("/chat/feedback", json=body).status_code == 204
        assert in_tables(plain, marker) == ["events", "feedback"]
        (conversation,) = senders(plain, marker)
        assert in_files(plain.folder, marker), "this test can find what is there"
        if by == "the reader":
            assert http.delete("/chat/session").status_code == 204
            maintain(plain, "purge", "--older-than", "3650d")  # what each night does
        else:
            maintain(plain, "purge", "--conversation", conversation)
    for trace in (marker, number, conversation, session, READER):
        assert traces(plain, trace) == [], trace


def senders(cluster: Cluster, word: str) -> list[str]:
    connection = psycopg2.connect(cluster.database_url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT sender_id FROM events WHERE data LIKE %s", [f"%{word}%"])
        found = [sender for (sender,) in cursor.fetchall()]
    connection.close()
    return found


@contextmanager
def full_table(cluster: Cluster) -> Iterator[None]:
    """Lets every turn fail in the database when it is written, where an error could name what was to be written."""
    connection = psycopg2.connect(cluster.database_url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE events ADD CONSTRAINT full_up CHECK (false) NOT VALID")
        yield
        cursor.execute("ALTER TABLE events DROP CONSTRAINT full_up")
    connection.close()


def test_privacy_logs_hold_no_text_and_no_address(plain: Cluster) -> None:
    """Whatever happens to a message, also one that is refused or fails."""
    marker = f"unmistakable{uuid.uuid4().hex}"
    with httpx.Client(base_url=plain.url, timeout=30, trust_env=False, headers={"X-Forwarded-For": READER}) as http:
        session = http.post("/chat/session").json()["session"]
        http.headers["Authorization"] = f"Bearer {session}"
        for body in ({"id": "no uuid", "text": marker}, {"id": str(uuid.uuid4()), "text": marker + "x" * 40_000}):
            assert http.post("/chat/messages", json=body).status_code in (400, 413)
        assert http.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": marker}).status_code == 200
        assert http.get(f"/{marker}").status_code == 404
        with full_table(plain):
            failed = http.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": f"how long? {marker}"})
        assert failed.status_code == 503
    assert in_files(plain.folder / "log", failed.json()["request_id"]), "the log names what failed"
    for name in ("log", "redis", "tmp"):
        assert in_files(plain.folder / name, marker) == []
    for trace in (session, READER):
        assert in_files(plain.folder / "log", trace) == in_files(plain.folder / "nginx", trace) == []
