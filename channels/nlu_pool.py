"""Processes that understand the messages of one model, in the order in which they come: what waits is shared out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from channels.forked import Answer, Work
from channels.metrics import NLU_PROCESS_ENDS, NLU_PROCESSES, NLU_WAIT_SECONDS
from channels.nlu_process import EndedError, NluProcess
from faq.errors import FaqError

logger = logging.getLogger(__name__)

TRIES = 2
"""Processes that may end over one message: it may be the message that ends them."""

TOGETHER = 16
"""Requests at most that a process is asked at once."""

AGAIN = 1.0
"""Seconds until a process that could not be started is tried again."""


class NluError(FaqError):
    """A message was not understood."""


@dataclass
class Job:
    """A request that waits or is worked on.

    Attributes:
        request: as it came.
        answer: to come.
        since: when it came, by ``time.perf_counter``.
        ends: how many processes have ended over it.
    """

    request: Any
    answer: asyncio.Future[Answer]
    since: float
    ends: int = 0


class NluPool:
    """Forks of the server that do one work. One that ends is replaced, and what it was asked is asked another one.

    Args:
        number: of processes, at least 1.
        work: what is done with requests; in this process while there is no other.
        check: a request that a process must have answered before it counts as there.
        within: seconds in which a process must answer what it is asked.
    """

    def __init__(self, number: int, work: Work, check: Any, within: float) -> None:
        self._number, self._work, self._check, self._within = number, work, check, within
        self._there: set[NluProcess] = set()
        self._idle: list[NluProcess] = []
        self._waiting: deque[Job] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._retired = False

    @property
    def pids(self) -> list[int]:
        """The process ids of those that are there."""
        return [process.pid for process in self._there]

    async def start(self) -> None:
        """Forks the processes, and waits until they are there; not for ever: others try again."""
        starting = [self._later(self._add()) for _ in range(self._number)]
        await asyncio.wait(starting, timeout=self._within)

    async def ask(self, request: Any) -> Any:
        """Has a request answered, after those that came before.

        Args:
            request: of what JSON has, which tells no tuple from a list.

        Returns:
            What the work gives.

        Raises:
            NluError: the work failed, or ended ``TRIES`` processes.
        """
        if self._retired or not self._there:
            return self._here(request)
        loop = asyncio.get_running_loop()
        job = Job(request, loop.create_future(), time.perf_counter())
        self._waiting.append(job)
        self._hand_out()
        answer = await job.answer
        for record in answer.records:
            logging.getLogger(record["name"]).handle(logging.makeLogRecord(record))
        if answer.trace:
            logger.error("[NLP01] A message was not understood.\n%s", answer.trace)
            raise NluError("[NLP01] A message was not understood: see above why.")
        return answer.result

    def retire(self) -> None:
        """Has the processes end when what waits is done; what comes later is done in this process."""
        self._retired = True
        self._hand_out()

    def _hand_out(self) -> None:
        while self._idle and (jobs := self._next()):
            self._begin(jobs, self._idle.pop())
        while self._retired and self._idle and not self._waiting:
            process = self._idle.pop()
            self._leave(process)
            process.dismiss()

    def _next(self) -> list[Job]:
        """What one process gets now: its share of what waits. A job over which a process has ended comes alone, so that
        no other suffers for it."""
        share = min(TOGETHER, -(-len(self._waiting) // len(self._there)))
        jobs: list[Job] = []
        while self._waiting and len(jobs) < share and not (jobs and (jobs[-1].ends or self._waiting[0].ends)):
            job = self._waiting.popleft()
            if not job.answer.done():  # otherwise nobody waits for it any more
                jobs.append(job)
        return jobs

    def _begin(self, jobs: Sequence[Job], process: NluProcess) -> None:
        for job in jobs:
            NLU_WAIT_SECONDS.observe(time.perf_counter() - job.since)
        process.ask([job.request for job in jobs]).add_done_callback(partial(self._done, jobs, process))

    def _done(self, jobs: Sequence[Job], process: NluProcess, answers: asyncio.Future[list[Answer]]) -> None:
        if answers.exception() is not None:
            for job in reversed(jobs):
                self._again(job)
        else:
            self._idle.append(process)
            for job, answer in zip(jobs, answers.result(), strict=True):
                if not job.answer.done():
                    job.answer.set_result(answer)
        self._hand_out()

    def _again(self, job: Job) -> None:
        job.ends += 1
        if job.ends < TRIES:
            self._waiting.appendleft(job)
        elif not job.answer.done():
            job.answer.set_exception(
                NluError(f"[NLP02] {TRIES} processes ended over one message, so it is not tried again.")
            )

    def _ended(self, process: NluProcess) -> None:
        """A process has ended by itself, or was killed."""
        if process not in self._there:
            return  # while it was started, which ``_add`` sees
        self._leave(process)
        if process in self._idle:
            self._idle.remove(process)
        why = "took too long over a message and was killed" if process.hung else "has ended"
        NLU_PROCESS_ENDS.labels("hung" if process.hung else "died").inc()
        logger.error("[NLP03] Process %d, which understands messages, %s; another one is started.", process.pid, why)
        self._later(self._add())

    def _leave(self, process: NluProcess) -> None:
        self._there.remove(process)
        NLU_PROCESSES.dec()

    async def _add(self) -> None:
        """Starts a process, again and again until it has answered the check."""
        while not (self._retired and not self._waiting):
            try:
                process = await NluProcess.fork(self._work, self._within, self._ended)
                await process.ask([self._check])
                if process.gone:
                    raise EndedError
            except (OSError, EndedError) as error:
                NLU_PROCESS_ENDS.labels("failed").inc()
                logger.error("[NLP04] A process that understands messages could not be started: %r", error)
                self._do_without()
                await asyncio.sleep(AGAIN)
            else:
                self._there.add(process)
                NLU_PROCESSES.inc()
                self._idle.append(process)
                self._hand_out()
                return

    def _do_without(self) -> None:
        """Does what waits in this process where there is no other, but for what may have ended one."""
        while self._waiting and not self._there:
            job = self._waiting.popleft()
            if job.answer.done():
                continue
            if job.ends:
                self._again(job)
                continue
            try:
                job.answer.set_result(Answer(self._here(job.request)))
            except Exception as error:
                job.answer.set_exception(error)

    def _here(self, request: Any) -> Any:
        (result,) = self._work([request])
        return result

    def _later(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
