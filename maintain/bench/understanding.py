"""A model in a process of its own that understands messages one by one, as a server does:
``python -m maintain.bench.understanding <archive>``, a line of JSON in and out for each list of texts."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from maintain.bench.processes import BenchError, last_lines, memory
from maintain.bench.systems import OURS
from maintain.settings import QUIET


@dataclass(frozen=True)
class Model:
    """A model that waits for messages."""

    process: subprocess.Popen[bytes]
    questions: IO[bytes]
    answers: IO[bytes]
    log: Path

    def understand(self, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Understands messages.

        Args:
            texts: what readers wrote.

        Returns:
            Of each its ``intents``, the ``score`` of being about something known, and the ``milliseconds`` it took.

        Raises:
            BenchError: the process has ended; its last lines are in the message.
        """
        self.questions.write(json.dumps(list(texts)).encode() + b"\n")
        self.questions.flush()
        line = self.answers.readline()
        if not line:
            raise BenchError(f"[BEN04] A model does not understand messages: {last_lines(self.log)}")
        return list(json.loads(line))

    @property
    def memory(self) -> float:
        """Megabytes."""
        return memory([self.process.pid])


@contextmanager
def loaded(system: str, archive: Path, project: Path, log: Path) -> Iterator[Model]:
    """Loads a model until the end of the block.

    Args:
        system: ``ours`` or ``stock``.
        archive: of the model.
        project: the working folder; with a copy of ``maintain`` for ours.
        log: gets what it prints.
    """
    path = {} if system == OURS else {"PYTHONPATH": str(Path(__file__).parents[2])}
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "maintain.bench.understanding", system, str(archive)],
            cwd=project,
            env={**os.environ, **QUIET, **path, "LOG_LEVEL": "ERROR"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield Model(process, cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout), log)
    finally:
        process.communicate()


async def _serve(archive: str) -> None:
    import warnings

    warnings.simplefilter("ignore")
    from rasa.core.agent import load_agent
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    from maintain.cases import Understood

    answers, sys.stdout = sys.stdout, sys.stderr  # what libraries print must not stand between the answers
    configure_logging_and_warnings(logging.ERROR)  # as the server does
    configure_structlog(logging.ERROR)
    agent = await load_agent(model_path=archive)
    for line in sys.stdin:
        found = []
        for text in json.loads(line):
            started = time.perf_counter()
            parsed = await agent.parse_message(text)
            passed = 1000 * (time.perf_counter() - started)
            what = Understood.from_parse_data(parsed)
            intents = sorted({name for each in what.intents for name in each.split("+")})
            found.append({"intents": intents, "score": what.score, "milliseconds": round(passed, 3)})
        print(json.dumps(found), file=answers, flush=True)


if __name__ == "__main__":
    if sys.argv[1] == OURS:
        from maintain.without_tensorflow import leave_out_tensorflow

        leave_out_tensorflow()
    asyncio.run(_serve(sys.argv[2]))
