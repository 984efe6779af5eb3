"""The command ``review``: its options, its addresses, and that it really serves."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from maintain.assistant import free_ports
from maintain.review import add_arguments, announce, hosts
from maintain.settings import ROOT
from tests.maintain.review.project import CONVERSATIONS, make_database


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", {"127.0.0.1:1", "localhost:1", "[::1]:1"}),
        ("0.0.0.0", {"127.0.0.1:1", "localhost:1", "[::1]:1"}),
        ("review.example", {"review.example:1", "127.0.0.1:1", "localhost:1", "[::1]:1"}),
    ],
)
def test_command_hosts(host: str, expected: set[str]) -> None:
    assert hosts(host, 1) == expected


@pytest.mark.parametrize(
    ("words", "link"),
    [
        ([], "http://127.0.0.1:5006/login?token=t"),
        (["--host", "::1", "--port", "80"], "http://[::1]:80/login?token=t"),
        (["--name", "review.example.org"], "https://review.example.org/login?token=t"),
    ],
)
def test_command_shows_the_link(words: list[str], link: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    announce(parser.parse_args(words), "t")
    announce(parser.parse_args([*words, "--json"]), "t")
    plain, as_json = capsys.readouterr().out.splitlines()
    assert plain.endswith(f" {link}")
    assert json.loads(as_json) == {"link": link}


@pytest.mark.parametrize("port", ["0", "65536"])
def test_command_refuses_a_port(port: str) -> None:
    command = [sys.executable, "-m", "maintain", "review", "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "REV03" in done.stderr


def test_command_serves_the_page(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    database = make_database(tmp_path / "talk.db", CONVERSATIONS)
    command = [sys.executable, "-m", "maintain", "review", "--port", str(port), "--json"]
    environment = {**os.environ, "FAQ_DATABASE": str(database)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        link = json.loads(process.stdout.readline())["link"]
        transport = httpx.HTTPTransport(retries=20)
        with httpx.Client(transport=transport, follow_redirects=True, timeout=30) as client:
            page = client.get(link)
        process.send_signal(signal.SIGINT)
    assert page.status_code == 200
    assert "groups" in page.text
    assert page.headers["x-frame-options"] == "DENY"
    assert process.returncode in (0, 130)
