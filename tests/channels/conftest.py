"""The chat channel in Rasa's own server and with Rasa's own processor; only the model and the actions are stand-ins."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.run import configure_app
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.data import TrainingType
from rasa.shared.nlu.training_data.message import Message
from rasa.utils.endpoints import EndpointConfig
from sanic import Sanic

from channels.chat import ChatChannel
from channels.settings import ChatSettings
from channels.tracker_store import ErasableSQLTrackerStore
from maintain.topology import Cluster
from tests.patience import PATIENCE, wait_until
from tests.services import cluster_folder, service

DOMAIN = {
    "version": "3.1",
    "intents": ["duration", "other"],
    "actions": ["action_answer", "action_session_start"],
    "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": True},
}
GREETING = {
    "text": "Hello.\n\nAsk me.",
    "custom": {"type": "smalltalk"},
    "buttons": [{"title": "How long?", "payload": "/duration"}],
}


IGNORED_WARNINGS = (
    "ignore:Calling URL\\(\\) directly is deprecated",  # rasa.core.tracker_store builds its database address so
    "ignore:Slot auto-fill has been removed",  # rasa.shared.core.slot_mappings says so of any slot
    "ignore:the load_module\\(\\) method is deprecated:DeprecationWarning",  # rasa loads a class by its name so
)


def pytest_configure(config: pytest.Config) -> None:
    for warning in IGNORED_WARNINGS:
        config.addinivalue_line("filterwarnings", warning)


class Actions(EndpointConfig):
    """The action server: repeats what it heard, in two replies, and can be down, mute or slow."""

    def __init__(self, url: str) -> None:
        super().__init__(url=url)
        self.calls: list[str] = []
        self.request_ids: list[str] = []
        self.down = self.mute = self.held = False
        self.delay = 0.0

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Answers nobody before the end of the block."""
        self.held = True
        try:
            yield
        finally:
            self.held = False

    def wait_for(self, action: str, times: int = 1) -> None:
        """Returns when an action has been called so many times."""
        wait_until(lambda: self.calls.count(action) >= times, lambda: self.calls)

    async def request(self, method: str = "post", json: Any = None, headers: Any = None, **_: Any) -> dict[str, Any]:
        self.calls.append(json["next_action"])
        self.request_ids.append(headers["X-Request-ID"])
        await asyncio.sleep(self.delay)
        while self.held:
            await asyncio.sleep(0.01)
        if self.down:
            raise aiohttp.ClientConnectionError("secret inner address")
        if json["next_action"] == "action_session_start":
            events = [{"event": "session_started"}, {"event": "action", "name": "action_listen"}]
            return {"events": events, "responses": [dict(GREETING)]}
        heard = json["tracker"]["latest_message"]
        text = f"{heard['intent']['name']}: {heard['text']}\n\nsecond paragraph"
        parts = [{"text": text, "custom": {"type": "answer", "n": len(self.calls)}}, {"text": "two"}]
        return {"events": [], "responses": [] if self.mute else parts}


class Processor(MessageProcessor):
    """Rasa's processor with a model that knows one intent for words, and buttons as Rasa knows them."""

    def __init__(self, agent: Agent, domain: Domain) -> None:
        self.nlg, self.tracker_store, self.lock_store = agent.nlg, agent.tracker_store, agent.lock_store
        self.max_number_of_predictions, self.on_circuit_break, self.http_interpreter = 10, None, None
        self.action_endpoint, self.domain = agent.action_endpoint, domain
        self.model_filename, self.model_path = "model.tar.gz", Path("model.tar.gz")
        self.model_metadata = SimpleNamespace(
            model_id="a-model", assistant_id="an-assistant", training_type=TrainingType.BOTH, nlu_target="parsed"
        )
        self.graph_runner = SimpleNamespace(run=self._run)
        self.heard: list[str] = []

    def _run(self, inputs: dict[str, Any], targets: list[str]) -> dict[str, Any]:
        """Stands in for Rasa's graph."""
        parsed = [self.understood(message) for message in inputs[PLACEHOLDER_MESSAGE]]
        return {target: [Message(data=data, output_properties={*data}) for data in parsed] for target in targets}

    def understood(self, message: UserMessage) -> dict[str, Any]:
        """What the graph gives for a message."""
        self.heard.append(message.text)
        data = YAMLStoryReader.unpack_regex_message(Message({"text": message.text}), self.domain).as_dict()
        last = message.text.split()[-1]
        start = message.text.rindex(last)
        entity = {"entity": "word", "value": last, "start": start, "end": start + len(last)}
        return {"intent": {"name": "other", "confidence": 0.9}, "entities": [entity], **data}

    def _check_for_unseen_features(self, parse_data: dict[str, Any]) -> None:
        pass

    def _predict_next_with_tracker(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        name = "action_answer" if tracker.latest_action_name == "action_listen" else "action_listen"
        return PolicyPrediction.for_action_name(self.domain, name)


class Running:
    """A running server and what tests look into."""

    def __init__(
        self,
        channel: ChatChannel,
        app: Sanic,
        agent: Agent,
        base: str,
        loop: Future[Any],
        stop: Callable[[], None],
    ) -> None:
        self.channel, self.app, self.agent = channel, app, agent
        self.base, self.loop, self.stop = base, loop, stop
        self.actions: Actions = agent.action_endpoint
        self.http = httpx.Client(base_url=base, timeout=30)

    def session(self) -> str:
        answer = self.http.post("/chat/session")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["session"])

    def say(self, session: str, text: str | None = None, id: str | None = None, **fields: Any) -> httpx.Response:
        body = {"id": id or str(uuid.uuid4()), **({} if text is None else {"text": text}), **fields}
        return self.http.post("/chat/messages", json=body, headers=bearer(session))

    def history(self, session: str) -> httpx.Response:
        return self.http.get("/chat/messages", headers=bearer(session))

    def erase(self, session: str) -> httpx.Response:
        return self.http.delete("/chat/session", headers=bearer(session))

    def stored(self, conversation: str | None = None) -> list[Any]:
        store = self.agent.tracker_store._tracker_store
        with store.session_scope() as session:
            rows = session.query(store.SQLEvent).order_by(store.SQLEvent.id).all()
        return [row for row in rows if conversation in (None, row.sender_id)]


def bearer(session: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {session}"}


@pytest.fixture
def store(tmp_path: Path) -> ErasableSQLTrackerStore:
    return ErasableSQLTrackerStore(domain=Domain.from_dict(DOMAIN), host=f"sqlite:///{tmp_path}/var/conversations.db")


@pytest.fixture(scope="session")
def actions_url() -> Iterator[str]:
    """A server whose ``/health`` answers, as the action server's does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/webhook"
    server.shutdown()
    server.server_close()


@pytest.fixture
def agent(store: ErasableSQLTrackerStore, actions_url: str) -> Agent:
    domain = Domain.from_dict(DOMAIN)
    agent = Agent(
        domain=domain,
        generator=TemplatedNaturalLanguageGenerator({}),
        tracker_store=store,
        action_endpoint=Actions(actions_url),
    )
    agent.processor = Processor(agent, domain)
    return agent


@pytest.fixture
def serve(agent: Agent, tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts the server with settings of a test's own; without ``ready`` it has no agent, with ``api`` Rasa's own, with
    a port for ``metrics`` those of its own, and with ``processes`` as many that understand messages."""
    started: list[Running] = []

    def start(ready: bool = True, api: bool = False, metrics: str = "", processes: int = 0, **settings: Any) -> Running:
        settings.setdefault("secret_file", str(tmp_path / "var" / "secret.key"))
        environment = {"FAQ_METRICS_PORT": metrics, "FAQ_NLU_PROCESSES": str(processes)}
        channel = ChatChannel(ChatSettings.from_credentials(settings), environment)
        app = configure_app([channel], enable_api=api)
        if ready:
            app.ctx.agent = agent
        listening = socket.create_server(("127.0.0.1", 0))
        loop: Future[Any] = Future()
        app.register_listener(lambda _, running: loop.set_result(running), "after_server_start")
        options = {"sock": listening, "register_sys_signals": False, "motd": False}
        thread = threading.Thread(target=app.run, kwargs=options, daemon=True)
        thread.start()
        loop.result(PATIENCE)

        def stop() -> None:
            """As SIGTERM does; returns when the server has ended."""
            with suppress(RuntimeError):  # it was stopped before
                loop.result().call_soon_threadsafe(app.stop)
            thread.join(20)

        running = Running(channel, app, agent, f"http://127.0.0.1:{listening.getsockname()[1]}", loop, stop)
        started.append(running)
        return running

    before, Sanic.test_mode = Sanic.test_mode, True
    yield start
    for each in started:
        each.http.close()
        each.stop()
    Sanic.test_mode = before


@pytest.fixture
def chat(serve: Callable[..., Running]) -> Running:
    return serve()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The folder of a cluster whose Redis and PostgreSQL can be started."""
    with cluster_folder() as folder:
        folder.prepare()
        yield folder


@pytest.fixture
def redis(cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis that a test may kill."""
    with service(cluster, "redis") as process:
        yield process


@pytest.fixture(scope="session")
def postgres(cluster: Cluster) -> Iterator[str]:
    """The address of a PostgreSQL."""
    with service(cluster, "postgres"):
        yield cluster.database_url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request, store):
    """The same store over either database; that on PostgreSQL is emptied first."""
    if request.param == "sqlite":
        yield store
        return
    other = ErasableSQLTrackerStore(domain=store.domain, host=request.getfixturevalue("postgres"))
    with other.session_scope() as session:
        session.execute("TRUNCATE events, feedback")
        session.commit()
    yield other
    other.engine.dispose()
