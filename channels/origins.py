"""Which web pages may use the chat (CORS): its own site, and the origins that the operator lists."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from sanic.response import BaseHTTPResponse

from faq.requests import HEADER

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}
_PORTS = {"http": 80, "https": 443}


def is_same_origin(origin: str, host: str) -> bool:
    """Whether an ``Origin`` header names the site that the request went to.

    The scheme cannot be compared: behind a proxy that ends TLS the server sees plain HTTP.

    Args:
        origin: the request's ``Origin`` header; ``null`` is no site.
        host: its ``Host`` header.
    """
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        default = _PORTS[page.scheme]
        ports = (page.port or default, here.port or default)
    except (KeyError, ValueError):
        return False
    return bool(page.hostname) and page.hostname == here.hostname and ports[0] == ports[1]


def is_foreign(headers: Mapping[str, str], allowed: tuple[str, ...]) -> bool:
    """Whether a request comes from a page that may not use the chat; without an ``Origin`` it comes from none."""
    origin = headers.get("origin")
    if origin is None or origin.lower() in allowed:
        return False
    return not is_same_origin(origin, headers.get("host", ""))


def add_cors(headers: Mapping[str, str], response: BaseHTTPResponse, allowed: tuple[str, ...]) -> None:
    """Tells the browser that a listed origin may read the response; a page of the same site needs no telling."""
    origin = headers.get("origin", "")
    if allowed:
        others = response.headers.get("Vary")
        response.headers["Vary"] = f"{others}, Origin" if others else "Origin"
    if origin.lower() in allowed:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = f"Retry-After, {HEADER}"
