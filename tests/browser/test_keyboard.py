"""The keyboard alone does all, and the focus is never lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reader import Reader

DURATION = "How long does the muscle twitching last?"
OUTLINE = """() => {
  const node = document.querySelector("faq-chat").shadowRoot.activeElement;
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(node);
  const { left, top, right, bottom } = node.getBoundingClientRect();
  const inside = left >= 0 && top >= 0 && right <= innerWidth + 1 && bottom <= innerHeight + 1;
  const seen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && outlineColor !== "rgba(0, 0, 0, 0)";
  return { seen, inside };
}"""


def tab_to(reader: Reader, name: str, keys: str = "Tab") -> list[str]:
    """Presses Tab until something has the focus; returns what had it on the way."""
    passed: list[str] = []
    while reader.focused != name:
        assert len(passed) < 60, f"{name!r} is not reached: {passed}"
        reader.page.keyboard.press(keys)
        passed.append(reader.focused)
    return passed


def open_by_keyboard(reader: Reader) -> None:
    tab_to(reader, "Ask about this article")
    reader.page.keyboard.press("Enter")
    expect(reader.field).to_be_focused()
    expect(reader.lines.first).to_be_visible()


def test_keyboard_focus_goes_through_the_chat_in_the_order_of_the_page(reader):
    open_by_keyboard(reader.visit(opened=False))
    reader.page.keyboard.type("how long does it last?")
    reader.page.keyboard.press("Enter")
    reader.wait()
    expect(reader.field).to_be_focused()
    passed = tab_to(reader, "Options", "Shift+Tab")
    assert passed == [
        *("No", "Yes", "Read the whole section", "Show in the article", DURATION, DURATION),
        *("Can muscle twitching be prevented?", "Can muscle twitching also be psychosomatic?"),
        *("Conversation", "Close", "Options"),
    ]


def test_keyboard_alone_asks_reads_and_judges(reader):
    open_by_keyboard(reader.visit(opened=False))
    tab_to(reader, DURATION, "Shift+Tab")
    reader.page.keyboard.press("Space")
    reader.wait()
    assert reader.focused == DURATION, "the button that was pressed keeps the focus"
    tab_to(reader, "Read the whole section")
    reader.page.keyboard.press("Enter")
    expect(reader.chat.locator("details[open] mark").first).to_be_visible()
    tab_to(reader, "No")
    reader.page.keyboard.press("Space")
    expect(reader.button("No")).to_have_attribute("aria-pressed", "true")
    tab_to(reader, "Why? (optional, no personal details please)")
    reader.page.keyboard.type("too short")
    reader.page.keyboard.press("Enter")
    expect(reader.chat.locator("#reason")).to_have_count(0)
    assert reader.focused in ("Yes", "No")


def test_keyboard_alone_shows_the_sentence_in_the_article(reader):
    open_by_keyboard(reader.visit(opened=False))
    reader.ask("how long does it last?")
    tab_to(reader, "Show in the article", "Shift+Tab")
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_function("CSS.highlights.has('faq-chat')")
    assert reader.focused.startswith("Depending on the trigger"), "the focus is where the reader reads on"


def test_keyboard_alone_deletes_the_conversation(reader):
    open_by_keyboard(reader.visit(opened=False))
    reader.ask("how long does it last?")
    tab_to(reader, "Options", "Shift+Tab")
    reader.page.keyboard.press("Enter")
    tab_to(reader, "Delete my conversation")
    reader.page.keyboard.press("Enter")
    expect(reader.button("Yes, delete it")).to_be_focused()
    reader.page.keyboard.press("Enter")
    expect(reader.chat.locator("li.note")).to_have_text("Your conversation has been deleted. Nothing of it is kept.")
    expect(reader.field).to_be_focused()
    assert "short-lived" not in str(reader.kept)


def test_keyboard_escape_closes_the_options_then_the_chat(reader):
    open_by_keyboard(reader.visit(opened=False))
    reader.button("Options").click()
    tab_to(reader, "Print it, to take to your doctor")
    reader.page.keyboard.press("Escape")
    expect(reader.button("Options")).to_be_focused()
    expect(reader.dialog).to_be_visible()
    reader.page.keyboard.press("Escape")
    expect(reader.dialog).to_be_hidden()
    expect(reader.launcher).to_be_focused()


@pytest.mark.parametrize("close", ["Escape", "Close"])
def test_keyboard_on_a_phone_stays_in_the_dialog_and_returns_to_the_launcher(new_reader, close):
    reader = new_reader(viewport={"width": 390, "height": 700}).visit()
    passed = set()
    for _ in range(20):
        reader.page.keyboard.press("Tab")
        passed.add(reader.focused)
    assert "Your question" in passed
    assert "Go to the article" not in passed, "the page behind is out of reach"
    reader.page.keyboard.press("Escape") if close == "Escape" else reader.button("Close").click()
    expect(reader.dialog).to_be_hidden()
    expect(reader.launcher).to_be_focused()


@pytest.mark.parametrize(
    "look", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}], ids=str
)
def test_keyboard_focus_is_visible_everywhere(new_reader, look):
    reader = new_reader(reduced_motion="reduce", **look).visit()
    reader.ask("how long does it last?")
    reader.button("Options").click()
    hidden = []
    reader.field.focus()
    for _ in range(18):
        reader.page.keyboard.press("Shift+Tab")
        if reader.focused and reader.page.evaluate("document.activeElement.tagName") == "FAQ-CHAT":
            found = reader.page.evaluate(OUTLINE)
            hidden += [reader.focused] * (not all(found.values()))
    assert hidden == []


def test_keyboard_new_line_by_shift_enter(reader):
    reader.visit().field.press_sequentially("how long")
    reader.field.press("Shift+Enter")
    reader.field.press_sequentially("does it last?")
    reader.field.press("Enter")
    reader.wait()
    assert [text for _, text in reader.sent] == ["how long\ndoes it last?"]
