"""Looks, before a server starts, whether the database and Redis take what they are told in the settings."""

from __future__ import annotations

import logging
import re

from faq.errors import SetupError

logger = logging.getLogger(__name__)

REFUSED = re.compile(
    r"authentication failed|no password supplied|no pg_hba\.conf entry|(database|role) .* does not exist|"
    r"not permitted to log in|invalid (connection option|URI|.* value)",
)
"""What PostgreSQL and its library say when another attempt would fare no better."""

WITHIN = 5
"""Seconds to wait for an answer."""


def check_database(url: str) -> None:
    """Makes sure that PostgreSQL lets us in; one that does not answer may come up later.

    Args:
        url: ``DATABASE_URL``; nothing is done where it is empty.

    Raises:
        SetupError: it refuses us.
    """
    if not url:
        return
    import psycopg2

    try:
        psycopg2.connect(url, **({} if "connect_timeout" in url else {"connect_timeout": WITHIN})).close()
    except psycopg2.Error as error:
        said = " ".join(str(error).split())
        if REFUSED.search(said):
            raise SetupError(f"[RUN08] DATABASE_URL: the database says {said!r}. Mend the address.") from error
        logger.warning("[RUN09] DATABASE_URL: the database does not answer yet (%s).", said)


def check_redis(url: str) -> None:
    """Makes sure that Redis lets us in; one that does not answer may come up later.

    Args:
        url: ``REDIS_URL``; nothing is done where it is empty.

    Raises:
        SetupError: it refuses us.
    """
    if not url:
        return
    from redis import Redis
    from redis.exceptions import AuthenticationError, RedisError, ResponseError

    try:
        with Redis.from_url(url, socket_connect_timeout=WITHIN, socket_timeout=WITHIN) as redis:
            redis.ping()
    except (AuthenticationError, ResponseError) as error:
        raise SetupError(f"[RUN08] REDIS_URL: Redis says {str(error)!r}. Mend the address.") from error
    except RedisError as error:
        logger.warning("[RUN09] REDIS_URL: Redis does not answer yet (%s).", error)
