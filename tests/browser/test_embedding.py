"""On a publisher's page of another origin: allowed by name, or told that it is not."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

ARTICLE = '<main><article id="article"><h1>Another page</h1><p>Words of its own.</p></article></main>'


@pytest.fixture
def page_of(site, mortal):
    """Puts a page that embeds the chat on the publisher's site; returns its address."""

    def put(path: str, server: str = mortal.url, attributes: str = "") -> str:
        site.policy = f"default-src 'self'; script-src 'self' {server}; connect-src {server}"
        script = f'<script src="{server}/chat/faq-chat.js" defer {attributes}></script>'
        return site.put(path, f'<!doctype html><html lang="en"><title>x</title>{script}<body>{ARTICLE}')

    return put


def test_embedding_works_from_an_allowed_origin_under_a_strict_policy(new_reader, mortal, site, page_of):
    reader = new_reader(mortal.url).visit(page_of("/allowed"))
    reader.ask("how long does it last?")
    reader.button("No").click()
    reader.chat.locator("#reason").fill("clear")
    reader.chat.locator("#reason").press("Enter")
    expect(reader.chat.get_by_role("status")).to_have_text("Thank you for telling us.")
    reader.check_nothing_lost_or_doubled(["how long does it last?"])
    origins = {urlsplit(one.url).netloc for one in reader.requests}
    assert origins == {urlsplit(mortal.url).netloc, urlsplit(site.url).netloc}


def test_embedding_links_with_a_text_fragment_where_the_article_is_elsewhere(new_reader, mortal, page_of):
    reader = new_reader(mortal.url).visit(page_of("/elsewhere"))
    reader.ask("how long does it last?")
    link = reader.chat.get_by_role("link", name="Show in the article (opens in a new tab)")
    expect(link).to_have_attribute("target", "_blank")
    address = str(link.get_attribute("href"))
    assert address.startswith("https://example.org/muscle-twitching#duration:~:text=Depending%20on%20the%20trigger")
    assert address.endswith("short%2Dlived.")


def test_embedding_in_the_page_itself_wins_over_the_script(new_reader, mortal, site, page_of):
    address = page_of("/element", attributes='data-position="end"')
    html = site.pages["/element"][1].decode()
    site.put("/element", html + f'<faq-chat position="start" server="{mortal.url}/chat/"></faq-chat>')
    reader = new_reader(mortal.url).visit(address)
    assert reader.chat.count() == 1
    box = reader.dialog.bounding_box()
    assert box
    assert box["x"] < 100
    assert reader.ask("can it be prevented?").is_visible()


def test_embedding_from_a_foreign_origin_is_refused_and_says_so(new_reader, assistant, site, page_of):
    """The shared assistant names no origin. The browser hides the refusal from the page: it is told as no answer."""
    reader = new_reader(assistant.url).visit(page_of("/foreign", assistant.url), opened=False)
    reader.launcher.click()
    expect(reader.chat.get_by_role("alert").first).not_to_be_empty()
    assert reader.seen() == []


def test_embedding_opened_by_the_page_leaves_the_focus_alone(new_reader, mortal, page_of):
    reader = new_reader(mortal.url).visit(page_of("/open", attributes="data-open"), opened=False)
    expect(reader.lines.first).to_be_visible()
    assert reader.focused == ""
