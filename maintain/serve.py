"""Becomes one server of the assistant, for containers and other supervisors that run each server by itself."""

from __future__ import annotations

import argparse
import os

from faq.emergency import load_contacts
from faq.logs import configure
from maintain.models import Models
from maintain.preflight import check_database, check_redis
from maintain.run import check_encoder, check_ports, commands
from maintain.settings import ROOT, SERVING, Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``serve``."""
    parser.add_argument("server", choices=("rasa", "actions"), help="which of the two servers")
    parser.epilog = (
        "Settings: the variables of docs/settings.md. The Rasa server starts with the current model and never trains. "
        "SIGTERM lets either server finish what it has begun, and then end."
    )


def run(arguments: argparse.Namespace) -> int:
    """Checks the settings, and becomes the server: the process id stays, so that signals reach it."""
    settings = Settings.from_environment(os.environ)
    configure(settings.as_environment())
    settings.check_keys()
    load_contacts(ROOT / "data" / "emergency.toml", settings.country)
    model = settings.models
    if arguments.server == "rasa":
        check_ports(settings, "rasa")
        check_encoder(ROOT / "var" / "encoder")
        check_database(settings.database_url)
        check_redis(settings.redis_url)
        model = Models(settings.models, ROOT).checked()
    else:
        check_ports(settings, "actions")
    command = commands(settings, model)[arguments.server]
    os.execve(command[0], command, {**SERVING, **os.environ, **settings.as_environment()})  # noqa: S606
