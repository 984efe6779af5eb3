"""What tests of several folders need: one real assistant, and only those warnings that pyproject.toml lets pass."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from faq.logs import OF_SANIC
from maintain.assistant import free_ports, running_assistant
from maintain.settings import ROOT
from maintain.without_tensorflow import leave_out_tensorflow

leave_out_tensorflow()  # as the servers and the training do

with warnings.catch_warnings():
    import sanic.app  # noqa: F401  (when first imported it turns deprecation warnings on, over pytest's own filters)


@dataclass(frozen=True)
class Assistant:
    """A running assistant.

    Attributes:
        url: where it runs.
        folder: what it writes: its database ``conversations.db`` and its log.
        metrics: where its metrics are.
    """

    url: str
    folder: Path
    metrics: str


@pytest.fixture(scope="session")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The whole assistant in processes of its own, one for all tests; trained first where the model is out of date."""
    subprocess.run([sys.executable, "-m", "maintain", "train", "--if-needed"], cwd=ROOT, check=True)
    folder = tmp_path_factory.mktemp("assistant")
    (port,) = free_ports(1)
    with running_assistant(folder, {"FAQ_METRICS_PORT": str(port), "FAQ_NLU_PROCESSES": "2"}) as url:
        yield Assistant(url, folder, f"http://127.0.0.1:{port}/metrics")


@pytest.fixture
def logging_restored() -> Iterator[None]:
    """Puts back what configuring changes in this process."""
    loggers = [logging.getLogger(name) for name in (None, "faq.requests", *OF_SANIC)]
    before = [(each, list(each.handlers), each.level, each.propagate) for each in loggers]
    hook, config = sys.excepthook, structlog.get_config()
    yield
    for each, handlers, level, propagate in before:
        each.handlers[:], each.propagate = handlers, propagate
        each.setLevel(level)
    sys.excepthook = hook
    logging.captureWarnings(False)
    structlog.configure(**config)
    structlog.contextvars.clear_contextvars()
