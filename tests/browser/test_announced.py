"""The sequence of what a screen reader is told, and what it is not told."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

QUOTE = "Depending on the trigger, the spontaneous muscle twitching is usually only short-lived."
REGIONS = """(host) => [...host.shadowRoot.querySelectorAll("[aria-live], [role=log], [role=alert], [role=status]")]
  .map((node) => node.getAttribute("role") + (node.closest("dialog") ? "" : " outside"))"""


def test_announced_each_reply_once_when_it_is_finished(reader):
    reader.visit().ask("how long does it last?")
    reader.ask("my calf has been twitching for three weeks and my leg is getting weaker")
    (greeting, answer, quote, doctor) = reader.told
    assert [role for role, _ in reader.told] == ["log"] * 4
    assert greeting[1].startswith("Assistant: Hello. I am an automated assistant")
    assert greeting[1].endswith("How long does the muscle twitching last?"), "the buttons belong to it"
    assert answer[1].startswith(f"Assistant: {QUOTE}")
    assert "a visit to your doctor is highly recommended" in quote[1]
    assert doctor[1].startswith("Talk to a doctor: You wrote “three weeks”")


def test_announced_are_no_other_regions_than_these(reader):
    reader.visit()
    assert sorted(reader.chat.evaluate(REGIONS)) == ["alert", "alert", "log", "status"]


def test_announced_is_nothing_of_what_a_reload_brings_back(reader):
    reader.visit().ask("how long does it last?")
    reader.page.reload()
    expect(reader.chat.locator("blockquote")).to_be_visible()
    reader.page.wait_for_load_state("networkidle")
    assert reader.told == []
    reader.ask("can it be prevented?")
    assert [role for role, _ in reader.told] == ["log"]


def test_announced_is_an_emergency_as_an_alert(reader):
    reader.visit().ask("my chest hurts and I can't breathe")
    assert [role for role, _ in reader.told] == ["log", "alert"]
    assert reader.told[1][1].startswith("Get help now: You wrote")


def test_announced_is_what_went_wrong_and_what_went_well(reader):
    reader.visit().ask("how long does it last?")
    reader.button("Yes").click()
    expect(reader.chat.get_by_role("status")).to_have_text("Thank you for telling us.")
    reader.page.context.set_offline(True)
    reader.write("can it be prevented?")
    expect(reader.button("Try again")).to_be_visible()
    reader.page.context.set_offline(False)
    reader.wait()
    roles = [role for role, _ in reader.told]
    assert roles == ["log", "log", "status", "alert", "log"], reader.told
    assert reader.told[2][1] == "Thank you for telling us."
    assert reader.told[3][1].startswith("The assistant cannot answer just now.")
    assert "call your local emergency number" in reader.told[3][1]


def test_announced_regions_do_not_repeat_the_conversation_for_long(reader):
    """A reader who goes through the page line by line meets a reply once, as soon as the next question is asked."""
    reader.visit().ask("how long does it last?")
    reader.ask("can it be prevented?")
    assert QUOTE not in reader.chat.get_by_role("log").inner_text()


def test_announced_is_an_answer_that_came_while_the_chat_was_closed(reader):
    held = reader.visit().hold()
    reader.write("how long does it last?")
    reader.button("Close").click()
    expect(reader.launcher).to_have_accessible_name("Ask about this article")
    held.let_through()
    expect(reader.launcher).to_have_accessible_name("Ask about this article · New answer")
    reader.launcher.click()
    expect(reader.launcher).to_have_accessible_name("")
    reader.button("Close").click()
    expect(reader.launcher).to_have_accessible_name("Ask about this article")


@pytest.mark.parametrize(("role", "name"), [("dialog", "Ask about this article"), ("region", "Conversation")])
def test_announced_names_the_parts(reader, role, name):
    expect(reader.visit().chat.get_by_role(role, name=name, exact=True)).to_be_visible()


OUTLINE = """
- region "Conversation":
  - list:
    - listitem:
      - text: /Assistant/
      - paragraph: /Hello/
      - list:
        - listitem:
          - button "Can muscle twitching also be psychosomatic?"
        - listitem:
          - button "Can muscle twitching be prevented?"
        - listitem:
          - button "How long does the muscle twitching last?"
    - listitem:
      - text: /You/
      - paragraph: how long does it last?
    - listitem:
      - text: /Assistant/
      - blockquote:
        - paragraph: /usually only short-lived/
      - paragraph:
        - text: From the section
        - link "How long does the muscle twitching last?"
      - paragraph:
        - link "Show in the article"
      - group: Read the whole section
      - group "Was this helpful?":
        - text: Was this helpful?
        - button "Yes"
        - button "No"
"""


def test_announced_outline_of_a_conversation(reader):
    """What a screen reader finds in the conversation, by Chromium's own accessibility tree."""
    reader.visit().ask("how long does it last?")
    expect(reader.chat.get_by_role("region", name="Conversation")).to_match_aria_snapshot(OUTLINE)
