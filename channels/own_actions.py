"""The custom actions inside the Rasa server: no second server, no connection, no JSON between them."""

from __future__ import annotations

import json as json_format
from collections.abc import Mapping
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

VARIABLE = "FAQ_ACTIONS_URL"
"""Names the action servers; where it is there and empty, the actions run here."""

PACKAGE = "actions"
"""Where the actions are looked for; the action server is started with the same."""


class OwnActions(EndpointConfig):
    """An action endpoint without a network: Rasa asks it as it asks an action server, and it runs the action.

    Args:
        package: the Python package whose actions are run; they are made here, so that what they cannot read stops the
            server at its start.
    """

    def __init__(self, package: str = PACKAGE) -> None:
        super().__init__(url="own:", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> OwnActions | None:
        """The actions, None where the environment names action servers or says nothing; ``maintain`` always does."""
        return cls() if environment.get(VARIABLE) == "" else None

    async def request(self, *_: Any, json: Any = None, **__: Any) -> Any:
        """Runs what an action server would be asked for.

        Args:
            json: the call: the action's name, the tracker, and the domain where the action asks for it.

        Returns:
            The events and responses of the action.

        Raises:
            ClientResponseError: the action refuses to run; with the status and body of an action server.
        """
        try:
            return await self._executor.run(json)
        except ActionExecutionRejection as refusal:
            body = {"error": refusal.message, "action_name": refusal.action_name}
            raise ClientResponseError(400, "Bad Request", json_format.dumps(body)) from refusal
