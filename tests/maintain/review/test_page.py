"""The review page, as a browser without scripts sees it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from maintain.review.kinds import KINDS
from tests.maintain.review.conftest import Browser
from tests.maintain.review.project import FILES, contents

PAGES = ("/", "/numbers", "/changes")


class Reader(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


@pytest.mark.parametrize("path", PAGES)
def test_page_has_no_inline_script_or_style_and_every_field_a_label(browser: Browser, path: str) -> None:
    elements = Reader(browser.login().open(path)).elements
    assert [a for tag, a in elements if tag == "script" and "src" not in a] == []
    assert [
        a for tag, a in elements if tag == "style" or "style" in a or any(name.startswith("on") for name in a)
    ] == []
    fields = [a for tag, a in elements if tag in ("input", "select", "textarea") and a.get("type") != "hidden"]
    labels = sum(tag == "label" for tag, _ in elements)
    assert labels == len(fields)


def test_page_escapes_what_readers_wrote(browser: Browser) -> None:
    html = browser.login().open("/?words=script")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "<i>no</i>" not in html
    assert '<b>"' not in browser.open('/?words=<b>"&at=<b>"&intent=<b>"')


def test_page_hides_personal_details_first(browser: Browser) -> None:
    html = browser.login().open("/?kind=red_flag")
    assert "I am [name], my hand is scalded, call [phone]</textarea>" in html
    assert html.count("Hannah") == 1, "only behind “Show it as it was written”"
    assert "Tom" not in browser.open("/?kind=down")


def test_page_queue_shows_each_message_once_and_groups_similar_ones(browser: Browser) -> None:
    html = browser.login().open()
    assert "3 groups, 4 messages" in html
    assert "2 alike" in html
    assert html.index("alert(1)") < html.index("scalded") < html.index("boil"), "the most urgent first"


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("kind=refused", 2),
        ("kind=down", 1),
        ("kind=nonsense", 4),
        ("words=EGG", 2),
        ("intent=out_of_scope", 2),
        ("intent=time", 0),
        ("since=2023-11-17", 3),
        ("until=2023-11-16", 1),
        ("since=yesterday", 4),
    ],
)
def test_page_filters(browser: Browser, query: str, messages: int) -> None:
    browser.desk.snapshot()
    html = browser.login().open(f"/?{query}")
    assert f", {messages} message{'' if messages == 1 else 's'}<" in html


def test_page_shows_the_conversation_the_scores_and_the_nearest(browser: Browser) -> None:
    html = browser.login().open("/?kind=refused&words=eggs")
    assert "how hot is the water" in html
    assert "0.20" in html
    assert "no answer" in html


def test_page_labels_become_data_with_a_diff_and_undo_restores(browser: Browser) -> None:
    before = contents(browser.desk.root)
    browser.login().open("/?kind=refused")
    html = browser.decide("intent:time", phrase="can  I boil\neggs for long")
    assert "Added to time.yml as time. With it, 1 like it." in html
    assert "+    - can I boil eggs for long" in html
    assert contents(browser.desk.root) == {
        **before,
        "time.yml": FILES["time.yml"] + "    - can I boil eggs for long\n",
    }
    assert "2 groups, 2 messages" in browser.open()
    assert "Taken back." in browser.undo()
    assert contents(browser.desk.root) == before
    assert "3 groups, 4 messages" in browser.open()


@pytest.mark.parametrize(
    ("action", "fields", "file", "added"),
    [
        ("accept", {}, "out_of_scope.yml", "    - boiling of eggs\n"),
        ("out", {}, "out_of_scope.yml", "    - boiling of eggs\n"),
        ("intent:greet", {}, "small_talk.yml", "    - boiling of eggs\n"),
        (
            "two",
            {"first": "time", "second": "heat"},
            "two_questions.yml",
            "  - text: |\n      boiling of eggs\n    metadata:\n      also: time\n",
        ),
    ],
)
def test_page_takes_every_kind_of_label(
    browser: Browser, action: str, fields: dict[str, str], file: str, added: str
) -> None:
    browser.login().open("/?kind=refused")
    browser.decide(action, phrase="boiling of eggs", **fields)
    assert added in contents(browser.desk.root)[file]


def test_page_near_misses_are_what_was_answered_and_should_not(browser: Browser) -> None:
    browser.login().open("/?kind=down")
    browser.decide("out", phrase="is the kettle any good")
    assert "- is the kettle any good\n" in contents(browser.desk.root)["near_misses.yml"]


def test_page_ignores_for_good(browser: Browser) -> None:
    before = contents(browser.desk.root)
    browser.login().open("/?kind=refused")
    assert "Ignored." in browser.decide("ignore")
    assert contents(browser.desk.root) == before
    assert "2 groups, 2 messages" in browser.open()


@pytest.mark.parametrize(
    ("phrase", "code"),
    [
        ("How hot IS the water?!", "LBL07"),
        ("Does it get hotter, at noon", "LBL08"),
        ("  ", "LBL01"),
        ("/heat", "LBL03"),
    ],
)
def test_page_refuses_what_must_not_become_data(browser: Browser, phrase: str, code: str) -> None:
    before = contents(browser.desk.root)
    browser.login().open("/?kind=refused")
    assert code in browser.decide("confirm:intent:heat", phrase=phrase)
    assert "confirm:" not in browser.html
    assert contents(browser.desk.root) == before


def test_page_conflicts_need_a_confirmation_and_keep_the_edit(browser: Browser) -> None:
    browser.login().open("/?kind=refused")
    html = browser.decide("intent:heat", phrase="how long does it take now")
    assert "LBL10" in html
    assert "how long does it take now</textarea>" in html
    action = re.findall(r'value="(confirm:[^"]+)"', html)[0]
    assert "Added to heat.yml" in browser.decide(action, phrase="how long does it take now")


def test_page_two_people_cannot_decide_the_same_message(browser: Browser) -> None:
    browser.login().open("/?kind=refused")
    form = {"csrf": browser.hidden("csrf"), "key": browser.hidden("key"), "action": "intent:time"}
    browser.client.post("/decide", data={**form, "phrase": "first one here"})
    assert "somebody has decided it" in browser.client.post("/decide", data={**form, "phrase": "second one there"}).text
    assert "second one" not in contents(browser.desk.root)["time.yml"]


@pytest.mark.parametrize("action", ["", "intent", "intent:no_such", "two", "confirm:", "else"])
def test_page_refuses_what_its_forms_do_not_say(browser: Browser, action: str) -> None:
    before = contents(browser.desk.root)
    browser.login().open("/?kind=refused")
    browser.decide(action, phrase="something new altogether")
    assert contents(browser.desk.root) == before


def test_page_says_what_is_wrong_with_a_file(browser: Browser) -> None:
    browser.login().open("/?kind=refused")
    (browser.desk.root / "data" / "nlu" / "heat.yml").write_text("nlu: {", encoding="utf-8")
    assert "[PHR01] heat.yml is not YAML" in browser.decide("intent:heat", phrase="does it boil")
    assert browser.desk.decisions.decided() == set()


def test_page_numbers_say_what_became_of_the_messages(browser: Browser) -> None:
    html = browser.login().open("/numbers")
    assert "in 4 conversations" in html
    tiles = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", html)
    assert dict(tiles) == {
        "messages": "5",
        "answered": "60 %",
        "no answer": "40 %",
        "asked back": "0 %",
        "helpful": "50 %",
        "doctor or emergency": "20 %",
    }
    assert html.count('role="img"') == 3
    assert '<span class="count">2</span>' in html, "unanswered topics, with counts"


def test_page_numbers_do_without_messages(browser: Browser) -> None:
    assert "Every message had an answer" in browser.login().open("/numbers?since=2030-01-01")


def test_page_keys_and_forms_do_the_same(browser: Browser) -> None:
    """Each key of review.js presses a button that is there without it."""
    keys = re.findall(r'data-key="(\w)"', browser.login().open("/?kind=refused"))
    assert {"a", "o", "i", "u", "1", "2", "3"} <= set(keys)
    assert len(keys) == len(set(keys))


def test_page_names_every_kind(browser: Browser) -> None:
    html = browser.login().open()
    assert [words for words in KINDS.values() if words not in html] == []
