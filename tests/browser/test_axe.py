"""Not one violation of WCAG 2.2 AA or of axe-core's best practice, in whatever state the chat is shown."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reader import Reader

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = f"async () => await axe.run(document, {{ runOnly: {TAGS}, resultTypes: ['violations'] }})"
LOOKS = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page and in the chat: rule, and where."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found = page.evaluate(RUN)
    assert len(found["passes"]) > 20, "axe looked at the page"
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


@pytest.fixture(params=LOOKS)
def reader(request, new_reader) -> Reader:
    """Somebody with that look of the page."""
    return new_reader(**LOOKS[request.param]).visit(opened=False)


def test_axe_finds_nothing_in_the_closed_and_the_open_chat(reader):
    assert violations(reader.page) == []
    reader.open()
    assert violations(reader.page) == []
    reader.button("Options").click()
    assert violations(reader.page) == []
    reader.button("Delete my conversation").click()
    assert violations(reader.page) == []


def test_axe_finds_nothing_in_answers(reader):
    reader.open().press("How long does the muscle twitching last?")
    reader.chat.locator("summary").click()
    reader.button("No").click()
    expect(reader.chat.locator("#reason")).to_be_visible()
    assert violations(reader.page) == []
    reader.ask("my calf has been twitching for three weeks and my leg is getting weaker")
    expect(reader.chat.locator("li.doctor")).to_be_visible()
    reader.ask("what is the capital of France?")
    reader.ask("my chest hurts and I can't breathe")
    expect(reader.chat.locator("li.emergency")).to_be_visible()
    assert violations(reader.page) == []


def test_axe_finds_nothing_when_the_server_is_down(reader):
    reader.open().cut_off().write("how long does it last?")
    expect(reader.button("Try again")).to_be_visible()
    expect(reader.chat.get_by_text("Meanwhile, read it in the article:")).to_be_visible()
    assert violations(reader.page) == []
