"""A review page over a tiny project, and a browser without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from maintain.review.app import make_app
from maintain.review.decisions import Decisions
from maintain.review.desk import Desk
from maintain.review.security import Door
from maintain.review.store import ConversationStore
from tests.maintain.review.project import CONVERSATIONS, THUMBS, make_database, make_project

HOST = "127.0.0.1:5006"


class Browser:
    """Follows links and sends forms, as a person without JavaScript would."""

    def __init__(self, client: TestClient, links: list[str], desk: Desk) -> None:
        self.client, self.links, self.desk = client, links, desk
        self.html = ""

    def login(self) -> Browser:
        self.client.get("/login", params={"token": self.links[-1]})
        return self

    def open(self, path: str = "/") -> str:
        self.html = self.client.get(path).text
        return self.html

    def hidden(self, name: str) -> str:
        return re.findall(rf'name="{name}" value="([^"]*)"', self.html)[0]

    def decide(self, action: str, **fields: str) -> str:
        form = {"csrf": self.hidden("csrf"), "key": self.hidden("key"), "action": action, **fields}
        self.html = self.client.post("/decide", data=form).text
        return self.html

    def undo(self) -> str:
        self.html = self.client.post("/undo", data={"csrf": self.hidden("csrf")}).text
        return self.html


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path / "project")


@pytest.fixture
def decisions(tmp_path: Path) -> Decisions:
    return Decisions(tmp_path / "talk.review.db")


@pytest.fixture
def desk(root: Path, tmp_path: Path, decisions: Decisions) -> Desk:
    database = make_database(tmp_path / "talk.db", CONVERSATIONS, THUMBS)
    return Desk(root, ConversationStore(f"sqlite:///file:{database}?mode=ro&uri=true"), decisions)


@pytest.fixture
def browser(desk: Desk) -> Iterator[Browser]:
    links: list[str] = []
    door = Door("review", links.append)
    with TestClient(make_app(desk, door, {HOST}), base_url=f"http://{HOST}") as client:
        yield Browser(client, links, desk)
