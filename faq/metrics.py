"""Numbers about a server for Prometheus: those that every server has, and the port on which all of them are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import Counter, disable_created_metrics, start_http_server

HOST_VARIABLE = "FAQ_METRICS_HOST"
"""The variable that names the address on which the metrics are read."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # the second series that each counter would have

REQUESTS = Counter("faq_http_requests", "Requests answered", ["method", "route", "status"])
"""Of a server, by route; a path that is none counts as ``other``, so that nobody can make up series."""

LOG_RECORDS = Counter("faq_log_records", "Warnings and errors logged, by the code in front of them", ["level", "code"])
"""Of a server. The codes are those in our messages, ``none`` for what a library says."""


def serve(environment: Mapping[str, str], variable: str) -> Callable[[], None] | None:
    """Lets Prometheus read the metrics of this process, in a thread of its own.

    Args:
        environment: with the address and the port; ``maintain`` has checked both.
        variable: that names the port.

    Returns:
        What ends it; None where no port is named, so that nothing listens.

    Raises:
        OSError: the port is taken, or the address is not one of this machine.
    """
    port = environment.get(variable)
    if not port:
        return None
    server, _ = start_http_server(int(port), environment.get(HOST_VARIABLE) or "127.0.0.1")

    def close() -> None:
        server.shutdown()
        server.server_close()

    return close
