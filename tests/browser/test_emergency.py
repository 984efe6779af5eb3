"""An emergency is shown first and loud, with a call link where the country's number is known, also without a server."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.reader import Reader
from tests.browser.servers import Site

URGENT = "my chest hurts and I can't breathe"


@pytest.fixture
def briton(new_reader, mortal) -> Reader:
    """Somebody whose assistant knows the numbers of the United Kingdom."""
    return new_reader(mortal.url)


def test_emergency_names_the_number_and_links_the_call(briton):
    briton.visit().ask(URGENT)
    box = briton.chat.get_by_role("group", name="Get help now")
    expect(box).to_contain_text("call 999 now")
    call = box.get_by_role("link", name="Call 999")
    expect(call).to_have_attribute("href", "tel:999")
    assert box.locator(".call").count() == 1, "the crisis line is for a crisis"
    assert [role for role, _ in briton.told] == ["log", "alert"]


def test_emergency_of_the_mind_names_the_crisis_line(briton):
    briton.visit().ask("I want to kill myself")
    expect(briton.chat.get_by_role("link", name="Call 116 123")).to_have_attribute("href", "tel:116123")


def test_emergency_without_a_country_names_no_number(reader):
    reader.visit().ask(URGENT)
    expect(reader.chat.locator(".emergency")).to_contain_text("your local emergency number")
    assert reader.chat.locator(".call").count() == 0


def test_emergency_comes_before_any_answer(reader):
    reader.visit().ask(f"{URGENT}. how long does the twitching last?")
    kinds = [line[0] for line in reader.seen()]
    assert kinds[kinds.index("reader") + 1] == "emergency"
    assert reader.told[1][0] == "alert"


def test_emergency_is_recognised_without_the_server(briton):
    briton.visit().cut_off().write(URGENT)
    expect(briton.chat.get_by_role("link", name="Call 999")).to_be_visible()
    roles = [role for role, _ in briton.told]
    assert roles[1:].count("alert") == 2, "the emergency and that the server does not answer"
    briton.page.context.set_offline(False)
    briton.wait()
    briton.check_nothing_lost_or_doubled([URGENT])
    assert sum(text.startswith("Get help now") for _, text in briton.told) == 1


@pytest.mark.parametrize("text", ["how long does it last?", "no chest pain at all"])
def test_emergency_is_not_cried_for_anything_else(briton, text):
    briton.visit().cut_off().write(text)
    expect(briton.button("Try again")).to_be_visible()
    assert briton.chat.locator(".emergency").count() == 0
    expect(briton.chat.locator(".problem")).to_contain_text("If it is urgent, call your local emergency number")


def test_emergency_is_recognised_after_two_seconds_of_a_slow_server(briton):
    briton.stop_clock().visit().page.clock.run_for(4000)  # by then the page asks for the rules
    briton.page.wait_for_function("document.querySelector('faq-chat').rules")
    held = briton.hold()
    briton.write(URGENT)
    briton.page.clock.run_for(1900)
    assert briton.chat.locator(".emergency").count() == 0
    briton.page.clock.run_for(200)
    expect(briton.chat.get_by_role("link", name="Call 999")).to_be_visible()
    held.let_through()
    briton.wait()
    briton.check_nothing_lost_or_doubled([URGENT])


def test_emergency_opens_a_chat_that_was_closed_meanwhile(reader):
    held = reader.stop_clock().visit().hold()  # after two seconds it would be recognised without the answer
    reader.write(URGENT)
    reader.button("Close").click()
    expect(reader.dialog).to_be_hidden()
    held.let_through()
    expect(reader.chat.locator(".emergency")).to_be_visible()
    expect(reader.dialog).to_be_visible()


def host_own_files(site: Site, server: str) -> None:
    """Puts the chat's script and rules on a publisher's own site."""
    for name in ("faq-chat.js", "faq-chat-rules.json"):
        answer = httpx.get(f"{server}/chat/{name}", trust_env=False, timeout=30)
        site.pages[f"/own/{name}"] = (answer.headers["content-type"], answer.content)


def test_emergency_when_the_server_was_dead_before_the_page_was_loaded(new_reader, site, mortal):
    """A publisher who hosts script and rules, as docs/widget.md tells: nothing of the chat has ever answered."""
    host_own_files(site, mortal.url)
    nobody = "http://127.0.0.1:9"
    site.policy = f"default-src 'self'; connect-src 'self' {nobody}"
    script = f'<script src="/own/faq-chat.js" defer data-server="{nobody}/chat"></script>'
    page = site.put("/dead", f'<!doctype html><html lang="en"><title>x</title>{script}<main id="prevention">x</main>')
    reader = new_reader(nobody).visit(page, opened=False)
    reader.launcher.click()
    expect(reader.chat.locator(".problem")).to_contain_text("The assistant cannot answer just now.")
    sections = reader.chat.locator("ol ul a")
    expect(sections).to_have_count(3)
    assert [link.get_attribute("href") for link in sections.all()] == [
        "https://example.org/muscle-twitching#psychosomatic",
        "#prevention",
        "https://example.org/muscle-twitching#duration",
    ]
    reader.write(URGENT)
    expect(reader.chat.get_by_role("link", name="Call 999")).to_be_visible()
