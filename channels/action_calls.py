"""Calls of the actions: each carries the request's id, is timed, and tells nothing of the conversation if it fails."""

from __future__ import annotations

from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from channels.metrics import ACTION_SECONDS
from faq.requests import HEADER, current_id

REJECTED = 400
"""Status with which an action says that it does not want to run; Rasa reads the body."""


class ActionCalls(EndpointConfig):
    """Where Rasa finds the actions, for one turn.

    Args:
        inner: where they are.
    """

    def __init__(self, inner: EndpointConfig) -> None:
        super().__init__(
            inner.url,
            inner.params,
            inner.headers,
            inner.basic_auth,
            inner.token,
            inner.token_name,
            inner.cafile,
            **inner.kwargs,
        )
        self.inner = inner

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """Calls an action as Rasa asks to.

        Raises:
            ClientResponseError: it failed; what it answered is left out, since rasa-sdk sends back the whole
                conversation, which Rasa would log.
        """
        headers = {**kwargs.pop("headers", {}), HEADER: current_id() or ""}
        with ACTION_SECONDS.labels(kwargs["json"]["next_action"]).time():
            try:
                return await self.inner.request(*args, headers=headers, **kwargs)
            except ClientResponseError as error:
                if error.status == REJECTED:
                    raise
                raise ClientResponseError(error.status, error.message, b"") from None
