"""Runs several programs as one: they start together, show their output together, and end together."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

STOP_WITHIN = 10
"""Seconds that a program gets to end by itself before it is killed."""


class OutputPrinter(Printer):
    """Prints what the programs say, without Honcho's own remarks about starting and stopping them."""

    def write(self, message: Message) -> None:
        """Prints one message with the name of the program in front."""
        if message.name != SYSTEM_PRINTER_NAME:
            super().write(message)


class Supervisor(Manager):
    """Honcho's manager, which also says who ended first, and leaves nothing behind."""

    def __init__(self) -> None:
        """Makes a supervisor without programs."""
        super().__init__(OutputPrinter(sys.stdout))
        self.ended_first: str | None = None
        """The program whose end made the others end; None where a signal did."""

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Adds a program.

        Args:
            name: how its lines are marked.
            command: its words; it becomes the leader of its own process group.
            environment: its variables.
        """
        self.add_process(name, f"exec {shlex.join(command)}", env=dict(environment))

    def supervise(self) -> int:
        """Starts the programs and waits until all have ended.

        SIGINT, SIGTERM and SIGHUP end them; so does the end of any of them.

        Returns:
            The exit code of the program that ended first, or 128 and the signal's number.
        """
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        self.loop()
        for state in self._processes.values():
            with suppress(ProcessLookupError):
                os.killpg(state["pid"], signal.SIGKILL)
        return int(self.returncode or 0)

    def terminate(self) -> None:
        """Asks every program to end, and kills those that do not."""
        if not self._all_started():  # Honcho learns a program's number a moment after it was started
            self._later(0.1, self.terminate)
        elif not self._terminating:
            self.ended_first = next((name for name, state in self._processes.items() if "returncode" in state), None)
            self._later(STOP_WITHIN, self.kill)
            super().terminate()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        timer = threading.Timer(seconds, call)
        timer.daemon = True
        timer.start()
