"""Shows where the time of one answer goes, from socket to socket, by stage, and draws it as a flame graph."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from faq.errors import SetupError
from maintain.bench.processes import PROC
from maintain.bench.systems import OURS, question, running
from maintain.scoring import read_messages
from maintain.settings import ROOT

MESSAGES = ROOT / "tests" / "evaluation" / "development.csv"
FLAMES = ROOT / "var" / "profile" / "flames.svg"
RATE = 250
"""Samples a second; each stops the server for a fraction of a millisecond."""

A_CONVERSATION = 10
"""Messages of one conversation."""

IN_ONE = {"FAQ_NLU_PROCESSES": "0"}
"""The server understands messages itself, so that one process shows all stages; processes of their own for that add
what docs/decisions/0020-nlu-processes.md says."""

NLU = tuple(
    "tokenizer spelling_corrector tfidf_featurizer sentence_featurizer intent_classifier refusal facts red_flags "
    "passage_ranker".split()
)
"""The components, by their files."""

STAGES = (
    ("model watch", (f"{ROOT}/channels/model_watch.py",)),
    ("store: read, check, write, commit", (f"{ROOT}/channels/tracker_store.py", "/sqlalchemy/")),
    *((f"NLU: {name}", (f"{ROOT}/nlu/{name}.py",)) for name in NLU),
    ("action: what to say", (f"{ROOT}/actions/", f"{ROOT}/faq/", "/rasa_sdk/")),
    ("policy: which action", ("/rasa/core/policies/",)),
    ("Rasa: graph runner", ("/rasa/engine/", "/dask/")),
    ("Rasa: processor, tracker", ("/rasa/core/processor.py", "/rasa/shared/", "/rasa/core/actions/")),
    ("chat API: session, limits, guard", (f"{ROOT}/channels/",)),
    ("HTTP: Sanic", ("/sanic/",)),
    ("event loop and threads", ("/asyncio/", "/uvloop/", "/concurrent/", "/threading.py")),
)
"""Stages by the files that work in them; a sample belongs to the first one of which a file is on its stack."""

WAITING = ("/concurrent/futures/thread.py", "/threading.py", "/sanic/server/runners.py")
"""Where a thread without work waits: its innermost frame is in one of these files. In the last one the event loop does,
whose own work, in C, cannot be told from waiting."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of ``profile``."""
    parser.add_argument("--seconds", type=int, default=20, help="of each of two recordings (default: 20)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--flames", type=Path, default=FLAMES, help="where the flame graph is written")
    parser.epilog = (
        "Starts an assistant of its own with the current model and an empty database, and asks it the messages of "
        "tests/evaluation/development.csv one after the other, ten in a conversation, while py-spy looks at its "
        "stacks. It understands them in the server itself (FAQ_NLU_PROCESSES=0), where one process shows all stages. "
        "Needs `make setup-test`, and on many machines root."
    )


def run(arguments: argparse.Namespace) -> int:
    """Profiles and prints."""
    with tempfile.TemporaryDirectory() as folder, running(OURS, ROOT, Path(folder), own=IN_ONE) as assistant:
        pid, url = rasa_server(assistant.pids), assistant.url
        ask(url, 3)  # what is only done the first time
        raw = Path(folder) / "stacks"
        times = recorded(pid, url, arguments.seconds, raw, "raw")
        arguments.flames.parent.mkdir(parents=True, exist_ok=True)
        recorded(pid, url, arguments.seconds, arguments.flames, "flamegraph")
        counts = by_stage(raw.read_text(encoding="utf-8").splitlines())
    shown = {
        "messages": len(times),
        "p50_ms": round(statistics.median(times) * 1000, 2),
        "stages": {stage: round(count / RATE * 1000 / len(times), 2) for stage, count in counts.items()},
    }
    if arguments.json:
        print(json.dumps(shown, indent=2))
    else:
        Console().print(table(shown))
        print(f"Flame graph: {arguments.flames}")
    return 0


def by_stage(stacks: Sequence[str]) -> dict[str, int]:
    """Counts the samples of each stage.

    Args:
        stacks: lines of py-spy's raw format: frames, outermost first, with semicolons between, and a number of samples.

    Returns:
        The number by stage, the order that of ``STAGES``, and ``other`` last; threads that wait are left out.
    """
    counts: Counter[str] = Counter()
    for line in stacks:
        stack, _, number = line.rpartition(" ")
        if not any(file in stack.rpartition(";")[2] for file in WAITING):
            counts[stage_of(stack)] += int(number)
    return {name: counts[name] for name in [*(name for name, _ in STAGES), "other"] if counts[name]}


def stage_of(stack: str) -> str:
    """The stage of one stack."""
    return next((name for name, files in STAGES if any(file in stack for file in files)), "other")


def ask(url: str, seconds: float) -> list[float]:
    """Asks one message after the other for some seconds; returns how long each took, in seconds.

    Raises:
        SetupError: one was not answered.
    """
    texts = cycle([message.text for message in read_messages(MESSAGES)])
    times: list[float] = []
    until = time.monotonic() + seconds
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        while time.monotonic() < until:
            session = client.post("/chat/session").json()["session"]
            for _ in range(A_CONVERSATION):
                path, body, headers = question(OURS, session, next(texts))
                began = time.perf_counter()
                answer = client.post(path, json=body, headers=headers)
                times.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    raise SetupError(f"[PRF01] The server answers {answer.status_code}: {answer.text[:200]}")
    return times


def recorded(pid: int, url: str, seconds: int, output: Path, form: str) -> list[float]:
    """Asks while py-spy records; returns how long each answer took, in seconds.

    Raises:
        SetupError: py-spy is not there, or may not look.
    """
    program = Path(sys.executable).parent / "py-spy"
    if not program.exists():
        raise SetupError("[PRF02] py-spy is not installed: run `make setup-test`.")
    words = ["record", "--pid", str(pid), "--rate", str(RATE), "--duration", str(seconds), "--format", form]
    process = subprocess.Popen(
        [program, *words, "--full-filenames", "--nonblocking", "--output", str(output)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    times = ask(url, seconds)
    _, said = process.communicate()
    if process.returncode:
        raise SetupError(f"[PRF03] py-spy could not look at the server, which may need root: {said.strip()[-300:]}")
    return times


def rasa_server(pids: Sequence[int]) -> int:
    """Which of an assistant's processes is the Rasa server."""
    return next(pid for pid in pids if b"\0rasa\0run\0" in (PROC / str(pid) / "cmdline").read_bytes())


def table(shown: dict[str, Any]) -> Table:
    """The stages for people."""
    rows = Table(title=f"{shown['messages']} messages, median {shown['p50_ms']} ms from socket to socket")
    for name, justify in (("stage", "left"), ("ms a message", "right"), ("share", "right")):
        rows.add_column(name, justify=justify)  # type: ignore[arg-type]
    total = sum(shown["stages"].values())
    for stage, spent in shown["stages"].items():
        rows.add_row(stage, f"{spent:.2f}", f"{spent / total:.0%}")
    return rows
