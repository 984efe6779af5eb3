"""What can go wrong in a cluster, done for real: each fault returns when it was over, on ``time.monotonic``'s clock."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from maintain.settings import ROOT
from maintain.topology import Cluster

Fault = Callable[[Cluster], Awaitable[float]]

SETTLED = 3.0
"""Seconds that a server has been ready before the next one is stopped: nginx leaves one that failed alone for one."""

DRAINED = 10.0
"""Seconds in which a server must have answered what it has begun, and ended."""


def pids(cluster: Cluster, name: str) -> list[int]:
    """The processes of a server: the one that the supervisor started, and its children."""
    told = subprocess.run([*cluster.control, "pid", name], capture_output=True, text=True, check=True)
    first = int(told.stdout)
    children = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii").split()
    return [first, *map(int, children)]


def kill(name: str) -> Fault:
    """Kills a server and its children at once; the supervisor starts it again."""

    async def fault(cluster: Cluster) -> float:
        began = time.monotonic()
        for pid in pids(cluster, name):
            os.kill(pid, signal.SIGKILL)
        return began

    return fault


def drain(name: str) -> Fault:
    """Asks a server to end, and waits until it has; the supervisor starts it again."""

    async def fault(cluster: Cluster) -> float:
        process, began = pids(cluster, name)[0], time.monotonic()
        os.kill(process, signal.SIGTERM)
        while Path(f"/proc/{process}").exists():
            assert time.monotonic() < began + DRAINED, f"{name} has not ended after {DRAINED} s"
            await asyncio.sleep(0.1)
        return began

    return fault


def restart(*names: str) -> Fault:
    """Stops servers and starts them again, one after the other, as a roll-out does: each is given time to be asked."""

    async def fault(cluster: Cluster) -> float:
        ended = time.monotonic()
        for name in names:
            await asyncio.to_thread(
                subprocess.run, [*cluster.control, "restart", name], check=True, capture_output=True
            )
            ended = time.monotonic()
            if name.startswith("rasa"):
                await healthy(f"http://127.0.0.1:{cluster.ports[name]}")
            if name.startswith("actions"):
                await healthy(f"http://127.0.0.1:{cluster.ports[name]}", path="/health")
            if name != names[-1]:
                await asyncio.sleep(SETTLED)
        return ended

    return fault


async def new_model(cluster: Cluster) -> float:
    """Promotes another model, which the gate asks first, and waits until both replicas have it."""
    manifest = Path(cluster.settings["FAQ_MODELS"]) / "two.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "basis": "judged by other rules"}))
    environment = {**os.environ, "FAQ_MODELS": cluster.settings["FAQ_MODELS"]}
    command = [sys.executable, "-m", "maintain", "promote", "two.tar.gz", "--json"]
    began = time.monotonic()
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["model"] == "two.tar.gz"
    for number in (1, 2):
        await healthy(f"http://127.0.0.1:{cluster.ports[f'rasa-{number}']}", "two.tar.gz")
    return began


def slow_database(seconds: float, share: float) -> Fault:
    """Stops PostgreSQL's processes for a share of each half second, so that it answers as an overloaded one does."""

    async def fault(cluster: Cluster) -> float:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            stopped = pids(cluster, "postgres")
            _signal(stopped, signal.SIGSTOP)
            await asyncio.sleep(0.5 * share)
            _signal(stopped, signal.SIGCONT)
            await asyncio.sleep(0.5 * (1 - share))
        return time.monotonic()

    return fault


def _signal(processes: list[int], number: signal.Signals) -> None:
    for pid in processes:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def full_disk(seconds: float) -> Fault:
    """Fills the disk under PostgreSQL, and makes room again."""

    async def fault(cluster: Cluster) -> float:
        filler = cluster.folder / "postgres" / "filler"
        await asyncio.to_thread(_fill, filler)
        await asyncio.sleep(seconds)
        filler.unlink()
        return time.monotonic()

    return fault


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"0" * size) == size:
                    continue
            except OSError:
                continue


async def healthy(url: str, model: str | None = None, within: float = 120, path: str = "/chat/health") -> None:
    """Waits until a server answers that it is well, with a model if one is named."""
    until = time.monotonic() + within
    async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as http:
        while True:
            try:
                answer = await http.get(path)
                if answer.status_code == 200 and (model is None or model == answer.json()["model"]):
                    return
            except httpx.HTTPError:
                pass
            assert time.monotonic() < until, f"{url} is not healthy within {within} s"
            await asyncio.sleep(0.3)
