"""What somebody finds who has got at one of the servers of a running cluster."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg2
import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from channels.guard import HEADERS
from maintain.topology import Cluster

LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1, as /proc/net/tcp writes them."""


def children(process: int) -> Iterator[int]:
    """All processes that a process started, and those that they started."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    for child in map(int, listed):
        yield child
        yield from children(child)


def status(process: int) -> dict[str, str]:
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_security_no_server_is_root(cluster: Cluster) -> None:
    """Only the supervisor is, if root called it, and without most of its powers; it listens to nobody but root."""
    if os.geteuid() != 0:
        pytest.skip("not called by root, so nothing can be")
    supervisor = int((cluster.folder / "supervisord.pid").read_text(encoding="ascii"))
    powers = status(supervisor)["CapEff"]
    assert int(powers, 16) == sum(1 << number for number in (2, 5, 6, 7)), "read all, kill, setgid, setuid"
    servers = [status(process) for process in children(supervisor)]
    assert len(servers) >= 7
    assert [each["Name"] for each in servers if "0" in each["Uid"].split()] == []
    assert {each["NoNewPrivs"] for each in servers} == {"1"}
    assert len({each["Uid"] for each in servers}) == 4, "PostgreSQL, Redis, nginx, and the Rasa and action servers"
    assert stat.S_IMODE((cluster.folder / "supervisor.sock").stat().st_mode) == 0o700


def test_security_listens_on_this_machine_only(cluster: Cluster) -> None:
    """The action server, PostgreSQL and Redis, too; a server with TLS is put in front of nginx."""
    ports = set(cluster.ports.values())
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            address, port = line.split()[1].split(":")
            if line.split()[3] == "0A" and int(port, 16) in ports:
                found[int(port, 16)] = address
    assert found.keys() == ports
    assert set(found.values()) <= LOOPBACK


def test_security_secrets_are_for_their_owner(cluster: Cluster) -> None:
    files = [*(cluster.folder / "secrets").iterdir(), cluster.folder / "supervisord.conf"]
    files += [cluster.folder / "redis" / "redis.conf", cluster.folder / "postgres"]
    assert {file.name: oct(file.stat().st_mode & 0o077) for file in files if file.stat().st_mode & 0o077} == {}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY events FROM '/etc/passwd'",
        "CREATE ROLE other SUPERUSER",
        "ALTER SYSTEM SET log_statement = 'all'",
        "SELECT * FROM pg_authid",
        "SELECT lo_import('/etc/passwd')",
        "CREATE EXTENSION file_fdw",
    ],
)
def test_security_servers_own_their_tables_and_nothing_else(cluster: Cluster, statement: str) -> None:
    connection = psycopg2.connect(cluster.database_url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(statement)
    finally:
        connection.close()


@pytest.mark.parametrize("password", ["", "wrong"])
def test_security_databases_want_their_password(cluster: Cluster, password: str) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(f"postgresql://faq:{password}@127.0.0.1:{cluster.ports['postgres']}/faq")
    with pytest.raises(AuthenticationError):
        Redis(port=cluster.ports["redis"], password=password or None).ping()


@pytest.mark.parametrize("path", ["/", "/version", "/chat", "/chat/health", "/chat/nothing", "/chat/messages"])
def test_security_headers_are_on_every_answer(cluster: Cluster, path: str) -> None:
    answer = httpx.get(f"{cluster.url}{path}", trust_env=False)
    assert {name: answer.headers.get_list(name) for name in HEADERS} == {k: [v] for k, v in HEADERS.items()}
    assert answer.headers["server"] == "nginx"
    assert "rasa" not in answer.text.lower().replace("rasa.tar", "")


def test_security_actions_tell_little(cluster: Cluster) -> None:
    """Who reaches an action server gets no conversation: it keeps none. Its port is for the Rasa servers alone."""
    url = f"http://127.0.0.1:{cluster.ports['actions-1']}"
    for path in ("/", "/conversations", "/webhook", "/version"):
        answer = httpx.get(f"{url}{path}", trust_env=False)
        assert answer.status_code in (404, 405)
        assert answer.json() == {"error": "no such call"}
