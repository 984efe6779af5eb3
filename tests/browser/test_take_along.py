"""Copying, printing, judging, deleting and beginning anew."""

from __future__ import annotations

import re

import httpx
from playwright.sync_api import expect

QUOTE = "Depending on the trigger, the spontaneous muscle twitching is usually only short-lived."
ABOUT = "An automated assistant that quotes an article, not a doctor."


def test_take_along_copy_holds_all_that_was_said(new_reader):
    reader = new_reader(permissions=["clipboard-read", "clipboard-write"]).visit()
    reader.ask("how long does it last?")
    reader.options("Copy the conversation")
    expect(reader.chat.get_by_role("status")).to_have_text("The conversation is copied.")
    text = reader.page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(f"{reader.page.title()}\n")
    assert ABOUT in text
    assert "\n\nYou: how long does it last?\n\nAssistant: " in text
    assert QUOTE in text
    assert text.endswith("https://example.org/muscle-twitching#duration")


def test_take_along_marks_what_a_doctor_should_look_at(new_reader):
    reader = new_reader(permissions=["clipboard-read", "clipboard-write"], locale="en-GB").visit()
    reader.ask("my calf has been twitching for three weeks")
    reader.options("Copy the conversation")
    expect(reader.chat.get_by_role("status")).to_have_text("The conversation is copied.")
    text = reader.page.evaluate("navigator.clipboard.readText()")
    assert "\n\nTalk to a doctor: You wrote “three weeks”" in text
    assert re.search(rf"^[A-Z][a-z]+ \d+, \d{{4}} at .* · {ABOUT}$", text, re.MULTILINE), "the month is a word"


def test_take_along_says_when_copying_failed(reader):
    reader.visit().page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    reader.options("Copy the conversation")
    expect(reader.chat.get_by_role("alert").first).to_have_text("That did not work just now. Please try again.")
    expect(reader.button("Options")).to_be_focused()


def test_take_along_print_holds_the_conversation_and_not_the_page(reader):
    reader.visit().ask("how long does it last?")
    reader.options("Print it, to take to your doctor")
    body = reader.chat.locator("iframe").content_frame.locator("body")
    text = body.inner_text()
    assert QUOTE in text
    assert ABOUT in text
    assert "You\nhow long does it last?" in re.sub(r"\n+", "\n", text)
    assert "On this page" not in text
    assert reader.chat.locator("iframe").content_frame.locator("html").get_attribute("lang") == "en"


def test_take_along_page_is_printed_without_the_chat(reader):
    reader.visit()
    reader.page.emulate_media(media="print")
    expect(reader.dialog).to_be_hidden()
    expect(reader.page.locator("#article")).to_be_visible()


def test_take_along_opinion_and_reason_reach_the_server(reader):
    reader.visit().ask("how long does it last?")
    reader.chat.locator("summary").click()
    reader.button("No").click()
    expect(reader.chat.locator("#reason")).to_be_in_viewport(ratio=0.9)
    reader.chat.locator("#reason").fill("too short")
    reader.chat.locator("#reason").press("Enter")
    expect(reader.chat.get_by_role("status")).to_have_text("Thank you for telling us.")
    expect(reader.chat.locator("#reason")).to_have_count(0)
    calls = [one.post_data_json for one in reader.requests if one.url.endswith("/feedback")]
    ((id, _),) = reader.sent
    assert calls == [{"id": id, "helpful": False}, {"id": id, "helpful": False, "reason": "too short"}]


def test_take_along_deleting_leaves_nothing_here_and_there(reader):
    reader.visit().ask("how long does it last?")
    sessions = [reader.kept["session"]]
    reader.options("New conversation")
    expect(reader.chat.locator("blockquote")).to_have_count(0)
    reader.ask("can it be prevented?")
    sessions.append(reader.kept["session"])
    reader.options("Delete my conversation")
    reader.button("Yes, delete it").click()
    expect(reader.chat.locator("li.note")).to_have_text("Your conversation has been deleted. Nothing of it is kept.")
    assert [line[0] for line in reader.seen()] == ["note"]
    assert "twitch" not in str(reader.kept)
    for session in sessions:
        headers = {"Authorization": f"Bearer {session}"}
        answer = httpx.get(f"{reader.server}/chat/messages", headers=headers, trust_env=False, timeout=30)
        assert answer.status_code == 404
    assert reader.ask("can it be prevented?").is_visible()


def test_take_along_nothing_is_deleted_by_a_slip(reader):
    reader.visit().ask("how long does it last?")
    reader.options("Delete my conversation")
    reader.button("No, keep it").click()
    expect(reader.button("Options")).to_be_focused()
    reader.check_nothing_lost_or_doubled(["how long does it last?"])


def test_take_along_buttons_are_used_once(reader):
    title = "How long does the muscle twitching last?"
    reader.visit().press(title)
    expect(reader.button(title)).to_have_attribute("aria-disabled", "true")
    expect(reader.button("Can muscle twitching be prevented?")).not_to_have_attribute("aria-disabled", "true")
    reader.button(title).click(force=True)
    reader.button(title).press("Enter")
    reader.ask("can it be psychosomatic?")
    assert [what for _, what in reader.sent] == ["/duration", "can it be psychosomatic?"]
