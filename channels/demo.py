"""The article's page with the chat on it, for trying the assistant out and for showing how a page uses the API."""

from __future__ import annotations

import re
from functools import cached_property
from html import escape
from pathlib import Path
from string import Template

from sanic.request import Request
from sanic.response import HTTPResponse

from channels.problems import Problem
from faq.documents import Document, Section, load_documents

STATIC = Path(__file__).parent / "static"
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
}
FILE_HEADERS = {"Cache-Control": "no-cache"}


class DemoPage:
    """Serves the demo and its files.

    Args:
        documents: folder of the articles.
        component: the built web component.
    """

    def __init__(self, documents: Path, component: Path) -> None:
        self._documents, self._component = documents, component

    async def page(self, _request: Request) -> HTTPResponse:
        """The article with the chat."""
        return HTTPResponse(self._html, headers=PAGE_HEADERS, content_type="text/html; charset=utf-8")

    async def script(self, _request: Request) -> HTTPResponse:
        """What the demo does."""
        return _file(STATIC / "demo.js", "text/javascript; charset=utf-8")

    async def style(self, _request: Request) -> HTTPResponse:
        """What the demo looks like."""
        return _file(STATIC / "demo.css", "text/css; charset=utf-8")

    async def component(self, _request: Request) -> HTTPResponse:
        """The chat as a web component, for any page."""
        return _file(self._component, "text/javascript; charset=utf-8")

    @cached_property
    def _html(self) -> str:
        return render_page(load_documents(self._documents))


def render_page(documents: tuple[Document, ...]) -> str:
    """The page's HTML; the first document gives it its title and language."""
    template = Template((STATIC / "demo.html").read_text(encoding="utf-8"))
    articles = "\n".join(_section(section) for document in documents for section in document.sections)
    first = documents[0]
    return template.substitute(title=escape(first.title), language=escape(first.language), article=articles)


def _section(section: Section) -> str:
    paragraphs = [f"<p>{escape(text)}</p>" for text in re.split(r"\n\s*\n", section.text) if text.strip()]
    heading = f"<h2>{escape(section.heading)}</h2>"
    return "\n".join([f'<section id="{escape(section.id)}">', heading, *paragraphs, "</section>"])


def _file(path: Path, content_type: str) -> HTTPResponse:
    if not path.is_file():
        raise Problem("not_found")
    return HTTPResponse(path.read_bytes(), headers=FILE_HEADERS, content_type=content_type)
