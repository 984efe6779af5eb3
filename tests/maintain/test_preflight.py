"""What is said before the start about a database and a Redis that will not do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faq.errors import SetupError
from maintain.preflight import check_database, check_redis
from maintain.topology import Cluster
from tests.services import cluster_folder, service

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL and a Redis that run."""
    with cluster_folder() as folder:
        folder.prepare()
        with service(folder, "postgres"), service(folder, "redis"):
            yield folder


def test_preflight_is_content(cluster: Cluster, caplog: pytest.LogCaptureFixture) -> None:
    check_database(cluster.database_url)
    check_redis(cluster.redis_url)
    check_database("")
    check_redis("")
    assert caplog.text == ""


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (("faq:", "faq:not-"), "authentication failed"),
        (("/faq", "/other"), "does not exist"),
        (("/faq", "/faq?sslmode=perhaps"), "sslmode"),
    ],
)
def test_preflight_names_what_the_database_refuses(cluster: Cluster, mistake: tuple[str, str], said: str) -> None:
    head, slash, name = cluster.database_url.rpartition("/")
    wrong = head + (slash + name).replace(*mistake) if mistake[0] == "/faq" else cluster.database_url.replace(*mistake)
    with pytest.raises(SetupError, match=rf"RUN08.*DATABASE_URL.*{said}") as refused:
        check_database(wrong)
    assert cluster.secret("postgres") not in str(refused.value)


def test_preflight_names_what_redis_refuses(cluster: Cluster) -> None:
    for wrong in ("redis://:wrong@127.0.0.1", "redis://127.0.0.1"):
        with pytest.raises(SetupError, match=r"RUN08.*REDIS_URL"):
            check_redis(f"{wrong}:{cluster.ports['redis']}/0")


def test_preflight_waits_for_what_may_come_up_later(caplog: pytest.LogCaptureFixture) -> None:
    check_database("postgresql://faq:hidden@127.0.0.1:1/faq")
    check_redis("redis://:hidden@127.0.0.1:1/0")
    told = caplog.text
    assert told.count("[RUN09]") == 2
    assert "hidden" not in told
