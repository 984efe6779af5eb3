"""Calls of actions: the request's id goes with them, and a failing one tells nothing of the conversation."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from channels.action_calls import ActionCalls
from channels.metrics import ACTION_SECONDS
from faq.requests import begin

CALL = {"next_action": "action_reply"}


class Inner(EndpointConfig):
    """An action server that answers, or fails with the conversation in its answer as rasa-sdk's does."""

    def __init__(self, status: int = 200) -> None:
        super().__init__("http://actions/webhook", enable_selective_domain=True)
        self.status = status
        self.headers_sent: dict[str, str] = {}

    async def request(self, *_: Any, headers: Any = None, **kwargs: Any) -> Any:
        self.headers_sent = headers
        if self.status >= 400:
            raise ClientResponseError(self.status, "wrong", b'{"request_body": "what a reader wrote"}')
        return kwargs["json"]


def counted() -> float:
    return float(ACTION_SECONDS.labels("action_reply")._sum.get())


def test_action_calls_carry_the_id_of_the_request_and_are_timed() -> None:
    async def call() -> None:
        request_id = begin(None)
        inner = Inner()
        before = counted()
        assert await ActionCalls(inner).request(json=CALL, headers={"A": "b"}) == CALL
        assert inner.headers_sent == {"A": "b", "X-Request-ID": request_id}
        assert counted() > before

    asyncio.run(call())


@pytest.mark.parametrize(("status", "told"), [(500, False), (503, False), (400, True)])
def test_action_calls_tell_nothing_of_the_conversation(status: int, told: bool) -> None:
    """But for a rejection, whose body Rasa reads."""
    with pytest.raises(ClientResponseError) as failed:
        asyncio.run(ActionCalls(Inner(status)).request(json=CALL))
    assert failed.value.status == status
    assert ("what a reader wrote" in f"{failed.value} {failed.value.__context__!r}") == told or (
        failed.value.__suppress_context__ and "what a reader wrote" not in str(failed.value)
    )


def test_action_calls_are_configured_as_the_endpoint_is() -> None:
    calls = ActionCalls(Inner())
    assert (calls.url, calls.kwargs) == ("http://actions/webhook", {"enable_selective_domain": True})
