"""The review page: starts it, as the command ``review``."""

from __future__ import annotations

import argparse
import os
import sys

from faq.errors import SetupError
from maintain.settings import ROOT, Settings

PORT = 5006
"""The port of the page, beside the assistant's own 5005."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``review``."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on (default: {PORT})")
    parser.add_argument(
        "--name", default="", help="host name of a server with TLS that passes requests on to this page"
    )
    parser.add_argument("--json", action="store_true", help="print the start as one line of JSON for each link")
    parser.epilog = (
        "Settings: FAQ_DATABASE names the conversations; DATABASE_URL names another database than SQLite. "
        "Exit codes: 0 stopped, 1 the port is taken or the conversations cannot be read."
    )


def run(arguments: argparse.Namespace) -> int:
    """Serves the page until it is stopped."""
    import uvicorn

    app = prepare(arguments)
    if arguments.host not in LOOPBACK and not arguments.name:
        sys.stderr.write("[REV02] Others can reach this page, without encryption: put a server with TLS before it.\n")
    options = {"log_level": "warning", "access_log": False, "server_header": False, "ws": "none", "loop": "asyncio"}
    uvicorn.run(app, host=arguments.host, port=arguments.port, **options)
    return 0


def prepare(arguments: argparse.Namespace) -> object:
    """Makes the application that the command line asks for; its parts are imported only then.

    Raises:
        SetupError: it cannot listen there.
    """
    from maintain.review.app import make_app
    from maintain.review.decisions import Decisions, review_database
    from maintain.review.desk import Desk
    from maintain.review.security import Door
    from maintain.review.store import ConversationStore, database_address
    from maintain.run import check_port

    if not 0 < arguments.port < 65536:
        raise SetupError(f"[REV03] --port {arguments.port}: give a number from 1 to 65535.")
    check_port(arguments.host, arguments.port, "--port")
    settings = Settings.from_environment(os.environ)
    store = ConversationStore(database_address(settings, os.environ))
    decisions = Decisions(review_database(settings))
    door = Door(f"review-{arguments.port}", lambda token: announce(arguments, token), secure=bool(arguments.name))
    own = {arguments.name} if arguments.name else hosts(arguments.host, arguments.port)
    return make_app(Desk(ROOT, store, decisions), door, own)


def hosts(host: str, port: int) -> set[str]:
    """The values of a ``Host`` header that are this page."""
    names = {host, *LOOPBACK} if host not in ("0.0.0.0", "::") else {*LOOPBACK}  # noqa: S104
    return {f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names}


def announce(arguments: argparse.Namespace, token: str) -> None:
    """Prints a link that works once."""
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    site = f"https://{arguments.name}" if arguments.name else f"http://{host}:{arguments.port}"
    link = f"{site}/login?token={token}"
    print(f'{{"link": "{link}"}}' if arguments.json else f"Open this link, which works once: {link}", flush=True)
