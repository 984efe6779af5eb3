from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
import tomli
import yaml

from channels.demo import CACHED, STATIC, emergency_rules, render_page
from faq.documents import load_documents
from faq.emergency import load_contacts
from faq.triage import load_rules

DATA = Path("data")
DOMAIN = Path("domain.yml")


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


def rules_of(country: str = "") -> dict:
    contacts = load_contacts(DATA / "emergency.toml", country)
    return emergency_rules(DATA, DOMAIN, contacts, load_documents(DATA / "documents")[0])


def test_demo_shows_the_whole_article(chat):
    answer = chat.http.get("/chat/demo")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    page = Page(answer.text)
    for document in load_documents(DATA / "documents"):
        for section in document.sections:
            assert ("section", {"id": section.id}) in page.tags
            assert ("a", {"href": f"#{section.id}"}) in page.tags
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


def test_demo_embeds_the_widget_with_one_line(chat):
    tags = Page(chat.http.get("/chat/demo").text).tags
    scripts = [attributes for tag, attributes in tags if tag == "script"]
    assert scripts == [{"src": "/chat/faq-chat.js", "defer": None, "data-article": "article"}]
    assert ("article", {"id": "article"}) in tags


def test_demo_can_be_used_by_all(chat):
    tags = Page(chat.http.get("/chat/demo").text).tags
    attributes = [one for _, one in tags]
    assert dict(tags)["html"]["lang"] == "en"
    assert any(one.get("name") == "viewport" for one in attributes)
    assert [tag for tag, _ in tags].count("h1") == 1
    assert {"main", "header", "footer", "nav", "noscript"} <= {tag for tag, _ in tags}


def test_demo_style_is_served(chat):
    answer = chat.http.get("/chat/demo.css")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.content == (STATIC / "demo.css").read_bytes()


def test_demo_escapes_the_document():
    document = load_documents(DATA / "documents")[0]
    section = replace(document.sections[0], heading="<i>Heading</i>", text='a < b & "c"\n\n<b>alert(1)</b>')
    html = render_page((replace(document, title="<b>Title</b> $x", sections=(section,)),))
    page = Page(html)
    assert {"i", "b"}.isdisjoint(tag for tag, _ in page.tags)
    for words in ("<b>Title</b> $x", "<i>Heading</i>", 'a < b & "c"', "<b>alert(1)</b>"):
        assert words in page.text


def test_component_is_served_once_it_is_built(serve, tmp_path):
    file = tmp_path / "faq-chat.js"
    chat = serve(widget=str(file))
    assert chat.http.get("/chat/faq-chat.js").status_code == 404
    file.write_text("export {};")
    answer = chat.http.get("/chat/faq-chat.js")
    assert (answer.text, answer.headers["content-type"]) == ("export {};", "text/javascript; charset=utf-8")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_component_is_kept_by_the_browser_and_checked(serve, tmp_path, encoding):
    file = tmp_path / "faq-chat.js"
    file.write_text("export {};")
    chat = serve(widget=str(file))
    headers = {"Accept-Encoding": encoding}
    first = chat.http.get("/chat/faq-chat.js", headers=headers)
    assert first.headers["cache-control"] == CACHED
    headers["If-None-Match"] = first.headers["etag"]
    again = chat.http.get("/chat/faq-chat.js", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert [again.headers[name] for name in ("etag", "vary")] == [first.headers["etag"], "Accept-Encoding"]
    file.write_text("export { };")
    assert chat.http.get("/chat/faq-chat.js", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["faq-chat.js", "faq-chat-rules.json", "demo.css"])
def test_files_are_packed_for_those_that_take_it(chat, path):
    plain, packed = (
        chat.http.get(f"/chat/{path}", headers={"Accept-Encoding": encoding}) for encoding in ("identity", "gzip, br")
    )
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert packed.headers["etag"] != plain.headers["etag"], "a cache must not mix them up"
    assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"


def test_rules_are_served(chat):
    answer = chat.http.get("/chat/faq-chat-rules.json")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == CACHED
    assert answer.json()["facts"]


def test_rules_are_the_servers_own():
    rules = rules_of()
    facts = tomli.loads((DATA / "facts" / "emergencies.toml").read_text(encoding="utf-8"))
    assert {**rules["facts"], "words": rules["words"]} == facts
    urgent = [rule for rule in load_rules(DATA / "triage") if rule.urgency == "emergency"]
    assert [(rule["id"], set(rule["values"])) for rule in rules["rules"]] == [(one.id, one.values) for one in urgent]
    assert {value for rule in rules["rules"] for value in rule["values"]} == set(rules["facts"])
    json.dumps(rules)


@pytest.mark.parametrize(
    ("country", "number", "words"), [("", None, "your local emergency number"), ("GB", "999", "999")]
)
def test_rules_speak_the_servers_phrases(country, number, words):
    rules = rules_of(country)
    assert rules["call"]["emergency"] == number
    phrases = yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["responses"]
    for rule in rules["rules"]:
        assert f"call {words}" in rule["text"]
        assert "{because}" in rule["text"]
        assert rule["text"].count("{") == 1
    start = phrases["utter_emergency"][0]["text"].partition("{emergency_number}")[0]
    assert any(rule["text"].startswith(start) for rule in rules["rules"])


def test_rules_lead_to_the_article():
    article = rules_of()["article"]
    document = load_documents(DATA / "documents")[0]
    assert (article["url"], article["language"]) == (document.url, document.language)
    assert article["sections"] == [{"id": section.id, "heading": section.heading} for section in document.sections]
