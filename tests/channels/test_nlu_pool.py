"""Processes that work for the server: only what they do is a stand-in, and each request says what that is."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

from channels.metrics import NLU_PROCESS_ENDS, NLU_PROCESSES
from channels.nlu_pool import TOGETHER, NluError, NluPool

logger = logging.getLogger("nlu.stand_in")


def work(requests: Sequence[Any]) -> list[Any]:
    """Does what requests say, and says which process did it."""
    does = {"sleep": _sleep, "once": _once, "end": _end, "fail": _fail, "log": _log, "look": _look}
    return [len(requests) if do == "count" else does[do](*given) for do, *given in requests]


def _sleep(seconds: float = 0.0) -> int:
    time.sleep(seconds)
    return os.getpid()


def _once(mark: str, then: str) -> int:
    """Ends or hangs, but only the first time."""
    if not Path(mark).exists():
        Path(mark).touch()
        _end() if then == "end" else _sleep(60)
    return os.getpid()


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fail(words: str) -> None:
    raise ValueError(words)


def _log(words: str) -> int:
    logger.warning("it was %s", words)
    return os.getpid()


def _look() -> dict[str, Any]:
    """What a process has of the server's."""
    own = Path("/proc/self")
    files = [os.readlink(file) for file in (own / "fd").iterdir() if int(file.name) > 2 and file.exists()]
    return {
        "files": sorted({name.partition(":")[0] for name in files}),
        "sockets": sum(name.startswith("socket") for name in files),
        "name": (own / "comm").read_text().strip(),
        "ends first": (own / "oom_score_adj").read_text().strip(),
        "ignored": [number for number in (2, 15) if signal.getsignal(number) is signal.SIG_IGN],
        "outputs": [type(each).__name__ for each in logging.root.handlers],
    }


CHECK = ("sleep", 0)


def with_pool(do: Callable[[NluPool], Awaitable[Any]], number: int = 2, within: float = 20) -> Any:
    """Runs a test on an event loop with a pool, whose processes have ended when it is over."""

    async def run() -> Any:
        pool = NluPool(number, work, CHECK, within)
        await pool.start()
        try:
            return await do(pool)
        finally:
            pids = pool.pids
            pool.retire()
            await until(lambda: not alive(pids))

    return asyncio.run(run())


async def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def alive(pids: list[int]) -> list[int]:
    """Those that are there, be it as zombies."""
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def ends(reason: str) -> float:
    return NLU_PROCESS_ENDS.labels(reason)._value.get()


@pytest.fixture(autouse=True)
def _no_request() -> Iterator[None]:
    clear_contextvars()
    yield
    clear_contextvars()


def test_nlu_pool_works_in_as_many_processes_at_once() -> None:
    async def do(pool: NluPool) -> None:
        began = time.monotonic()
        pids = await asyncio.gather(*(pool.ask(("sleep", 0.4)) for _ in range(2)))
        assert time.monotonic() - began < 0.75
        assert sorted(pids) == sorted(pool.pids)
        assert os.getpid() not in pids
        assert NLU_PROCESSES._value.get() == 2

    with_pool(do)
    assert NLU_PROCESSES._value.get() == 0


def test_nlu_pool_answers_in_order_of_arrival_and_by_who_is_idle() -> None:
    async def do(pool: NluPool) -> None:
        done: list[int] = []

        async def ask(number: int, seconds: float) -> int:
            pid = int(await pool.ask(("sleep", seconds)))
            done.append(number)
            return pid

        slow, *quick = await asyncio.gather(ask(0, 0.5), *(ask(number, 0.01) for number in range(1, 8)))
        assert done == [1, 2, 3, 4, 5, 6, 7, 0]
        assert slow not in quick

    with_pool(do)


@pytest.mark.parametrize(("then", "reason"), [("end", "died"), ("hang", "hung")])
def test_nlu_pool_asks_another_process_when_one_ends_or_hangs(
    then: str, reason: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def do(pool: NluPool) -> None:
        before = pool.pids
        asked = [pool.ask(("once", str(tmp_path / "mark"), then)), *(pool.ask(("sleep", 0.01)) for _ in range(5))]
        pids = await asyncio.gather(*asked)
        await until(lambda: len(pool.pids) == 2)
        (ended,) = set(before) - set(pool.pids)
        assert ended not in pids
        await until(lambda: not alive([ended]))
        assert f"[NLP03] Process {ended}" in caplog.text

    counted = ends(reason)
    with_pool(do, within=0.5)
    assert ends(reason) == counted + 1


def test_nlu_pool_does_not_try_for_ever_what_ends_every_process() -> None:
    async def do(pool: NluPool) -> None:
        with pytest.raises(NluError, match="NLP02"):
            await pool.ask(("end",))
        await until(lambda: len(pool.pids) == 2)
        assert await pool.ask(("sleep",)) in pool.pids

    counted = ends("died")
    with_pool(do)
    assert ends("died") == counted + 2


def test_nlu_pool_replaces_a_process_that_is_killed_while_it_is_idle() -> None:
    async def do(pool: NluPool) -> None:
        before = pool.pids
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        await until(lambda: len(pool.pids) == 2 and not set(pool.pids) & set(before))
        assert await pool.ask(("sleep",)) in pool.pids
        assert alive(before) == []

    with_pool(do)


def test_nlu_pool_tells_what_failed_but_not_what_was_written(caplog: pytest.LogCaptureFixture) -> None:
    async def do(pool: NluPool) -> None:
        with pytest.raises(NluError, match="NLP01"):
            await pool.ask(("fail", "my secret"))
        assert len(pool.pids) == 2

    with_pool(do)
    assert "in _fail" in caplog.text
    assert "secret" not in caplog.text


def test_nlu_pool_logs_in_the_server_for_the_request() -> None:
    seen: list[tuple[str, Any, int]] = []

    class Seen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((record.getMessage(), get_contextvars().get("request_id"), os.getpid()))

    async def ask(pool: NluPool, request_id: str) -> None:
        bind_contextvars(request_id=request_id)
        await pool.ask(("log", request_id))

    async def do(pool: NluPool) -> None:
        busy = asyncio.gather(*(pool.ask(("sleep", 0.1)) for _ in range(2)))  # so that the others are asked together
        await asyncio.sleep(0.02)
        await asyncio.gather(busy, *(asyncio.create_task(ask(pool, name)) for name in "abc"))

    handler = Seen()
    logger.addHandler(handler)
    try:
        with_pool(do)
    finally:
        logger.removeHandler(handler)
    assert sorted(seen) == [(f"it was {name}", name, os.getpid()) for name in "abc"]


def test_nlu_pool_has_nothing_of_the_servers() -> None:
    nothing = {"files": ["/dev/null", "socket"], "sockets": 1, "name": "faq-nlu", "ends first": "500"}

    async def do(pool: NluPool) -> None:
        with socket.create_server(("127.0.0.1", 0)), Path(__file__).open():
            before = pool.pids
            os.kill(before[0], signal.SIGKILL)  # the one that takes its place is forked with these open
            await until(lambda: pool.pids not in ([], before))
            assert await pool.ask(("look",)) == {**nothing, "ignored": [2, 15], "outputs": ["_Records"]}

    with_pool(do, number=1)


def test_nlu_pool_that_is_retired_ends_when_what_waits_is_done() -> None:
    async def do(pool: NluPool) -> None:
        pids = pool.pids
        asked = [asyncio.create_task(pool.ask(("sleep", 0.1))) for _ in range(4)]
        await asyncio.sleep(0.02)
        pool.retire()
        assert await pool.ask(("sleep",)) == os.getpid()
        assert set(await asyncio.gather(*asked)) == set(pids)
        await until(lambda: not alive(pids))

    with_pool(do)


def test_nlu_pool_does_without_processes_while_none_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    async def do(pool: NluPool) -> None:
        (pid,) = pool.pids
        with monkeypatch.context() as broken:
            broken.setattr(os, "fork", _no_memory)
            broken.setattr("channels.nlu_pool.AGAIN", 0.05)
            asked = [asyncio.create_task(pool.ask(("sleep", 0.2))) for _ in range(3)]
            await asyncio.sleep(0.05)
            os.kill(pid, signal.SIGKILL)
            first, *others = await asyncio.gather(*asked, return_exceptions=True)
            assert isinstance(first, NluError)  # it may be what ended the process, so it is not done here
            assert others == [os.getpid()] * 2
        await until(lambda: len(pool.pids) == 1)
        assert await pool.ask(("sleep",)) in pool.pids

    with_pool(do, number=1)


def _no_memory() -> int:
    raise OSError("[Errno 12] Cannot allocate memory")


def test_nlu_pool_leaves_out_what_nobody_waits_for(tmp_path: Path) -> None:
    async def do(pool: NluPool) -> None:
        busy = asyncio.create_task(pool.ask(("sleep", 0.2)))
        await asyncio.sleep(0.02)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(pool.ask(("once", str(tmp_path / "mark"), "end")), 0.05)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(busy, 0.01)
        assert await pool.ask(("sleep",)) in pool.pids
        assert not (tmp_path / "mark").exists()

    with_pool(do, number=1)


def while_busy(pool: NluPool, requests: Sequence[Any]) -> Awaitable[list[Any]]:
    """Asks while all processes are busy, so that the requests wait together."""
    busy = [pool.ask(("sleep", 0.2)) for _ in range(pool._number)]
    return asyncio.gather(*busy, *(pool.ask(each) for each in requests), return_exceptions=True)


@pytest.mark.parametrize(
    ("number", "waiting", "asked"),
    [(1, 5, [5] * 5), (2, 1, [1]), (2, 7, [4] * 4 + [2] * 2 + [1]), (1, TOGETHER + 2, [TOGETHER] * TOGETHER + [2] * 2)],
)
def test_nlu_pool_shares_out_what_waits(number: int, waiting: int, asked: list[int]) -> None:
    async def do(pool: NluPool) -> None:
        answers = await while_busy(pool, [("count",)] * waiting)
        assert answers[number:] == asked

    with_pool(do, number)


def test_nlu_pool_lets_none_suffer_for_another_that_ends_its_process() -> None:
    async def do(pool: NluPool) -> None:
        answers = await while_busy(pool, [("sleep",), ("end",), ("sleep",), ("sleep",)])
        *good, bad = answers[1:2] + answers[3:] + answers[2:3]
        assert isinstance(bad, NluError)
        await until(lambda: len(pool.pids) == 1)
        assert all(isinstance(each, int) for each in good), good

    counted = ends("died")
    with_pool(do, number=1)
    assert ends("died") == counted + 2


def test_nlu_pool_lets_none_fail_for_another_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    async def do(pool: NluPool) -> None:
        _, first, failed, last = await while_busy(pool, [("sleep",), ("fail", "here"), ("sleep",)])
        assert [first, last] == pool.pids * 2
        assert isinstance(failed, NluError)

    with_pool(do, number=1)
    assert caplog.text.count("[NLP01]") == 1


async def serve(told: Connection) -> None:
    pool = NluPool(2, work, CHECK, 60)
    await pool.start()
    told.send(pool.pids)
    await pool.ask(("sleep", 60))  # one of the two is busy


def test_nlu_pool_ends_with_its_server() -> None:
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    server = fork.Process(target=lambda: asyncio.run(serve(theirs)))
    server.start()
    pids = ours.recv()
    time.sleep(0.1)
    server.kill()
    server.join(10)
    deadline = time.monotonic() + 10
    while any(not is_zombie(pid) for pid in pids):  # whoever takes in orphans may not wait for them
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(pids) == 2


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
