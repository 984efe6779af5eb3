"""Becoming one server, as a container does; a stand-in takes the place of the exec."""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path

import pytest

from faq.errors import ModelError, SetupError
from maintain import serve as command
from maintain.assistant import free_ports


@pytest.fixture
def become(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    became: list[tuple[list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execve", lambda _path, command, environment: became.append((command, environment)))
    monkeypatch.setattr(command, "configure", lambda environment: None)  # of this process, which others log in too
    port, actions_port = free_ports(2)
    monkeypatch.setenv("FAQ_PORT", str(port))
    monkeypatch.setenv("FAQ_ACTIONS_PORT", str(actions_port))
    return became


def serve(server: str) -> None:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    command.run(parser.parse_args([server]))


def test_serve_becomes_the_action_server(become, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAQ_ACTIONS_HOST", "0.0.0.0")
    monkeypatch.setenv("FAQ_MODELS", str(tmp_path))  # needs none
    serve("actions")
    ((words, environment),) = become
    assert "rasa_sdk" in words
    assert environment["SANIC_HOST"] == "0.0.0.0"


@pytest.mark.parametrize(
    ("variable", "given", "used"),
    [
        ("OPENBLAS_NUM_THREADS", None, "1"),
        ("OPENBLAS_NUM_THREADS", "4", "4"),
        ("GLIBC_TUNABLES", None, "glibc.malloc.hugetlb=1"),
        ("GLIBC_TUNABLES", "glibc.malloc.check=1", "glibc.malloc.check=1"),
    ],
)
def test_serve_shares_no_product_among_threads_and_takes_large_pages_unless_told(
    become, monkeypatch: pytest.MonkeyPatch, variable: str, given: str | None, used: str
) -> None:
    monkeypatch.delenv(variable, raising=False)
    if given:
        monkeypatch.setenv(variable, given)
    serve("actions")
    ((_, environment),) = become
    assert environment[variable] == used


def test_serve_never_trains(become, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "check_encoder", lambda folder: None)
    monkeypatch.setenv("FAQ_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="make train"):
        serve("rasa")
    assert become == []


@pytest.mark.parametrize(
    ("server", "variable"), [("rasa", "FAQ_METRICS_PORT"), ("actions", "FAQ_ACTIONS_METRICS_PORT")]
)
def test_serve_wants_the_port_of_its_metrics(
    become, monkeypatch: pytest.MonkeyPatch, server: str, variable: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv(variable, str(taken.getsockname()[1]))
        with pytest.raises(SetupError, match=rf"RUN01.*{variable}"):
            serve(server)
    assert become == []


def test_serve_logs_as_it_is_told_before_it_looks_at_anything(become, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(command, "configure", lambda environment: told.append(environment["FAQ_LOG_FORMAT"]))
    monkeypatch.setenv("FAQ_LOG_FORMAT", "json")
    monkeypatch.setenv("DATABASE_URL", "postgresql://faq@127.0.0.1:1/faq")
    with pytest.raises(SetupError, match="SET05"):
        serve("rasa")
    assert told == ["json"]


def test_serve_refuses_wrong_settings(become, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///file")
    with pytest.raises(SetupError, match="DATABASE_URL"):
        serve("rasa")
    assert become == []
