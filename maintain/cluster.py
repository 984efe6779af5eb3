"""Starts the assistant as in production, on this machine: nginx, two Rasa and two action servers, PostgreSQL, Redis."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import threading
from pathlib import Path

from faq.emergency import load_contacts
from maintain.models import Models
from maintain.run import announce, check_encoder, check_port, ready_model, train_apart
from maintain.settings import ROOT, Settings
from maintain.topology import REPLICAS, Cluster, as_small_root, program

PASSED_ON = ("FAQ_COUNTRY", "FAQ_MODELS", "FAQ_RETENTION_DAYS", "FAQ_COMPACT_HOUR")
"""Variables of the caller that the servers get; what connects them with one another is the cluster's own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``cluster``."""
    parser.add_argument(
        "--folder", type=Path, default=Path("var/cluster"), help="for data, secrets and logs (default: var/cluster)"
    )
    parser.epilog = (
        "FAQ_PORT is the port of the chat; the next eleven are the servers' and their metrics'. Needs Debian's "
        "postgresql, redis-server, nginx-light and supervisor. Called by root, it starts each server as a user of its "
        "own. A server that dies is started again. FAQ_COUNTRY, FAQ_MODELS, FAQ_RETENTION_DAYS and FAQ_CHAT_… are "
        "passed on to the servers. For Prometheus there is prometheus.yml in the folder."
    )


def run(arguments: argparse.Namespace) -> int:
    """Starts the cluster and waits until it is stopped."""
    settings = Settings.from_environment(os.environ)
    load_contacts(ROOT / "data" / "emergency.toml", settings.country)
    check_encoder(ROOT / "var" / "encoder")
    passed_on = {key: value for key, value in os.environ.items() if key in PASSED_ON or key.startswith("FAQ_CHAT_")}
    cluster = Cluster((ROOT / arguments.folder).resolve(), ports_from(settings.port), passed_on)
    for name, port in cluster.ports.items():
        check_port("127.0.0.1", port, f"FAQ_PORT (the {name} server's is {port})")
    ready_model(Models(settings.models, ROOT), train_apart)
    cluster.prepare()
    print(f"Starting the cluster in {cluster.folder}; Ctrl-C stops it. Logs are in its folder log.", flush=True)
    supervisor = start(cluster)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.send_signal(signal.SIGTERM))
    threading.Thread(target=announce, args=(cluster.url,), daemon=True).start()
    return supervisor.wait()


def start(cluster: Cluster) -> subprocess.Popen[bytes]:
    """Starts the supervisor of a cluster, in a session of its own so that Ctrl-C reaches it through us alone."""
    command = [*as_small_root(), program("supervisord"), "-c", str(cluster.folder / "supervisord.conf")]
    return subprocess.Popen(command, cwd=cluster.folder, stdout=subprocess.DEVNULL, start_new_session=True)


def ports_from(first: int) -> dict[str, int]:
    """The ports of a cluster, one after the other."""
    return dict(zip(server_names(), range(first, first + 100), strict=False))


def server_names() -> list[str]:
    """What needs a port."""
    replicas = [f"{kind}-{number}" for kind in ("rasa", "actions") for number in range(1, REPLICAS + 1)]
    return ["chat", "actions", "postgres", "redis", *replicas, *(f"{name}-metrics" for name in replicas)]
