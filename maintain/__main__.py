"""The maintainers' commands: ``python -m maintain <command>``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword

from faq.errors import FaqError
from maintain.settings import QUIET, ROOT

COMMANDS = {
    "run": "start the assistant",
    "serve": "become one server of the assistant, the Rasa server or the action server",
    "cluster": "start the assistant as in production, on this machine: two of each server, PostgreSQL, Redis, nginx",
    "chat": "talk to the running assistant in this terminal",
    "train": "train a model, and make it the current one if the gate lets it",
    "models": "list the models with their metrics; a star marks the current one",
    "compare": "show message by message what one model mends and breaks against another",
    "promote": "make a trained model the current one if the gate lets it",
    "rollback": "make the model that was current before the current one again",
    "evaluate": "measure the assistant on labelled messages, and draw what was measured",
    "learning-curve": "measure what more phrasings bring",
    "profile": "show where the time of one answer goes, by stage",
    "benchmark-hint3": "train the pipeline on public sets of questions and compare it with published systems",
    "bench": "measure speed and memory beside Rasa's stock assistant, and write docs/benchmarks.md",
    "purge": "delete conversations, with all feedback on them",
    "reference": "write docs/commands.md, the reference of these commands",
    "check": "check the domain, the training data and the documents against each other",
    "review": "show in the browser what was misunderstood, and make labels of it",
    "add": "add one phrasing",
    "export": "write the phrasings, and what was reviewed, as CSV or Rasa YAML",
    "import": "add phrasings from CSV or Rasa YAML, all of them or none",
}
"""What there is. Each command is the module maintain/<name>.py (``_`` for ``-``, and behind a word of Python's) with
``add_arguments(parser)`` and ``run(arguments)``, which returns the exit code; it is imported only when it is called, so
that a light one starts at once."""

LONG = ("train", "compare", "promote", "evaluate", "learning-curve", "benchmark-hint3")
"""Commands that keep the machine busy for a while."""

LOW_PRIORITY = 10
"""Their nice value, so that an assistant on this machine is served first."""


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """Describes the command line.

    Args:
        command: the command that is called, whose module is imported for its options.

    Returns:
        The parser; of the other commands it knows the names alone.
    """
    parser = argparse.ArgumentParser(prog="python -m maintain", description="Look after the assistant.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name, purpose in COMMANDS.items():
        described = commands.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        if name == command:
            module = import_module(f"maintain.{name.replace('-', '_')}{'_' * iskeyword(name)}")
            module.add_arguments(described)
            described.set_defaults(run=module.run)
    return parser


def main(words: Sequence[str]) -> int:
    """Runs one command.

    Args:
        words: the command line without the program's name.

    Returns:
        The exit code.
    """
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    os.chdir(ROOT)
    signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM)
    )  # so that commands clean up after themselves
    arguments = build_parser(words[0] if words else None).parse_args(words)
    if arguments.command in LONG:
        step_back()
    try:
        return int(arguments.run(arguments))
    except FaqError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        return 130


def step_back() -> None:
    """Lets everything else on this machine go first, above all an assistant that answers readers."""
    os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), LOW_PRIORITY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
