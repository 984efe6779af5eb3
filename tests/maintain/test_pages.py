"""The page of an evaluation: complete, self-contained, readable without eyes."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest

from maintain.learning_curve import MEASURED, Point
from maintain.pages import Safety, page, worst
from tests.maintain.cases import TOPICS, case

CASES = [
    case("heat", "heat", text="how hot?"),
    case("time", "heat", text="how <b>long</b>?", confidence=0.7),
    case("heat", "out_of_scope", text="cold water?", score=0.1),
    case("out_of_scope", "out_of_scope", text="capital of Norway", score=0.2),
    case("greet", "greet", text="hello"),
    case("heat", "heat", text="scalded", urgency=("doctor", "none")),
    case("heat", "heat", text="burnt badly", urgency=("emergency", "doctor")),
    case("heat", "heat", text="lukewarm", urgency=("none", "doctor")),
    case("heat", "heat", text="arguable", urgency=("doctor", "none"), note="do not score urgency"),
]
POINTS = [
    Point(share, seed, 100 * share, int(300 * share), dict.fromkeys(MEASURED, share))
    for share in (0.25, 1.0)
    for seed in (0, 1)
]
ABOUT = {"model": "m.tar.gz", "measured_at": "today", "source": "messages.csv", "folds": 5}


class Reader(HTMLParser):
    """Collects the elements of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} is closed out of turn"

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    """A page with everything on it."""
    return page(CASES, CASES[:5], POINTS, TOPICS, ABOUT)


def test_pages_are_well_formed_and_load_nothing(html: str) -> None:
    reader = Reader(html)
    assert reader.open == []
    assert "http" not in re.sub(r'src="data:[^"]+"', "", html)
    assert not {tag for tag, _ in reader.elements} & {"script", "link", "iframe"}


def test_pages_have_pictures_with_words_for_them(html: str) -> None:
    pictures = Reader(html).all("img")
    assert len(pictures) == 7
    assert all(len(picture["alt"]) > 40 for picture in pictures)
    for picture in pictures:
        kind, _, data = picture["src"].partition(",")
        assert kind == "data:image/svg+xml;base64"
        assert ElementTree.fromstring(base64.b64decode(data)).tag.endswith("svg")  # noqa: S314


def test_pages_have_tables_with_captions_and_headers(html: str) -> None:
    reader = Reader(html)
    assert len(reader.all("table")) == len(reader.all("caption")) >= 8
    assert all(each.get("scope") in {"col", "row", "colgroup"} for each in reader.all("th"))
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert {link["href"][1:] for link in reader.all("a")} <= set(ids)
    assert len(ids) == len(set(ids))
    assert reader.all("html") == [{"lang": "en"}]


def test_pages_show_what_was_measured(html: str) -> None:
    for words in ("intents in scope", "Intent by intent", "near miss", "m.tar.gz", "messages.csv", "score of refusal"):
        assert words in html
    assert "how &lt;b&gt;long&lt;/b&gt;?" in html
    assert "nan" not in re.sub(r'src="[^"]+"', "", html)


def test_pages_say_what_was_left_out() -> None:
    html = page(CASES, [], [], TOPICS, ABOUT)
    assert "Left out this time" in html
    assert "make learning-curve" in html
    assert len(Reader(html).all("img")) == 3


def test_pages_do_without_messages_out_of_scope() -> None:
    assert len(Reader(page(CASES[:2], [], [], TOPICS, ABOUT)).all("img")) == 1


def test_pages_list_every_miss_and_every_false_alarm() -> None:
    safety = Safety.of(CASES, TOPICS)
    assert [each.label.text for each in safety.misses] == ["scalded", "burnt badly"]
    assert [each.label.text for each in safety.alarms] == ["lukewarm"]
    assert [(rate.name, rate.hits, rate.total) for rate in safety.rates] == [
        ("doctor, sensitivity", 0, 1),
        ("emergency, sensitivity", 0, 1),
        ("false alarms", 1, 6),
    ]


def test_pages_list_the_surest_errors_first() -> None:
    assert [each.label.text for each in worst(CASES)] == ["cold water?", "how <b>long</b>?"]
    assert [each.label.text for each in worst(CASES, 1)] == ["cold water?"]
