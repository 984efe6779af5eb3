"""Personal details are hidden; what only looks alike stays."""

from __future__ import annotations

import pytest

from maintain.review.masking import mask

HIDDEN = [
    ("write to hannah.baker@example.org please", "write to [email] please"),
    ("mail me at hannah (at) example.org", "mail me at [email]"),
    ("call me on 0151 496 0322 tonight", "call me on [phone] tonight"),
    ("my number is +44 7700 900123", "my number is [phone]"),
    ("tel 06 12 34 56 78", "tel [phone]"),
    ("(555) 123-4567 is my phone", "[phone] is my phone"),
    ("My name is Hannah Baker and my eyelid jumps", "My name is [name] and my eyelid jumps"),
    ("my name is hannah and i worry", "my name is [name] and i worry"),
    ("my first name's Xaverl, hi", "my first name's [name], hi"),
    ("I am Yuki. It lasts since Monday", "I am [name]. It lasts since Monday"),
    ("i'm anna, 34, is it normal", "i'm [name], 34, is it normal"),
    ("I am Olga Petrova-Lund, nurse", "I am [name], nurse"),
    ("this is Ben, student, exam week", "this is [name], student, exam week"),
    ("MY NAME IS HANNAH, WHAT IS IT", "MY NAME IS [name], WHAT IS IT"),
    ("Hi team, Paul again, two days now, thanks", "Hi team, [name] again, two days now, thanks"),
    ("what helps? Kind regards, Anneke", "what helps? Kind regards, [name]"),
    ("my daughter Emma Lund has it", "my daughter [name] has it"),
    ("Dr. Hoffmann said it is fine", "Dr. [name] said it is fine"),
    ("call me Tom", "call me [name]"),
    ("I live at 12 Baker Street in London", "I live at [address] in London"),
    ("12b baker street, calf", "[address], calf"),
    ("Flat 3, 221 Upper Mill Road", "[address]"),
    ("Hauptstraße 12a in Berlin", "[address] in Berlin"),
    ("my postcode is SW1A 1AA", "my postcode is [address]"),
    ("Springfield, IL 62704", "Springfield, [address]"),
    ("born 04/05/1978, is it normal at my age", "born [date of birth], is it normal at my age"),
    ("dob: 4 May 1978", "dob: [date of birth]"),
    ("I was born in 1978", "I was born in [date of birth]"),
    ("date of birth is 1978-05-04", "date of birth is [date of birth]"),
    ("12.03.1965, eyelid", "[date of birth], eyelid"),
    ("NHS number 943 476 5919", "NHS number [number]"),
    ("insurance number A123456789", "insurance number [number]"),
    ("my policy no is 4711 0815 22", "my policy no is [number]"),
    ("SSN 123-45-6789", "SSN [number]"),
    ("QQ 12 34 56 C", "[number]"),
    ("my iban GB29 NWBK 6016 1331 9268 19", "my iban [number]"),
    ("see https://example.org/me", "see [link]"),
    ("I am @hannah_b there", "I am [handle] there"),
    ("i'm sarah smith, 34, is it normal", "i'm [name], 34, is it normal"),
    ("i am tom smith and my lid jumps", "i am [name] and my lid jumps"),
    ("I'm called Ben", "I'm called [name]"),
    ("its me, Robert", "its me, [name]"),
    ("my son max has it", "my son [name] has it"),
    ("bob at example dot org", "[email]"),
    ("55 West 5th Ave", "[address]"),
    ("P.O. Box 123", "[address]"),
    ("sarah, 12 march 1987", "sarah, [date of birth]"),
]

LOOK_ALIKES = [
    "I am worried",
    "I am Worried about it",
    "I AM SO SCARED OF ALS",
    "i am knackered, is it normal",
    "im pregnant",
    "This is driving me mad",
    "It's Monday and it still jumps",
    "I am German and do not understand",
    "I am Not sure what it is",
    "I am 78 and my husband passed in March",
    "I'm fine. Thanks!",
    "HELLO BOT, FIRST TIME HERE",
    "MY DOCTOR ORDERED ME TO LIVE MORE CALMLY",
    "my doctor says it is nerves",
    "thanks a lot",
    "call me crazy",
    "is it called fasciculation",
    "5-10 secs every hour, 24/7",
    "since 12.03.2024",
    "since 4 May",
    "blood pressure 120/80 or 160/95",
    "10 15 20 25 reps of squats",
    "in 2019 2020 2021 it came back",
    "vitamin B12 5mg daily",
    "B12 1000mcg",
    "i take 1000000 steps",
    "ran 10,000 m",
    "for 2 hours down the road",
    "it happened 3 times on the way home",
    "after 48 hours 30 minutes",
    "doses of 100 200 300 mg",
    "section 3.2.1",
    "look at this dot on my arm",
    "since 4 May 2023",
    "it's me again",
    "my dad will come",
]


@pytest.mark.parametrize(("text", "hidden"), HIDDEN)
def test_masking_hides_personal_details(text: str, hidden: str) -> None:
    assert mask(text).text == hidden


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_masking_leaves_look_alikes(text: str) -> None:
    assert mask(text).text == text


def test_masking_says_what_it_found_where() -> None:
    text = "I am Yuki, call 0151 496 0322, I am Yuki"
    masked = mask(text)
    assert masked.kinds == ("name", "phone")
    assert [text[each.start : each.end] for each in masked.found] == ["Yuki", "0151 496 0322", "Yuki"]


@pytest.mark.parametrize(
    "text", ["", "1" * 5000, "a1 " * 2000, "I am " * 1000, "12 Aa " * 800, "(" * 3000, "+1 " * 2000]
)
@pytest.mark.timeout(30)
def test_masking_is_quick_whatever_is_written(text: str) -> None:
    mask(text)


def test_masking_masked_text_has_nothing_left_to_hide() -> None:
    assert [hidden for _, hidden in HIDDEN if mask(hidden).found] == []
