"""The description of the chat API (``openapi.yml``), for programs and as a page for people."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.reference_page import render_page
from channels.settings import ChatSettings

DESCRIPTION = Path(__file__).with_name("openapi.yml")
STYLE = Path(__file__).with_name("openapi.css")
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
FILE_HEADERS = {"Cache-Control": "no-cache"}


def load_description(settings: ChatSettings) -> dict[str, Any]:
    """The description as OpenAPI has it, with the limits that are in force."""
    description: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    schemas = description["components"]["schemas"]
    schemas["Message"]["properties"]["text"]["maxLength"] = settings.max_text_length
    schemas["Feedback"]["properties"]["reason"]["maxLength"] = settings.max_reason_length
    return description


class Reference:
    """Serves the description.

    Args:
        settings: the limits to name.
    """

    def __init__(self, settings: ChatSettings) -> None:
        self._settings = settings

    async def description(self, _request: Request) -> HTTPResponse:
        """For programs."""
        body = json.dumps(self._description, ensure_ascii=False)
        return HTTPResponse(body, headers=FILE_HEADERS, content_type="application/json")

    async def page(self, _request: Request) -> HTTPResponse:
        """For people."""
        return HTTPResponse(self._page, headers=PAGE_HEADERS, content_type="text/html; charset=utf-8")

    async def style(self, _request: Request) -> HTTPResponse:
        """What the page looks like."""
        return HTTPResponse(STYLE.read_bytes(), headers=FILE_HEADERS, content_type="text/css; charset=utf-8")

    @cached_property
    def _description(self) -> dict[str, Any]:
        return load_description(self._settings)

    @cached_property
    def _page(self) -> str:
        return render_page(self._description)
