"""HTML, commands and signs that turn the direction of writing do nothing, from whichever side they come."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import serve
from tests.browser.reader import Reader

IMAGE = "<img src=x onerror=hacked=1>"
TURNED = "harmless \u202egnp.exe\u202c \u2066x\u2069 \u200fend"
TRICKS = [
    IMAGE,
    "<script>hacked=1</script>",
    "<a href=javascript:hacked=1>x</a>",
    "${hacked=1}",
    "</textarea><b>x",
    TURNED,
]
FOREIGN = """(host) => {
  const root = host.shadowRoot;
  const odd = [...root.querySelectorAll("img, script, iframe, b, object, style, link, [onerror]")].map(String);
  const links = [...root.querySelectorAll("a")].map((one) => one.href).filter((href) => !/^(https?|tel):/.test(href));
  const turned = /[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]/.test(root.querySelector("dialog").textContent);
  return [...odd, ...links, ...(turned ? ["turned"] : []), ...(window.hacked ? ["hacked"] : [])];
}"""


def hostile_reply() -> list[dict]:
    """What a server that was taken over might say."""
    trick = IMAGE + TURNED
    source = {
        "heading": trick,
        "url": "javascript:hacked=1",
        "section": "x",
        "quotes": [{"text": trick, "start": 0, "end": 9}],
        "section_text": f"{trick}\n\n{trick}",
    }
    doctor = {
        "because": [trick],
        "source": f"{trick} (https://example.org/{TURNED}) (javascript:hacked=1)",
        "call": {"emergency": f"javascript:hacked=1{IMAGE}"},
    }
    said = f"{trick} {doctor['call']['emergency']}"
    return [
        {
            "text": trick,
            "custom": {"type": "answer", "source": source},
            "buttons": [{"title": trick, "payload": trick}],
        },
        {"text": said, "custom": {"type": "emergency", "doctor": doctor}, "buttons": []},
        {"text": said, "custom": {"type": 'doctor" onclick=hacked=1 x="', "doctor": doctor}, "buttons": []},
    ]


@pytest.mark.parametrize("trick", TRICKS)
def test_inert_is_what_the_reader_types(reader, trick):
    reader.visit().ask(trick)
    assert reader.chat.evaluate(FOREIGN) == []
    if trick != TURNED:
        assert reader.seen()[1][:2] == ["reader", trick], "it stands there as it was typed"
    reader.page.reload()
    expect(reader.chat.locator("li.reader")).to_be_visible()
    assert reader.chat.evaluate(FOREIGN) == []


def test_inert_commands_are_text(reader):
    reader.visit().ask("/restart")
    (call,) = [one.post_data_json for one in reader.requests if one.url.endswith("/messages")]
    assert (call["text"], "payload" in call) == ("/restart", False)
    reader.check_nothing_lost_or_doubled(["/restart"])


def test_inert_is_what_the_server_says(reader):
    def answer(route: Route) -> None:
        route.fulfill(json={"messages": hostile_reply()})

    reader.visit().page.route("**/chat/messages", answer)
    reader.ask("how long does it last?")
    reader.chat.locator("summary").click()
    assert reader.chat.evaluate(FOREIGN) == []
    assert IMAGE in reader.chat.locator("blockquote").inner_text()
    assert "harmless gnp.exe x end" in reader.chat.locator("blockquote").inner_text()
    for link in reader.chat.get_by_role("link").all():
        assert str(link.get_attribute("href")).startswith(("https://example.org/", "tel:", "#"))


def test_inert_are_the_words_of_a_strings_file(reader):
    words = {"launcher": IMAGE, "subtitle": IMAGE, "you": TURNED, "dir": '"><img src=x>', "lang": IMAGE}
    html = (
        '<!doctype html><html lang="en"><title>x</title><script src="/chat/faq-chat.js" defer data-strings="/w.json">'
    )
    serve(reader.page, f"{reader.server}/w.json", json.dumps(words), "application/json")
    serve(reader.page, f"{reader.server}/w", html + "</script><main>x</main>")
    reader.visit("/w", opened=False)
    expect(reader.launcher).to_have_text(IMAGE)
    reader.open()
    assert reader.chat.locator("img").count() == 0


def test_inert_copy_and_print_hold_no_html(reader: Reader):
    reader.visit().ask(IMAGE)
    reader.options("Print it, to take to your doctor")
    frame = reader.chat.locator("iframe").content_frame
    assert IMAGE in frame.locator("body").inner_text()
    assert frame.locator("img").count() == 0
    assert not reader.page.evaluate("window.hacked")
