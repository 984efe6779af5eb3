"""`make cluster-test`: every fault under two hundred readers, and the table of what they saw."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from maintain.settings import ROOT
from maintain.topology import Cluster
from tests.cluster.conftest import publish, running_cluster
from tests.cluster.faults import Fault, drain, full_disk, kill, new_model, restart, slow_database
from tests.cluster.load import Figures, step
from tests.cluster.stored import Kept, compared
from tests.cluster.test_faults import under_load

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

SESSIONS = int(os.environ.get("CLUSTER_SESSIONS", "200"))
SHARE = 0.25
"""Of what the machine can answer: a replica that starts takes one of two cores for itself."""
TABLE = ROOT / "var" / "cluster-test" / "faults.md"
NEVER, UNAVAILABLE = frozenset[str](), frozenset({"503 no_answer", "503 busy"})
UNREACHABLE = frozenset({"ConnectError", "ReadError", "RemoteProtocolError", "503 no_answer"})
"""nginx is also between the Rasa servers and the action servers."""


@dataclass(frozen=True)
class Expected:
    """What is decided for a fault.

    Attributes:
        fault: what happens.
        seen: what a reader's client may get in place of an answer before it tries again.
        within: seconds from the fault, or from its end, after which nobody gets that any more.
    """

    fault: Fault
    seen: frozenset[str]
    within: float


FAULTS = {
    "kill -9 of a Rasa server": Expected(kill("rasa-1"), NEVER, 0),
    "kill -9 of an action server": Expected(kill("actions-1"), NEVER, 0),
    "kill -9 of PostgreSQL": Expected(kill("postgres"), UNAVAILABLE, 15),
    "kill -9 of Redis": Expected(kill("redis"), NEVER, 0),
    "SIGTERM to a Rasa server": Expected(drain("rasa-2"), NEVER, 0),
    "restart of both Rasa servers, one by one": Expected(restart("rasa-1", "rasa-2"), NEVER, 0),
    "restart of both action servers, one by one": Expected(restart("actions-1", "actions-2"), NEVER, 0),
    "restart of PostgreSQL": Expected(restart("postgres"), UNAVAILABLE, 15),
    "restart of Redis": Expected(restart("redis"), NEVER, 0),
    "restart of nginx": Expected(restart("nginx"), UNREACHABLE, 5),
    "disk full under PostgreSQL for 15 s": Expected(full_disk(15), UNAVAILABLE, 20),
    "database stopped for 0.4 s of each 0.5 s, for 15 s": Expected(slow_database(15, 0.8), UNAVAILABLE, 20),
    "a new model judged and promoted": Expected(new_model, NEVER, 0),
}


@pytest.fixture(scope="module")
def small_disk() -> Iterator[Cluster]:
    """A cluster whose database has a disk of its own."""
    if os.geteuid() != 0:
        pytest.fail("only root can mount the disk that is to be filled: run `make cluster-test` as root")
    with running_cluster(postgres_size="160m") as running:
        yield running


def table(figures: Sequence[Figures], kept: Kept) -> str:
    rows = [
        "| fault | sent | answered | tried again | lost | doubled | seen meanwhile | recovered after | longest wait |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for each in figures:
        seen = ", ".join(f"{count} × {what}" for what, count in each.seen.most_common()) or "–"
        ids = {message.id for message in each.messages}
        lost, doubled = len(ids & {*kept.lost, *kept.unanswered}), len(ids & set(kept.doubled))
        rows.append(
            f"| {each.fault} | {each.sent} | {each.answered} | {each.tried_again} | {lost} | {doubled} | {seen} | "
            f"{each.recovery:.1f} s | {each.slowest:.1f} s |"
        )
    return "\n".join(rows)


def test_all_faults_lose_and_double_nothing(small_disk: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    faults = {name: expected.fault for name, expected in FAULTS.items()}
    rate = SHARE * asyncio.run(step(small_disk.url, 8)).rate

    def show(each: Figures) -> None:
        with capsys.disabled():
            print(f"\n{each.fault}: {each.sent} sent, {each.answered} answered, seen {dict(each.seen)}", flush=True)

    figures, messages = asyncio.run(under_load(small_disk, faults, SESSIONS, rate, show=show))
    kept = compared(small_disk.database_url, messages)
    head = f"{SESSIONS} sessions, {len(messages)} messages, {rate:.1f} a second ({SHARE:.0%} of capacity)"
    shown = f"{head}\n\n{table(figures, kept)}\n"
    publish(TABLE, shown, capsys)
    assert kept.is_good, kept
    assert [message for message in messages if message.acknowledged is None] == []
    for each in figures:
        expected = FAULTS[each.fault]
        assert set(each.seen) <= expected.seen, f"{each.fault}: readers saw {each.seen}"
        assert each.recovery <= expected.within, f"{each.fault}: {each.recovery:.1f} s"
