"""The article's page with the widget on it, the widget itself, and what the widget needs when the chat is down."""

from __future__ import annotations

import json
import os
import re
from functools import cached_property
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import tomli
import yaml
from sanic.request import Request
from sanic.response import HTTPResponse

from channels.files import cached_response, file_response
from faq.documents import Document, Section, load_documents
from faq.emergency import VARIABLE, Contacts, load_contacts
from faq.triage import load_rules

STATIC = Path(__file__).parent / "static"
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
}
CACHED = "public, max-age=300, stale-while-revalidate=604800, stale-if-error=604800"
"""Of the widget and its rules: five minutes, then checked again. A browser that was here within a week has both even
if the server is down, and with them the emergency words."""


class DemoPage:
    """Serves the demo and its files.

    Args:
        documents: folder of the articles.
        component: the built web component.
        data: folder with ``facts/``, ``triage/`` and ``emergency.toml``.
        domain: Rasa's ``domain.yml``, for its fixed phrases.
        country: whose emergency numbers are given; by default what ``FAQ_COUNTRY`` says.
    """

    def __init__(
        self,
        documents: Path,
        component: Path,
        data: Path = Path("data"),
        domain: Path = Path("domain.yml"),
        country: str | None = None,
    ) -> None:
        self._documents, self._component, self._data, self._domain = documents, component, data, domain
        self._country = os.environ.get(VARIABLE, "") if country is None else country

    async def page(self, _request: Request) -> HTTPResponse:
        """The article with the chat."""
        return HTTPResponse(self._html, headers=PAGE_HEADERS, content_type="text/html; charset=utf-8")

    async def style(self, request: Request) -> HTTPResponse:
        """What the demo looks like."""
        return file_response(request, STATIC / "demo.css", "text/css; charset=utf-8", "no-cache")

    async def component(self, request: Request) -> HTTPResponse:
        """The chat as a web component, for any page."""
        return file_response(request, self._component, "text/javascript; charset=utf-8", CACHED)

    async def rules(self, request: Request) -> HTTPResponse:
        """How the widget knows an emergency when the server does not answer, and where the article's sections are."""
        return cached_response(request, self._rules, "application/json", CACHED)

    @cached_property
    def _html(self) -> str:
        return render_page(load_documents(self._documents))

    @cached_property
    def _rules(self) -> bytes:
        contacts = load_contacts(self._data / "emergency.toml", self._country)
        article = load_documents(self._documents)[0]
        return json.dumps(emergency_rules(self._data, self._domain, contacts, article), ensure_ascii=False).encode()


def emergency_rules(data: Path, domain: Path, contacts: Contacts, article: Document) -> dict[str, Any]:
    """The server's own emergency rules, as the widget reads them (``widget/src/rules.js``).

    Args:
        data: folder with ``facts/`` and ``triage/``.
        domain: Rasa's ``domain.yml``.
        contacts: whom to call.
        article: where the reader can read on.

    Returns:
        The vocabulary as it is written; the rules, the most urgent first, with their phrases as the assistant says
        them, but for ``{because}``; the numbers to call; the article's sections.
    """
    facts = _toml(data / "facts" / "emergencies.toml")
    phrases = yaml.safe_load(domain.read_text(encoding="utf-8"))["responses"]
    variables = {"emergency_number": contacts.emergency.words, "crisis_line": contacts.crisis.words}
    return {
        "words": facts.pop("words", {}),
        "replace": _toml(data / "facts" / "spelling.toml").get("replace", {}),
        "facts": facts,
        "rules": [
            {
                "id": rule.id,
                "values": sorted(rule.values),
                "text": phrases[rule.advice][0]["text"].format(because="{because}", **variables),
                "source": rule.source,
            }
            for rule in load_rules(data / "triage")
            if rule.urgency == "emergency"
        ],
        "call": {"emergency": contacts.emergency.number, "crisis": contacts.crisis.number},
        "article": {
            "title": article.title,
            "url": article.url,
            "language": article.language,
            "sections": [{"id": section.id, "heading": section.heading} for section in article.sections],
        },
    }


def render_page(documents: tuple[Document, ...]) -> str:
    """The page's HTML; the first document gives it its title and language."""
    template = Template((STATIC / "demo.html").read_text(encoding="utf-8"))
    sections = [section for document in documents for section in document.sections]
    first = documents[0]
    return template.substitute(
        title=escape(first.title),
        headline=escape(first.title.rpartition(" | ")[2]),
        language=escape(first.language),
        address=escape(first.url),
        contents="\n".join(f'<li><a href="#{escape(one.id)}">{escape(one.heading)}</a></li>' for one in sections),
        article="\n".join(map(_section, sections)),
    )


def _section(section: Section) -> str:
    paragraphs = [f"<p>{escape(text)}</p>" for text in re.split(r"\n\s*\n", section.text) if text.strip()]
    heading = f"<h2>{escape(section.heading)}</h2>"
    return "\n".join([f'<section id="{escape(section.id)}">', heading, *paragraphs, "</section>"])


def _toml(path: Path) -> dict[str, Any]:
    return tomli.loads(path.read_text(encoding="utf-8"))
