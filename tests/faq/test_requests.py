"""The id of a request, and what is counted of its end."""

from __future__ import annotations

import asyncio

import pytest

from faq.metrics import REQUESTS
from faq.requests import answered, begin, current_id

NGINX = "6f1c0a9be2d34c5f8a7b6c5d4e3f2a1b"


def test_requests_take_the_id_that_nginx_made() -> None:
    assert begin(NGINX) == current_id() == NGINX


@pytest.mark.parametrize("given", [None, "", "1", NGINX.upper(), NGINX + "\n", f'{NGINX}"}}\n{{"', "x" * 32, "ö" * 32])
def test_requests_make_an_id_where_none_of_ours_is_given(given: str | None) -> None:
    made = begin(given)
    assert made != given
    assert begin(made) == made, "it has our form"


def test_requests_have_their_own_id_in_tasks_at_the_same_time() -> None:
    async def one() -> tuple[str, str | None]:
        request_id = begin(None)
        await asyncio.sleep(0)
        return request_id, await asyncio.create_task(inner())

    async def inner() -> str | None:
        return current_id()

    async def many() -> list[tuple[str, str | None]]:
        return list(await asyncio.gather(*(asyncio.create_task(one()) for _ in range(5))))

    pairs = asyncio.run(many())
    assert all(mine == seen for mine, seen in pairs)
    assert len({mine for mine, _ in pairs}) == 5


def test_requests_are_counted_by_known_methods_alone() -> None:
    answered("BREW", "other", 405, 0.0)
    assert REQUESTS.labels("other", "other", 405)._value.get() >= 1
