"""Quotes stand in the article word for word, and the chat shows where."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import serve
from tests.browser.reader import flat

QUESTIONS = ["how long does it last?", "can it be psychosomatic?", "can it be prevented?", "does magnesium help?"]
HIGHLIGHTED = """() => [...CSS.highlights.get("faq-chat")].map((range) => {
  const { top, bottom } = range.getBoundingClientRect();
  return [range.toString().replace(/\\s+/g, " "), top >= 0 && bottom <= innerHeight];
})"""
SHOW = "Show in the article"


@pytest.mark.parametrize("question", QUESTIONS)
def test_article_holds_each_quote_word_for_word(reader, question):
    reader.visit().ask(question)
    reader.chat.locator("summary").last.click()
    article = flat(reader.page.locator("#article").inner_text())
    quotes = reader.chat.locator("blockquote p").all_inner_texts()
    assert quotes
    assert [quote for quote in quotes if flat(quote) not in article] == []
    for paragraph in reader.chat.locator("details p").all_inner_texts():
        assert flat(paragraph) in article
    marked = flat(" ".join(reader.chat.locator("details mark").all_inner_texts()))
    assert marked == flat(" ".join(quotes))


def test_article_is_scrolled_to_the_very_sentence_and_highlights_it(new_reader):
    reader = new_reader(reduced_motion="reduce").visit()
    reader.ask("how long does it last?")
    before = reader.page.locator("#article").inner_html()
    quote = flat(reader.chat.locator("blockquote").inner_text())
    reader.chat.get_by_role("link", name=SHOW).click()
    reader.page.wait_for_function("CSS.highlights.has('faq-chat')")
    assert reader.page.evaluate(HIGHLIGHTED) == [[quote, True]]
    assert reader.page.evaluate("document.activeElement.textContent").startswith(quote)
    reader.page.evaluate("document.activeElement.blur()")
    assert reader.page.locator("#article").inner_html() == before, "the page's own elements are as before"
    assert reader.page.url == f"{reader.server}/chat/demo", "the page is not left"


def test_article_sentence_is_found_across_tags_and_line_breaks(new_reader):
    reader = new_reader(reduced_motion="reduce")
    words = "Depending on the <em>trigger</em>,\n  the <b>spontaneous <i>muscle</i>\ntwitching</b> is usually only "
    html = f'<article id="x"><h1>x</h1><p>Before. {words}short-lived. After.</p></article>'
    script = '<script src="/chat/faq-chat.js" defer data-article="x"></script>'
    serve(reader.page, f"{reader.server}/tags", f'<!doctype html><html lang="en"><title>x</title>{script}<body>{html}')
    reader.visit("/tags").ask("how long does it last?")
    reader.chat.get_by_role("link", name=SHOW).click()
    reader.page.wait_for_function("CSS.highlights.has('faq-chat')")
    ((text, seen),) = reader.page.evaluate(HIGHLIGHTED)
    assert text == "Depending on the trigger, the spontaneous muscle twitching is usually only short-lived."
    assert seen


def test_article_on_a_phone_is_shown_without_the_dialog_before_it(new_reader):
    reader = new_reader(viewport={"width": 390, "height": 700}, reduced_motion="reduce").visit()
    reader.ask("how long does it last?")
    reader.chat.get_by_role("link", name=SHOW).click()
    expect(reader.dialog).to_be_hidden()
    reader.page.wait_for_function("CSS.highlights.has('faq-chat')")
    assert [seen for _, seen in reader.page.evaluate(HIGHLIGHTED)] == [True]


@pytest.mark.parametrize(("width", "stays"), [(1280, True), (900, False)])
def test_article_is_not_covered_by_the_dialog(new_reader, width, stays):
    """Where the window is too narrow for both, the dialog makes room for the sentence, or for the section."""
    reader = new_reader(viewport={"width": width, "height": 700}, reduced_motion="reduce").visit()
    reader.ask("how long does it last?")
    reader.chat.get_by_role("link", name=SHOW).click()
    reader.page.wait_for_function("CSS.highlights.has('faq-chat')")
    assert reader.dialog.is_visible() == stays
    assert reader.focused.startswith("Depending on the trigger")
    reader.open() if not stays else None
    reader.cut_off().write("can it be prevented?")
    reader.chat.locator("li").get_by_role("link", name="Can muscle twitching be prevented?").click()
    expect(reader.page.locator("#prevention h2")).to_be_in_viewport()
    assert reader.dialog.is_visible() == stays


def test_article_sections_are_linked_when_the_server_does_not_answer(reader):
    reader.visit().cut_off().write("how long does it last?")
    reader.chat.get_by_role("link", name="Can muscle twitching be prevented?").click()
    expect(reader.page).to_have_url(f"{reader.server}/chat/demo#prevention")
    expect(reader.page.locator("#prevention h2")).to_be_in_viewport()
