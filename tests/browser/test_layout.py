"""Small windows, large letters, other directions and languages, and the reader's own settings of colour and motion."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import serve
from tests.browser.reader import Reader

CONVERSATION = ("how long does it last?", "my calf has been twitching for three weeks and my leg is getting weaker")
SMALL = {
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "400 %": {"viewport": {"width": 320, "height": 256}},
    "phone on its side": {"viewport": {"width": 740, "height": 360}, "is_mobile": True, "has_touch": True},
}
OVERFLOW = """(host) => [...host.shadowRoot.querySelectorAll("dialog, dialog *")]
  .filter((node) => node.checkVisibility() && !node.closest(".hide, svg, iframe"))
  .filter((node) => {
    const { left, right } = node.getBoundingClientRect();
    return left < -1 || right > innerWidth + 1 || (node.scrollWidth > node.clientWidth + 1 && node.clientWidth);
  })
  .map((node) => `${node.tagName} ${node.className}`)"""
TARGETS = """(host) => [...host.shadowRoot.querySelectorAll("a, button, summary, input, textarea")]
  .filter((node) => node.checkVisibility())
  .filter((node) => !(getComputedStyle(node).display === "inline" && node.closest(".from, small")))
  .map((node) => [node.textContent.trim() || node.getAttribute("aria-label"), node.getBoundingClientRect()])
  .filter(([, { width, height }]) => width < 24 || height < 24)
  .map(([name, { width, height }]) => `${name}: ${width} x ${height}`)"""
REACHABLE = """(host) => {
  const root = host.shadowRoot;
  return [...root.querySelectorAll("button, textarea, blockquote, .doctor .label")]
    .filter((node) => node.checkVisibility())
    .filter((node) => {
      node.scrollIntoView({ block: "center", behavior: "instant" });
      const { left, top, width, height } = node.getBoundingClientRect();
      const found = root.elementFromPoint(left + width / 2, Math.max(1, top + Math.min(height / 2, 20)));
      return !(node === found || node.contains(found));
    })
    .map((node) => node.textContent.trim() || node.getAttribute("aria-label"));
}"""


def talk(reader: Reader) -> Reader:
    """A conversation with a bit of everything."""
    reader.visit()
    for text in CONVERSATION:
        reader.ask(text)
    reader.chat.locator("summary").first.click()
    reader.button("No").first.click()
    expect(reader.chat.locator("#reason")).to_be_visible()
    return reader


@pytest.mark.parametrize("size", SMALL)
def test_layout_fits_small_windows(new_reader, size):
    reader = talk(new_reader(reduced_motion="reduce", **SMALL[size]))
    assert reader.chat.evaluate(OVERFLOW) == [], "nothing has to be scrolled sideways"
    assert reader.chat.evaluate(REACHABLE) == []
    reader.button("Options").click()
    assert reader.chat.evaluate(OVERFLOW) == []
    assert reader.chat.evaluate(REACHABLE) == []


@pytest.mark.parametrize("size", ["320 px", "400 %"])
def test_layout_has_room_for_what_went_wrong(new_reader, size):
    reader = new_reader(reduced_motion="reduce", **SMALL[size]).visit()
    reader.page.context.set_offline(True)
    reader.write("how long does it last?")
    expect(reader.button("Try again")).to_be_visible()
    assert reader.chat.evaluate(OVERFLOW) == []
    assert reader.chat.evaluate(REACHABLE) == []


@pytest.mark.parametrize("size", [{"width": 1200, "height": 800}, {"width": 320, "height": 640}], ids=str)
def test_layout_targets_are_large_enough(new_reader, size):
    reader = new_reader(viewport=size).visit(opened=False)
    assert reader.chat.evaluate(TARGETS) == []
    talk(reader).ask("my chest hurts and I can't breathe")
    reader.button("Options").click()
    assert reader.chat.evaluate(TARGETS) == []
    reader.button("Delete my conversation").click()
    assert reader.chat.evaluate(TARGETS) == []


def test_layout_targets_of_the_sections_are_large_enough(reader):
    reader.visit().cut_off().write("how long does it last?")
    expect(reader.chat.get_by_role("link", name="Can muscle twitching be prevented?")).to_be_visible()
    assert reader.chat.evaluate(TARGETS) == []


def test_layout_grows_with_the_readers_letters(new_reader):
    """The browser's own font size, not the page's: twice as large, nothing is cut off."""
    reader = new_reader(reduced_motion="reduce")
    page = f'<!doctype html><html lang="en"><title>x</title><script src="{reader.server}/chat/faq-chat.js"'
    serve(reader.page, f"{reader.server}/large", f'{page} defer></script><link rel="stylesheet" href="/large.css">')
    serve(reader.page, f"{reader.server}/large.css", "faq-chat { --faq-chat-font-size: 32px }", "text/css")
    reader.visit("/large").ask("how long does it last?")
    assert reader.field.evaluate("node => getComputedStyle(node).fontSize") == "32px"
    assert reader.chat.evaluate(OVERFLOW) == []


def colours(page: Page) -> list[str]:
    return page.locator("faq-chat dialog").evaluate(
        "node => { const { backgroundColor, color } = getComputedStyle(node); return [backgroundColor, color] }"
    )


def test_layout_dark_is_dark_unless_the_page_says_light(new_reader):
    reader = new_reader(color_scheme="dark").visit()
    assert colours(reader.page) == ["rgb(18, 25, 29)", "rgb(233, 238, 240)"]
    reader.chat.evaluate("host => host.setAttribute('theme', 'light')")
    expect(reader.chat.locator(".root.light")).to_have_count(1)
    assert colours(reader.page) == ["rgb(244, 247, 248)", "rgb(24, 34, 38)"]


def test_layout_keeps_its_edges_and_states_in_forced_colours(new_reader):
    reader = new_reader(forced_colors="active").visit(opened=False)
    border = "node => getComputedStyle(node).borderTopWidth"
    assert reader.launcher.evaluate(border) == "2px"
    reader.open().ask("how long does it last?")
    reader.button("Yes").click()
    expect(reader.button("Yes")).to_have_attribute("aria-pressed", "true")
    background = "node => getComputedStyle(node).backgroundColor"
    assert reader.button("Yes").evaluate(background) != reader.button("No").evaluate(background)
    for name in ("Close", "Options"):
        assert reader.button(name).evaluate(border) == "2px", name


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_layout_moves_only_for_those_who_want_it(new_reader, motion, moves):
    reader = new_reader(reduced_motion=motion).visit()
    found = reader.chat.evaluate("""(host) => [...host.shadowRoot.querySelectorAll("*")].some((node) => {
      const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(node);
      return animationName !== "none" || transitionDuration !== "0s" || scrollBehavior === "smooth";
    })""")
    assert found == moves


ARABIC = {
    "lang": "ar",
    "dir": "rtl",
    "launcher": "اسأل عن هذا المقال",
    "question": "سؤالك",
    "close": "إغلاق",
    "whole": "اقرأ القسم كله",
}


@pytest.fixture
def arab(new_reader) -> Reader:
    """Somebody on an Arabic page with an Arabic strings file."""
    reader = new_reader(reduced_motion="reduce")
    html = (
        '<!doctype html><html lang="ar" dir="rtl"><title>x</title><main id="article">مقال</main>'
        '<script src="/chat/faq-chat.js" defer data-strings="/ar.json"></script>'
    )
    serve(reader.page, f"{reader.server}/ar.json", json.dumps(ARABIC), "application/json")
    serve(reader.page, f"{reader.server}/ar", html)
    return reader.visit("/ar", opened=False)


def test_layout_begins_on_the_right_where_the_page_does(arab):
    expect(arab.launcher).to_have_text(ARABIC["launcher"])
    box = arab.launcher.bounding_box()
    assert box
    assert box["x"] < 100, "the end of the line is on the left"
    expect(arab.open().button(ARABIC["close"])).to_be_visible()
    assert arab.chat.evaluate(OVERFLOW) == []


def test_layout_speaks_another_language_around_the_articles_own(arab):
    reader = arab.open()
    reader.page.get_by_label(ARABIC["question"]).fill("how long does it last?")
    reader.page.keyboard.press("Enter")
    reader.wait()
    expect(reader.chat.locator(".root")).to_have_attribute("lang", "ar")
    expect(reader.chat.locator("summary").last).to_have_text(ARABIC["whole"])
    expect(reader.button("Yes")).to_be_visible()  # left out of the file, so English
    quote = reader.chat.locator("blockquote")
    assert quote.evaluate("node => [getComputedStyle(node).direction, node.lang]") == ["ltr", "en"]
    assert reader.chat.evaluate(OVERFLOW) == []
