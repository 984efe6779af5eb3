"""A request can be followed through every server, and a real Prometheus reads the cluster with the files of deploy/."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from maintain.assistant import free_ports
from maintain.topology import Cluster
from tests.deploy.test_monitoring import ALERTS, DASHBOARD
from tests.patience import wait_until

NONE_AT_BEST = "Warnings and errors in the logs"
"""The panel that may be empty."""


@pytest.fixture
def http(cluster: Cluster) -> Iterator[httpx.Client]:
    """A reader in a conversation."""
    with httpx.Client(base_url=cluster.url, timeout=30, trust_env=False) as http:
        http.headers["Authorization"] = f"Bearer {http.post('/chat/session').json()['session']}"
        yield http


def say(http: httpx.Client, text: str, **headers: str) -> httpx.Response:
    return http.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": text}, headers=headers)


def lines(folder: Path, pattern: str) -> list[dict[str, Any]]:
    files = folder.glob(pattern)
    whole = [file.read_text(encoding="utf-8").rpartition("\n")[0] for file in files]
    return [json.loads(line) for text in whole for line in text.splitlines()]


def test_watching_follows_a_request_from_nginx_to_the_action_and_back(cluster: Cluster, http: httpx.Client) -> None:
    forged = uuid.uuid4().hex
    answer = say(http, "how long does it last?", **{"X-Request-ID": forged})
    request_id = answer.headers["x-request-id"]
    assert request_id != forged
    assert answer.headers.get_list("x-request-id") == [request_id]

    def seen(pattern: str) -> list[dict[str, Any]]:
        return [line for line in lines(cluster.folder, pattern) if line["request_id"] == request_id]

    wait_until(lambda: {line["path"] for line in seen("nginx/access.log")} == {"/chat/messages", "/webhook"})

    def logged(pattern: str) -> list[Any]:
        return [line.get("route") for line in lines(cluster.folder, pattern) if line.get("request_id") == request_id]

    wait_until(lambda: logged("log/rasa-*.log") == ["/chat/messages"])
    wait_until(lambda: logged("log/actions-*.log") == [None, "/webhook"])


@pytest.mark.parametrize("path", ["/", "/metrics", "/chat/metrics", "/chat/nothing"])
def test_watching_errors_of_nginx_and_of_the_servers_carry_the_id(http: httpx.Client, path: str) -> None:
    answer = http.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers.get_list("x-request-id") == [answer.json()["request_id"]]
    assert re.fullmatch(r"[0-9a-f]{32}", answer.json()["request_id"])


@pytest.fixture
def prometheus(cluster: Cluster, tmp_path: Path) -> Iterator[httpx.Client]:
    """Prometheus as the page says to start it, but that it looks each second."""
    program = shutil.which("prometheus")
    if program is None:
        assert not os.environ.get("CI"), "CI installs prometheus"
        pytest.skip("no prometheus on this machine: apt-get install --no-install-recommends prometheus")
    config = yaml.safe_load((cluster.folder / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (port,) = free_ports(1)
    words = [f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data"]
    process = subprocess.Popen(
        [program, *words, f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"], cwd=tmp_path
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10, trust_env=False) as http:
            yield http
    finally:
        process.terminate()
        process.wait(20)


def asked(prometheus: httpx.Client, expression: str) -> list[Any]:
    try:
        answer = prometheus.get("/query", params={"query": expression})
    except httpx.TransportError:
        return []
    if answer.status_code == 503:  # it starts
        return []
    assert answer.json()["status"] == "success", answer.text
    return list(answer.json()["data"]["result"])


def test_watching_prometheus_reads_every_server(prometheus: httpx.Client, http: httpx.Client) -> None:
    wait_until(lambda: len(asked(prometheus, 'up{job=~"faq-.*"} == 1')) == 4)
    for text in ("how long does it last?", "who won the cup?", "my face droops on one side and i can't speak", " "):
        say(http, text)
    told = 'increase(faq_reply_parts_total{type="answer"}[1m]) > 0'
    wait_until(lambda: asked(prometheus, told), "an answer is not counted")
    wait_until(lambda: len(asked(prometheus, "faq_model_info")) == 2)
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", ()):
            query = partial(asked, prometheus, target["expr"].replace("$__rate_interval", "30s"))
            query() if panel["title"] == NONE_AT_BEST else wait_until(query, panel["title"])
    groups = prometheus.get("/rules").json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) == sum(len(group["rules"]) for group in ALERTS["groups"])
    assert {rule["health"] for rule in rules} == {"ok"}
    assert [rule["name"] for rule in rules if rule["state"] == "firing"] == []
