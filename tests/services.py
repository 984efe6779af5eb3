"""A PostgreSQL and a Redis of a test's own, set up as `make cluster` does."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faq.errors import SetupError
from maintain.assistant import free_ports
from maintain.cluster import server_names
from maintain.topology import PACKAGES, Cluster, program
from tests.patience import PATIENCE, wait_until


def needs_programs() -> None:
    """Skips where this machine has not what a cluster needs; in CI that is a failure."""
    try:
        for name in PACKAGES:
            program(name)
    except SetupError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@contextmanager
def cluster_folder(**settings: str) -> Iterator[Cluster]:
    """A cluster on free ports that is not started, in a folder that the servers' users can enter, until the end."""
    needs_programs()
    names = server_names()
    folder = Path(tempfile.mkdtemp(prefix="faq-cluster-"))
    try:
        yield Cluster(folder, dict(zip(names, free_ports(len(names)), strict=True)), settings)
    finally:
        shutil.rmtree(folder)


@contextmanager
def service(cluster: Cluster, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs one server of a cluster that was prepared, until the end of the block."""
    command, _ = cluster.servers()[name]
    process = subprocess.Popen(command, cwd=cluster.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(cluster.ports[name]), f"{name} does not listen")
        yield process
    finally:
        process.send_signal(signal.SIGINT)  # for PostgreSQL: without waiting for those who are connected
        process.wait(PATIENCE)


def listens(port: int) -> bool:
    """Whether a server takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
