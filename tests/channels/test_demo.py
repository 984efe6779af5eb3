from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from channels.demo import STATIC, render_page
from faq.documents import load_documents


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


def test_demo_shows_the_whole_article(chat):
    answer = chat.http.get("/chat/demo")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    page = Page(answer.text)
    for document in load_documents(Path("data/documents")):
        for section in document.sections:
            assert ("section", {"id": section.id}) in page.tags
            assert section.heading in page.text
            assert all(passage.text in page.text for passage in section.passages)


def test_demo_is_strict_and_has_nothing_inline(chat):
    answer = chat.http.get("/chat/demo")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = Page(answer.text)
    for tag, attributes in page.tags:
        assert tag != "style"
        assert "style" not in attributes
        assert tag != "script" or attributes["src"].startswith("/chat/")
        assert not [name for name in attributes if name.startswith("on")]


def test_demo_can_be_used_by_all(chat):
    tags = Page(chat.http.get("/chat/demo").text).tags
    attributes = [one for _, one in tags]
    assert dict(tags)["html"]["lang"] == "en"
    assert any(one.get("name") == "viewport" for one in attributes)
    assert any(one.get("role") == "log" and one.get("aria-live") == "polite" for one in attributes)
    assert any(tag == "label" and one.get("for") == "text" for tag, one in tags)


@pytest.mark.parametrize(("path", "kind"), [("demo.js", "text/javascript"), ("demo.css", "text/css")])
def test_demo_files(chat, path, kind):
    answer = chat.http.get(f"/chat/{path}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    assert answer.content == (STATIC / path).read_bytes()


def test_demo_script_never_writes_html():
    script = (STATIC / "demo.js").read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|DOMParser", script)


def test_demo_escapes_the_document():
    document = load_documents(Path("data/documents"))[0]
    section = replace(document.sections[0], heading="<i>Heading</i>", text='a < b & "c"\n\n<script>alert(1)</script>')
    html = render_page((replace(document, title="<b>Title</b> $x", sections=(section,)),))
    page = Page(html)
    assert {"i", "b"}.isdisjoint(tag for tag, _ in page.tags)
    assert [one for tag, one in page.tags if tag == "script"] == [{"src": "/chat/demo.js", "defer": None}]
    for words in ("<b>Title</b> $x", "<i>Heading</i>", 'a < b & "c"', "<script>alert(1)</script>"):
        assert words in page.text


def test_component_is_served_once_it_is_built(serve, tmp_path):
    file = tmp_path / "faq-chat.js"
    chat = serve(widget=str(file))
    assert chat.http.get("/chat/faq-chat.js").status_code == 404
    file.write_text("export {};")
    answer = chat.http.get("/chat/faq-chat.js")
    assert (answer.text, answer.headers["content-type"]) == ("export {};", "text/javascript; charset=utf-8")
