"""An assistant that can be killed and started again on the same ports, and a publisher's site beside it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from maintain.assistant import START_WITHIN, free_ports
from maintain.models import Models
from maintain.run import commands, health
from maintain.settings import QUIET, ROOT, Settings


class Mortal:
    """A Rasa server and an action server, with the command lines and the environment of ``maintain serve``."""

    def __init__(self, folder: Path, country: str, origins: list[str]) -> None:
        """Starts nothing yet.

        Args:
            folder: for the database, the log and the credentials.
            country: ``FAQ_COUNTRY``.
            origins: the sites that may show the chat.
        """
        port, actions_port = free_ports(2)
        self.settings = Settings(
            port=port,
            actions_port=actions_port,
            actions_url=f"http://127.0.0.1:{actions_port}/webhook",
            database=folder / "conversations.db",
            country=country,
        )
        self.url, self.log = self.settings.url, folder / "assistant.log"
        self.credentials = folder / "credentials.yml"
        channel = {"channels.chat.ChatChannel": {"allowed_origins": origins}}
        self.credentials.write_text(json.dumps(channel), encoding="utf-8")
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Starts those that do not run, without waiting."""
        model = Models(self.settings.models, ROOT).checked()
        environment = {**os.environ, **QUIET, "LOG_LEVEL": "WARNING", **self.settings.as_environment()}
        for name, command in commands(self.settings, model).items():
            if name not in self.processes:
                words = [str(self.credentials) if word == "credentials.yml" else word for word in command]
                with self.log.open("ab") as log:
                    self.processes[name] = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def kill(self, *names: str) -> None:
        """SIGKILL, as the kernel or a power cut would do it.

        Args:
            names: ``rasa`` or ``actions``; both where none is given.
        """
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            process.kill()
            process.wait()

    @property
    def ready(self) -> bool:
        """Whether it answers."""
        return health(self.url) == "ready"

    def wait(self) -> None:
        """Waits until it answers."""
        deadline = time.monotonic() + START_WITHIN
        while not self.ready:
            alive = len(self.processes) == 2 and all(one.poll() is None for one in self.processes.values())
            assert alive, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.1)


class Site:
    """A publisher's own web site on another port. Its pages may be set at any time, by path: type, content."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.policy = "default-src 'self'"

    def put(self, path: str, html: str) -> str:
        """Sets a page; returns its address."""
        self.pages[path] = ("text/html; charset=utf-8", html.encode())
        return self.url + path


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *arguments: object) -> None:
        self.site = site
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        kind, content = self.site.pages.get(self.path.partition("?")[0], ("", b""))
        self.send_response(200 if kind else 404)
        headers = {"Content-Type": kind or "text/plain", "Content-Security-Policy": self.site.policy}
        for name, value in {**headers, "Content-Length": str(len(content)), "Cache-Control": "no-cache"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def publishing() -> Iterator[Site]:
    """A web site until the end of the block."""
    (port,) = free_ports(1)
    site = Site(port)
    with ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, site)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield site
        server.shutdown()
        thread.join()
