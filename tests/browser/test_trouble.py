"""No connection, slow and lost answers, too many calls: nothing is lost, nothing is doubled, the order is kept."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import serve
from tests.browser.reader import MESSAGES, Reader, listening
from tests.patience import wait_until

TEXTS = ["how long does it last?", "can it be prevented?", "does magnesium help?"]


def alert(reader: Reader) -> str:
    """What the alert at the foot of the dialog says."""
    field = reader.chat.locator(".problem [role=alert]")
    expect(field).not_to_be_empty()
    return field.inner_text()


def test_trouble_reload_keeps_the_conversation(reader):
    reader.visit().ask(TEXTS[0])
    reader.button("Yes").click()
    expect(reader.button("Yes")).to_have_attribute("aria-pressed", "true")
    before = reader.seen()
    reader.page.reload()
    expect(reader.chat.locator("blockquote")).to_be_visible()
    assert reader.seen() == before
    expect(reader.button("Yes")).to_have_attribute("aria-pressed", "true")
    reader.ask(TEXTS[1])
    reader.check_nothing_lost_or_doubled(TEXTS[:2])


def test_trouble_reload_in_the_middle_of_an_answer(reader):
    """The server has answered one message, which the page never gets, and another one has not been sent."""
    reader.visit().ask(TEXTS[0])
    answers = []

    def lose_the_first(route: Route) -> None:
        route.continue_() if answers else answers.append(route.fetch())

    reader.page.route(MESSAGES, lose_the_first)
    reader.write(TEXTS[1])
    reader.write(TEXTS[2])
    wait_until(lambda: answers, "the server has not answered", listening(reader.page))
    reader.page.reload()
    reader.wait()
    reader.check_nothing_lost_or_doubled(TEXTS)


def test_trouble_offline_keeps_marks_and_sends_in_order(reader):
    reader.visit().page.context.set_offline(True)
    for text in TEXTS:
        reader.write(text)
    assert alert(reader).startswith("The assistant cannot answer just now. What you write is kept")
    assert [line[1:] for line in reader.seen() if line[0] == "reader"] == [[text, "Not sent yet"] for text in TEXTS]
    reader.page.context.set_offline(False)
    reader.wait()
    reader.check_nothing_lost_or_doubled(TEXTS)
    expect(reader.chat.locator(".problem")).to_have_text("")


def test_trouble_offline_shows_what_is_unsent(new_reader):
    """What was just written is in view, with its mark; who then reads further up is not torn away by later attempts."""
    reader = new_reader(reduced_motion="reduce").visit()
    reader.ask(TEXTS[0])
    reader.ask(TEXTS[1])
    reader.page.context.set_offline(True)
    reader.write(TEXTS[2])
    unsent = reader.chat.get_by_text("Not sent yet")
    expect(unsent).to_be_in_viewport(ratio=1)
    reader.lines.first.scroll_into_view_if_needed()
    reader.page.wait_for_event("requestfailed")
    reader.page.wait_for_timeout(200)
    expect(reader.lines.first).to_be_in_viewport()


def test_trouble_offline_and_reloaded(reader):
    """The page is left while a message is unsent, and loaded again later."""
    reader.visit().page.route(MESSAGES, lambda route: route.abort())
    reader.write(TEXTS[0])
    alert(reader)
    reader.page.unroute(MESSAGES)
    reader.page.reload()
    reader.wait()
    reader.check_nothing_lost_or_doubled(TEXTS[:1])


@pytest.mark.parametrize("lost", ["abort", "cut", "502"])
def test_trouble_answer_is_lost_after_the_server_has_stored_it(reader, lost):
    calls: list[str] = []

    def lose(route: Route) -> None:
        answer = route.fetch()
        calls.append(route.request.post_data_json["id"])
        if len(calls) > 2:
            route.fulfill(response=answer)
        elif lost == "abort":
            route.abort("connectionreset")
        else:
            route.fulfill(status=200 if lost == "cut" else 502, body=answer.text()[:-9])

    reader.visit().page.route(MESSAGES, lose)
    reader.write(TEXTS[0])
    reader.write(TEXTS[1])
    reader.wait()
    assert len(set(calls[:3])) == 1, "the same id again"
    reader.check_nothing_lost_or_doubled(TEXTS[:2])


def test_trouble_too_many_calls_waits_as_long_as_the_server_says(reader):
    reader.visit().ask(TEXTS[0])
    headers = {"Authorization": f"Bearer {reader.kept['session']}"}

    def flood(route: Route) -> None:
        """Calls until the server refuses, just before the page does: it lets the session call again soon."""
        with httpx.Client(base_url=reader.server, headers=headers, trust_env=False, timeout=30) as http:
            while (answer := http.get("/chat/messages")).status_code != 429:
                assert answer.status_code == 200
        route.continue_()

    reader.page.route(MESSAGES, flood, times=1)
    reader.write(TEXTS[1])
    reader.write(TEXTS[2])
    assert alert(reader) == "That was a lot at once. It goes on by itself in a moment."
    expect(reader.chat.get_by_text("Not sent yet").first).to_be_visible()
    reader.wait()
    reader.check_nothing_lost_or_doubled(TEXTS)


def test_trouble_retry_after_is_kept(reader):
    calls: list[str] = []

    def refuse(route: Route) -> None:
        calls.append(route.request.url)
        route.fulfill(
            status=503, headers={"Retry-After": "9"}, json={"code": "busy"}, content_type="application/problem+json"
        )

    reader.stop_clock().visit().page.route(MESSAGES, refuse)
    reader.write(TEXTS[0])
    alert(reader)
    reader.page.clock.run_for(8500)
    reader.page.wait_for_timeout(200)
    assert len(calls) == 1
    reader.page.clock.run_for(600)
    wait_until(lambda: len(calls) == 2, "it is not tried again", listening(reader.page))


def test_trouble_slow_server_is_said_to_be_slow(reader):
    held = reader.stop_clock().visit().hold()
    reader.write(TEXTS[0])
    status = reader.chat.get_by_role("status")
    reader.page.clock.run_for(7900)
    expect(status).to_be_empty()
    expect(reader.chat.get_by_text("Looking in the article …")).to_be_visible()
    reader.page.clock.run_for(200)
    expect(status).to_have_text("This takes longer than usual. Your question is not lost.")
    held.let_through()
    reader.wait()
    expect(status).to_be_empty()
    reader.check_nothing_lost_or_doubled(TEXTS[:1])


def test_trouble_no_answer_at_all_is_given_up_and_tried_again(reader):
    held = reader.stop_clock().visit().hold()
    reader.write(TEXTS[0])
    held.wait()
    expect(reader.chat.locator(".working")).to_be_visible()
    reader.page.clock.run_for(30_100)
    assert alert(reader).startswith("The assistant cannot answer just now.")
    held.end()
    reader.button("Try again").click()
    expect(reader.field).to_be_focused()
    reader.wait()
    reader.check_nothing_lost_or_doubled(TEXTS[:1])


def test_trouble_conversation_that_is_gone_begins_anew_with_what_was_unsent(reader):
    reader.visit().ask(TEXTS[0])
    headers = {"Authorization": f"Bearer {reader.kept['session']}"}
    httpx.delete(f"{reader.server}/chat/session", headers=headers, trust_env=False, timeout=30).raise_for_status()
    reader.ask(TEXTS[1])
    (note,) = [line[1] for line in reader.seen() if line[0] == "note"]
    assert note == "The earlier conversation has ended. A new one begins here."
    assert [one["text"] for one in reader.history() if one["role"] == "reader"] == TEXTS[1:2]
    assert [line[1] for line in reader.seen() if line[0] == "reader"] == TEXTS[:2]


def test_trouble_button_of_a_conversation_that_is_gone_is_sent_as_text(reader):
    title = "Can muscle twitching be prevented?"
    reader.visit()
    headers = {"Authorization": f"Bearer {reader.kept['session']}"}
    httpx.delete(f"{reader.server}/chat/session", headers=headers, trust_env=False, timeout=30).raise_for_status()
    reader.press(title)
    expect(reader.chat.locator("blockquote")).to_be_visible()


def test_trouble_too_long_a_text_comes_back(reader):
    reader.visit()
    reader.write("x" * 2001)
    assert alert(reader) == "This message is too long. It is back in the text field."
    expect(reader.field).to_have_value("x" * 2001)
    reader.field.fill(TEXTS[0])
    reader.field.press("Enter")
    reader.wait()
    assert [one["text"] for one in reader.history() if one["role"] == "reader"] == TEXTS[:1]


def test_trouble_conversation_that_is_full_says_so(reader):
    reader.visit().page.route(MESSAGES, lambda route: route.fulfill(status=413, json={"code": "conversation_too_long"}))
    reader.write(TEXTS[0])
    assert alert(reader).startswith("This conversation is full. Please begin a new one.")
    expect(reader.field).to_have_value(TEXTS[0])
    reader.page.unroute(MESSAGES)
    reader.options("New conversation")
    expect(reader.chat.locator(".problem [role=alert]")).to_be_empty()
    reader.field.press("Enter")
    reader.wait()
    assert [one["text"] for one in reader.history() if one["role"] == "reader"] == TEXTS[:1]


def test_trouble_storage_that_is_forbidden_does_not_stop_the_chat(reader):
    reader.page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full') }")
    reader.visit().write(TEXTS[0])
    expect(reader.chat.locator("blockquote")).to_be_visible()


def test_trouble_damaged_storage_does_not_stop_the_chat(reader):
    reader.page.add_init_script("sessionStorage.setItem(`faq-chat ${location.origin}/chat`, '{damaged')")
    assert reader.visit().ask(TEXTS[0]).is_visible()


def test_trouble_strings_file_that_is_missing_leaves_english(reader):
    html = (
        '<!doctype html><html lang="en"><title>x</title><script src="/chat/faq-chat.js" defer data-strings="/no.json">'
    )
    serve(reader.page, f"{reader.server}/no", html + "</script><main>x</main>")
    reader.visit("/no").ask(TEXTS[0])
