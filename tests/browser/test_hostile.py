"""The page's CSS cannot break the chat, and the chat leaves the page as it was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import serve
from tests.browser.reader import Reader

CALM = "body { margin: 0 }"
STYLES = {
    "everything unset": "* { all: unset !important }",
    "everything spoilt": """* {
        display: inline !important; position: static !important; visibility: hidden !important; opacity: .1 !important;
        color: red !important; background: lime !important; font: 3px/9 cursive !important; float: left !important;
        letter-spacing: 1em !important; text-transform: uppercase !important; transform: rotate(3deg) !important;
        direction: rtl !important; unicode-bidi: bidi-override !important; pointer-events: none !important;
        width: 1px !important; min-width: 2000px !important; overflow: hidden !important; z-index: -1 !important;
        writing-mode: vertical-rl !important; animation: none !important; clip: rect(0 0 0 0) !important }
        *::before, *::after { content: "x" !important; display: block !important }""",
    "odd root size": "html { font-size: 5px !important } body { font-size: 90px }",
    "the very element": """faq-chat { display: none !important; width: 0 !important; filter: blur(9px) !important;
        contain: strict !important; content-visibility: hidden !important; clip-path: inset(50%) !important }
        faq-chat:popover-open { inset: 0 !important; margin: auto !important; padding: 9em !important }
        button, dialog, textarea, .launcher, .root, .log { display: none !important; color: red !important }""",
    "a page that clips": "html, body { transform: scale(.5); overflow: hidden; height: 9px; opacity: .2 }",
    "names of ours": "* { --accent: red !important; --ink: red !important; --gap: 9em !important; --line: red }",
}
LOOKS = """({ shadowRoot }) => [...shadowRoot.querySelectorAll(".root *")].filter((node) => node.checkVisibility())
  .map((node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  const looks = ["color", "backgroundColor", "fontSize", "fontFamily", "lineHeight", "letterSpacing", "textTransform",
    "display", "visibility", "opacity", "direction", "pointerEvents", "writingMode", "textAlign", "cursor"];
  return [node.tagName, ...[x, y, width, height].map(Math.round), ...looks.map((name) => style[name])].join(" ");
})"""
ARTICLE = "<main><article id='article'><h1>Title</h1><p>Some words.</p></article></main>"


def page_with(style: str, chat: bool = True) -> str:
    script = '<script src="/chat/faq-chat.js" defer></script>' if chat else ""
    return (
        f'<!doctype html><html lang="en"><title>x</title><link rel="stylesheet" href="/odd.css">{script}<body>{ARTICLE}'
    )


def visit(reader: Reader, style: str, chat: bool = True) -> Reader:
    """A page with that style sheet."""
    reader.page.unroute_all()
    serve(reader.page, f"{reader.server}/odd.css", style, "text/css")
    serve(reader.page, f"{reader.server}/odd", page_with(style, chat))
    return reader.visit("/odd", opened=False)


def looks(reader: Reader, style: str) -> list[list[str]]:
    """What every part of the chat looks like, closed and open."""
    visit(reader, style)
    reader.launcher.wait_for()
    closed = reader.chat.evaluate(LOOKS)
    reader.open().press("How long does the muscle twitching last?")
    reader.page.mouse.move(600, 5)
    return [closed, reader.chat.evaluate(LOOKS)]


@pytest.fixture(scope="package")
def calm() -> dict[str, Any]:
    """What it looks like on a page without odd styles; filled by the first test."""
    return {}


@pytest.mark.parametrize("style", STYLES)
def test_hostile_styles_change_nothing(new_reader, calm, style):
    if not calm:
        calm["looks"] = looks(new_reader(reduced_motion="reduce"), CALM)
    reader = new_reader(reduced_motion="reduce")
    for expected, found in zip(calm["looks"], looks(reader, STYLES[style]), strict=True):
        assert found == expected


def test_hostile_page_is_left_alone(new_reader):
    """Neither the page's elements nor its style sheets nor its global names are changed."""
    state = """() => ({
      names: Object.keys(window).sort(),
      sheets: document.styleSheets.length + document.adoptedStyleSheets.length,
      boxes: [...document.querySelectorAll("html, body, main *")].map((node) => node.getBoundingClientRect().toJSON()),
      looks: [...document.querySelectorAll("html, body, main *")].map(getComputedStyle).map((style) =>
        [...style].map((name) => style[name])),
      attributes: document.querySelector("main").outerHTML,
    })"""
    without = visit(new_reader(), CALM, chat=False).page.evaluate(state)
    reader = visit(new_reader(), CALM).open()
    reader.ask("how long does it last?")
    now = reader.page.evaluate(state)
    assert set(now.pop("names")) - set(without.pop("names")) == {"litHtmlVersions"}, "lit counts its copies there"
    assert now == without


def test_hostile_page_does_not_hear_the_conversation(reader):
    """What is typed stays in the chat: Escape and keys are the page's only where they were pressed in the page."""
    visit(reader, CALM)
    reader.page.evaluate("""() => { window.heard = [];
      for (const name of ["faq-chat-open", "faq-chat-close", "faq-chat-answer", "faq-chat-error"])
        addEventListener(name, ({ type, detail }) => heard.push([type, detail])) }""")
    reader.open().ask("how long does it last?")
    reader.page.keyboard.press("Escape")
    heard = reader.page.evaluate("heard")
    assert heard == [
        ["faq-chat-open", None],
        ["faq-chat-answer", {"types": ["notice"]}],
        ["faq-chat-answer", {"types": ["answer"]}],
        ["faq-chat-close", None],
    ]
