"""Starts the assistant: the Rasa server, which runs the actions itself unless FAQ_ACTIONS_URL names action servers."""

from __future__ import annotations

import argparse
import errno
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from faq.emergency import load_contacts
from faq.errors import ModelError, SetupError
from maintain.gate import RefusedError
from maintain.manifest import part_hashes
from maintain.models import Models
from maintain.preflight import check_database, check_redis
from maintain.promote import REFUSED
from maintain.settings import PORTS, ROOT, SERVING, Settings, variable
from maintain.supervisor import Supervisor

STOPPED_BY_SIGNAL = 128
"""Exit codes above it mean that the assistant was asked to stop, by Ctrl-C for instance: that is no failure."""

READY_WITHIN = 120
"""Seconds after which a start that is not ready yet is remarked upon; on two slow cores it takes about 20."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``run``: none, variables say how it runs."""
    parser.epilog = "Settings: the variables of docs/settings.md."


def run(arguments: argparse.Namespace) -> int:
    """Starts the assistant and waits for its end."""
    settings = Settings.from_environment(os.environ)
    settings.check_keys()
    load_contacts(ROOT / "data" / "emergency.toml", settings.country)
    check_ports(settings, "rasa")
    check_encoder(ROOT / "var" / "encoder")
    check_database(settings.database_url)
    check_redis(settings.redis_url)
    model = ready_model(Models(settings.models, ROOT), train_apart)
    settings.database.parent.mkdir(parents=True, exist_ok=True)
    print(f"Starting the assistant with {model.name}; Ctrl-C stops it.", flush=True)
    return supervise(settings, model)


def supervise(settings: Settings, model: Path) -> int:
    """Runs the server until it ends or somebody stops it; returns the exit code."""
    supervisor = Supervisor()
    environment = {**SERVING, **os.environ, **settings.as_environment()}
    supervisor.add("rasa", commands(settings, model)["rasa"], environment)
    threading.Thread(target=announce, args=(settings.url,), daemon=True).start()
    code = supervisor.supervise()
    if supervisor.ended_first is None and code > STOPPED_BY_SIGNAL:
        print("\nThe assistant has stopped.", flush=True)
        return 0
    sys.stderr.write(
        f"\n[RUN04] The {supervisor.ended_first} server ended (exit code {code}): its last lines above say why.\n"
    )
    return code if 0 < code < STOPPED_BY_SIGNAL else 1


def commands(settings: Settings, model: Path) -> dict[str, list[str]]:
    """Returns the command line of each server, by its name."""
    python = [sys.executable, "-m", "maintain.quiet"]
    files = ["--model", str(model), "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
    return {
        "actions": [*python, "rasa_sdk", "--quiet", "--actions", "actions", "--port", str(settings.actions_port)],
        "rasa": [*python, "rasa", "run", *files, "--interface", settings.host, "--port", str(settings.port)],
    }


def check_ports(settings: Settings, server: str) -> None:
    """Makes sure that a server can listen on its ports.

    Args:
        settings: of the server; a port that is not set is passed over.
        server: ``rasa`` or ``actions``.

    Raises:
        SetupError: see ``check_port``.
    """
    for port, host in PORTS[server].items():
        if getattr(settings, port):
            check_port(getattr(settings, host), getattr(settings, port), variable(port))


def check_port(host: str, port: int, setting: str) -> None:
    """Makes sure that a server can listen.

    Args:
        host: on which address.
        port: on which port.
        setting: the variable that sets the port.

    Raises:
        SetupError: another program listens there, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                mend = f"stop the program that uses it, or set {setting} to another port"
                raise SetupError(f"[RUN01] Port {port} of {host} is taken: {mend}.") from error
            mend = f"set FAQ_HOST to an address of this machine and {setting} to a port you may use"
            raise SetupError(f"[RUN02] {host}:{port} cannot be used ({error.strerror}): {mend}.") from error


def check_encoder(folder: Path) -> None:
    """Makes sure that the sentence encoder is there.

    Raises:
        SetupError: it is not.
    """
    if not ((folder / "encoder.onnx").is_file() and (folder / "tokenizer.json").is_file()):
        raise SetupError(f"[RUN03] There is no sentence encoder in {folder}: run `make setup`, which builds it.")


def ready_model(models: Models, trainer: Callable[[Models], object]) -> Path:
    """Returns the current model, trained anew where there is none or it is out of date.

    Args:
        models: the trained models.
        trainer: what trains and promotes one.

    Raises:
        ModelError: the current model is damaged, or the training failed, or the gate refused the new model and the old
            one does not fit the documents or the encoder any more.
    """
    reason = models.why_train()
    if reason:
        print(f"Training first: {reason}.", flush=True)
        try:
            trainer(models)
        except RefusedError as error:
            check_fit(models)
            print(error, flush=True)
    return models.checked()


def train_apart(models: Models) -> None:
    """Trains and promotes in a process of its own: asking a model takes hundreds of megabytes.

    Raises:
        RefusedError: the gate refused the new model.
        ModelError: there is no new model.
    """
    code = subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], check=False).returncode
    if code == REFUSED:
        raise RefusedError("Starting with the model that is current; `python -m maintain models` lists them.")
    if code:
        raise ModelError("[RUN06] There is no new model: see above why. Mend that, and start again.")


def check_fit(models: Models) -> None:
    """Makes sure that the current model quotes the documents as they are, and can be loaded with the encoder.

    Raises:
        ModelError: one of them has changed since its training.
    """
    made_of, today = models.manifest(models.checked().name)["hashes"], part_hashes(models.root)
    for part, words in (("documents", "documents have"), ("encoder", "sentence encoder has")):
        if made_of[part] != today[part]:
            raise ModelError(
                f"[RUN07] The {words} changed and no model that fits is current: mend what the gate objects to, or put "
                "back what has changed."
            )


def announce(url: str) -> None:
    """Waits until the assistant can answer and says where."""
    started, patient = time.monotonic(), True
    while (state := health(url)) != "ready":
        if patient and time.monotonic() - started > READY_WITHIN:
            print(f"Not ready after {READY_WITHIN} s: {state}.", flush=True)
            patient = False
        time.sleep(0.5)
    print(f"Ready: {url}/chat/demo ({time.monotonic() - started:.0f} s)", flush=True)


def health(url: str) -> str:
    """Asks the server how it is; returns ``ready``, or what is in the way."""
    try:
        answer = httpx.get(f"{url}/chat/health", timeout=5, trust_env=False)
    except httpx.HTTPError as error:
        return f"{url} does not answer ({error})"
    if answer.status_code == 200:
        return "ready"
    return f"{url}/chat/health answers {answer.status_code}: {answer.text[:300]}"
