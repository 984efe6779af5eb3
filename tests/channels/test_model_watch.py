"""The change of models in Rasa's own server; only what loads a model is a stand-in."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Callable, Sized
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock

import pytest
from rasa.core.agent import Agent

from channels.model_watch import AGAIN, ModelWatch, copy_of
from faq.model_files import READ_AT_LOAD, READ_AT_START, file_hash, tree_hash
from tests.patience import wait_until

FILES = {"data/facts/symptoms.toml": "one", "data/documents/a.md": "one", "nlu/a.py": "one"}


class Project:
    """A folder of models under a small project, and a server that holds an agent."""

    def __init__(self, root: Path, agent: Agent) -> None:
        self.root, self.folder, self.loads = root, root / "models", []
        for name, text in FILES.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        self.folder.mkdir()
        self.app: Any = SimpleNamespace(ctx=SimpleNamespace(agent=agent))
        self.promote("model")
        self.watch = ModelWatch(self.folder, root, ())
        self.look()

    def promote(self, name: str) -> None:
        archive = self.folder / f"{name}.tar.gz"
        archive.write_text(name)
        (self.folder / f"{name}.json").write_text(json.dumps({"hashes": {"archive": file_hash(archive)}}))
        record = {
            **{"model": archive.name, "sha256": file_hash(archive), "fingerprint": "", "trained_at": ""},
            **{"at_load": tree_hash(self.root, READ_AT_LOAD), "at_start": tree_hash(self.root, READ_AT_START)},
        }
        (self.folder / "current.json").write_text(json.dumps(record))

    def look(self) -> dict[str, Any]:
        asyncio.run(self.watch.look(self.app))
        return self.watch.update.as_dict()

    @property
    def in_use(self) -> str:
        return str(self.app.ctx.agent.processor.model_filename)


@pytest.fixture
def project(tmp_path: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path / "project", agent)

    def load_model(fresh: Agent, path: Path) -> None:
        project.loads.append(path.name)
        if "broken" in path.name:
            raise ValueError("no such component")
        fresh.processor = type(agent.processor)(fresh, agent.domain)
        fresh.processor.model_filename = path.name

    monkeypatch.setattr(Agent, "load_model", load_model)
    return project


def test_model_watch_leaves_what_is_in_use(project: Project) -> None:
    before = project.app.ctx.agent
    assert project.look() == {"state": "current", "model": "model.tar.gz", "code": None}
    assert project.app.ctx.agent is before
    assert project.loads == []


def test_model_watch_takes_what_is_promoted_and_what_is_rolled_back(project: Project) -> None:
    project.promote("better")
    before = time.time()
    assert project.watch.taken_at < before
    assert project.look()["state"] == "current"
    assert project.in_use == "better.tar.gz"
    assert project.watch.taken_at >= before
    project.promote("model")
    project.look()
    assert project.in_use == "model.tar.gz"
    assert project.loads == ["better.tar.gz", "model.tar.gz"]


def test_model_watch_leaves_the_old_agent_to_those_who_have_it(project: Project) -> None:
    old = project.app.ctx.agent
    project.promote("better")
    project.look()
    new = project.app.ctx.agent
    assert old.processor.model_filename == "model.tar.gz"
    assert new.lock_store is old.lock_store
    assert new.nlg is not old.nlg
    assert new.tracker_store._tracker_store.engine is old.tracker_store._tracker_store.engine


def test_model_watch_hands_the_new_agent_on_before_readers_get_it(project: Project) -> None:
    seen: list[tuple[str, str]] = []

    async def take(fresh: Agent) -> None:
        seen.append((fresh.processor.model_filename, project.in_use))

    project.watch = ModelWatch(project.folder, project.root, (), take=take)
    project.promote("better")
    project.look()
    assert seen == [("better.tar.gz", "model.tar.gz")]
    assert project.in_use == "better.tar.gz"


def test_model_watch_copy_has_a_domain_of_its_own(agent: Agent) -> None:
    before = agent.tracker_store.domain
    fresh = copy_of(agent)
    fresh.tracker_store.domain = type(before).from_dict({"intents": ["another"]})
    assert agent.tracker_store.domain is before


def damage_archive(project: Project) -> None:
    (project.folder / "better.tar.gz").write_text("damaged")


def damage_manifest(project: Project) -> None:
    (project.folder / "better.json").unlink()


def damage_record(project: Project) -> None:
    (project.folder / "current.json").write_text("{")


def change(name: str) -> Callable[[Project], None]:
    def changed(project: Project) -> None:
        (project.root / name).write_text("two")
        project.promote("better")

    return changed


def change_unjudged(project: Project) -> None:
    (project.root / "data/facts/symptoms.toml").write_text("half an ed")


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (damage_archive, "MOD03"),
        (damage_manifest, "MOD07"),
        (damage_record, "MOD01"),
        (change("data/documents/a.md"), "MWT03"),
        (change("nlu/a.py"), "MWT03"),
        (change_unjudged, "MWT04"),
    ],
)
def test_model_watch_keeps_the_old_model_and_says_so(
    project: Project, harm: Callable[[Project], None], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    project.promote("better")
    harm(project)
    update = project.look()
    assert (update["state"], update["code"]) == ("failed", code)
    assert (project.in_use, project.loads) == ("model.tar.gz", [])
    assert f"[{code}]" in caplog.text


def test_model_watch_takes_vocabulary_that_was_judged_with_the_model(project: Project) -> None:
    change("data/facts/symptoms.toml")(project)
    assert project.look()["state"] == "current"
    assert project.in_use == "better.tar.gz"


def test_model_watch_tries_a_broken_model_only_now_and_then(project: Project) -> None:
    project.promote("broken")
    assert [project.look()["code"] for _ in range(AGAIN + 1)] == ["MWT02"] * (AGAIN + 1)
    assert project.loads == ["broken.tar.gz"]
    project.look()
    assert project.loads == ["broken.tar.gz"] * 2
    project.promote("better")
    assert project.look()["state"] == "current", "another promotion is tried at once"


def test_model_watch_runs_with_the_server_and_shows_in_its_health(
    serve: Callable[..., Any], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def from_environment(_environment: object, waiting: Sized, *_: object) -> ModelWatch:
        return ModelWatch(project.folder, project.root, waiting, every=0.05)

    monkeypatch.setattr(ModelWatch, "from_environment", from_environment)
    chat = serve()
    session = chat.session()
    project.promote("better")

    def health() -> Any:
        found = chat.http.get("/chat/health").json()
        return found if found["model"] == "better.tar.gz" else None

    assert wait_until(health)["update"] == {"state": "current", "model": "better.tar.gz", "code": None}
    assert chat.say(session, "still here?").status_code == 200


class Turns:
    """What servers share: one lock for each key."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def hold(self, key: str) -> asyncio.Lock:
        return self._locks[key]


def test_model_watch_lets_servers_load_one_after_the_other(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the others answer at full speed meanwhile."""
    turns, under_way, together = Turns(), [], []

    def load_model(fresh: Agent, path: Path) -> None:
        under_way.append(fresh)
        time.sleep(0.1)
        together.append(len(under_way))
        under_way.remove(fresh)
        fresh.processor = None

    monkeypatch.setattr(Agent, "load_model", load_model)
    monkeypatch.setattr(Agent, "parse_message", AsyncMock())
    project.promote("better")

    async def look() -> None:
        servers = [SimpleNamespace(ctx=SimpleNamespace(agent=project.app.ctx.agent)) for _ in range(2)]
        watches: list[Any] = [ModelWatch(project.folder, project.root, (), turns) for _ in servers]
        await asyncio.gather(*(watch.look(server) for watch, server in zip(watches, servers, strict=True)))
        assert [watch.update.state for watch in watches] == ["current"] * 2

    asyncio.run(look())
    assert together == [1, 1]


def test_model_watch_needs_a_folder() -> None:
    assert ModelWatch.from_environment({}, (), None) is None
