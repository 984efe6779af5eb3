"""Promise: HTML and tricks with the direction of writing stay inert, from the reader to the history and back."""

from __future__ import annotations

import json

import pytest

from tests.security.attacker import bearer

HTML = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png)",
    "&lt;b&gt; &amp;amp; &#x3c;",
    "</script><!-- --><![CDATA[",
    "{{7*7}} ${7*7} {7*7} %s %n {slot} {utter_greet}",
    "'; DROP TABLE events; --",
    "\u2028\u2029 line and paragraph",
    "e\u0301\u0327 z\u0335\u0336\u0337 \u0645\u0631\u062d\u0628\u0627 \U0001f468\u200d\U0001f469",
    "\ufdd0 \ufffe \U000e0041",
]
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize("text", HTML, ids=ascii)
def test_inert_text_comes_back_as_it_was_typed_and_as_json(flooder, text):
    session = flooder.session()
    said = flooder.say(session, text)
    history = flooder.history(session)
    assert said.status_code == 200
    assert history.json()["messages"][1]["text"] == text
    for answer in (said, history):
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert json.loads(answer.content.decode("utf-8")) == answer.json()
    replies = json.dumps(said.json(), ensure_ascii=False)
    assert text not in replies, "a reply never repeats markup"
    assert "7*7" not in replies
    assert "49" not in replies


@pytest.mark.parametrize("sign", BIDI, ids=ascii)
def test_inert_signs_that_turn_text_around_are_taken_out(flooder, sign):
    """They would let a text read differently from what it is (CVE-2021-42574); the marks that Arabic needs stay."""
    session = flooder.session()
    flooder.say(session, f"no {sign}weakness\u200f at all")
    history = flooder.history(session)
    assert history.json()["messages"][1]["text"] == "no weakness\u200f at all"
    assert sign not in history.text


@pytest.mark.parametrize("accept", ["text/html", "application/xhtml+xml", "*/*", "text/javascript"])
def test_inert_whatever_the_browser_asks_for(flooder, accept):
    session = flooder.session()
    flooder.say(session, HTML[0])
    for path in ("/chat/messages", "/chat/nothing", "/", "/chat/health?format=html&callback=x"):
        answer = flooder.http.get(path, headers={**bearer(session), "Accept": accept})
        assert answer.headers["content-type"] in ("application/json", "application/problem+json")
        assert "attachment" not in answer.headers.get("content-disposition", "")


def test_inert_halves_of_signs_do_no_harm(flooder):
    session = flooder.session()
    body = b'{"id": "0b9c2a3e-5d0f-4c60-9a62-0c6d3a4a1f10", "text": "half \\ud83d of a sign \\u0000 and nothing"}'
    headers = {**bearer(session), "Content-Type": "application/json"}
    assert flooder.http.post("/chat/messages", content=body, headers=headers).status_code == 200
    assert flooder.history(session).json()["messages"][1]["text"] == "half  of a sign  and nothing"
