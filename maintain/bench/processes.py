"""Processes as Linux counts them: how long, how much processor and how much memory a command and its children take."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from faq.errors import FaqError

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
STOPPED = 124
"""The exit code of ``timeout`` where it stopped what it ran."""

STOP_WITHIN = 30
"""Seconds that a server gets to stop before it is killed."""


class BenchError(FaqError):
    """Something that is measured did not do what it should."""


@dataclass(frozen=True)
class Done:
    """A command that has ended.

    Attributes:
        seconds: on the clock.
        processor: seconds of processor time, user and system, of it and its children.
        peak: megabytes (10^6 bytes) that the largest of them resided in at most.
    """

    seconds: float
    processor: float
    peak: float


def run(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, within: float = 3 * 3600
) -> Done:
    """Runs a command to its end. It may not have more than three quarters of the machine's memory.

    Args:
        command: with its arguments.
        folder: the working folder.
        environment: all its variables.
        log: gets what it prints.
        within: seconds after which it is stopped.

    Returns:
        What it took.

    Raises:
        BenchError: it failed; its last lines are in the message.
    """
    bounds = ["timeout", "--signal=INT", "--kill-after=10", str(within), "prlimit", f"--as={_most_memory()}"]
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*bounds, *command], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            end(process)
            raise
    process.returncode = code = os.waitstatus_to_exitcode(status)
    if code:
        why = f"stopped after {within:.0f} s" if code == STOPPED else f"exit code {code}"
        raise BenchError(f"[BEN01] {' '.join(command[:4])} … failed ({why}): {last_lines(log)}")
    return Done(time.monotonic() - started, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def _most_memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4


def last_lines(log: Path) -> str:
    """The end of a log, for an error."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


def tree(root: int) -> list[int]:
    """A process and all its descendants that are alive."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[1]), []).append(int(folder.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def processor_seconds(pids: Sequence[int]) -> float:
    """Processor time that processes have used so far, user and system."""
    return sum(int(fields[11]) + int(fields[12]) for pid in pids if (fields := _stat(pid))) / TICKS


def memory(pids: Sequence[int]) -> float:
    """Megabytes (10^6 bytes) in which processes reside; what they share counts once (Linux's proportional set size)."""
    return sum(_pss(pid) for pid in pids) * 1024 / 1e6


def end(process: subprocess.Popen[bytes]) -> None:
    """Asks a process to end, and kills what is left of it and its descendants."""
    family = tree(process.pid)
    process.terminate()
    try:
        process.wait(STOP_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in family[1:]:
        if _stat(pid):
            os.kill(pid, signal.SIGKILL)


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat behind the name; empty where the process has ended."""
    try:
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _pss(pid: int) -> int:
    """Kilobytes (1024 bytes)."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
