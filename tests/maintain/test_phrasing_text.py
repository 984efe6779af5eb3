"""One phrasing into a file and out of it again, every other byte the same."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

import pytest

from faq.errors import PhrasingError
from maintain.phrasing_text import Phrase, insert, one_line, remove
from maintain.settings import ROOT
from tests.maintain.review.project import FILES

REAL = sorted((ROOT / "data" / "nlu").glob("*.yml"))
PHRASES = [
    Phrase("Zz: new #1 \"x\" - 'y' {z}", ("time",)),
    Phrase("both of it", ("heat", "time")),
    Phrase("one sentence", ("time",), 'An "hour"'),
    Phrase("no thanks", ("out_of_scope",)),
    Phrase("- dash", ("greet",)),
]


def shared(one: str, other: str) -> str:
    """What two texts begin with."""
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_phrasing_text_in_and_out_leaves_the_real_files_as_they_are(path: Path, phrase: Phrase) -> None:
    content = path.read_bytes().decode()
    longer = insert(content, phrase)
    same = len(shared(content, longer)) + len(shared(content[::-1], longer[::-1]))
    assert same >= len(content), "all that stood there stands there, in one piece before and one behind"
    assert longer.count("\n") - content.count("\n") in range(1, 7)
    assert remove(longer, phrase) == content


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: phrase.text)
@pytest.mark.parametrize("name", ["", *FILES])
@pytest.mark.parametrize("form", ["as it is", "no last line end", "carriage returns"])
def test_phrasing_text_keeps_line_ends(name: str, phrase: Phrase, form: str) -> None:
    content = FILES.get(name, "")
    if form == "no last line end":
        content = content.rstrip("\n")
    elif form == "carriage returns":
        content = content.replace("\n", "\r\n")
    longer = insert(content, phrase)
    assert longer.count("\r\n") in (0, longer.count("\n"))
    assert remove(longer, phrase) == content


@pytest.mark.parametrize(
    ("content", "phrase", "expected"),
    [
        ("nlu:\n- intent: a\n  examples: |\n    - x\n\n# end\n", Phrase("y", ("a",)), "    - x\n    - y\n\n# end\n"),
        (
            "nlu:\n  - intent: a\n    examples: |\n      - x\n",
            Phrase("y", ("b",)),
            "  - intent: b\n    examples: |\n      - y\n",
        ),
        ("nlu:\n- intent: a\n  examples: []\n", Phrase("y", ("a",)), "- intent: a\n  examples: |\n    - y\n"),
        (
            "nlu:\n- intent: a\n  examples:\n    - text: |\n        x\n- intent: b\n  examples: |\n    - z\n",
            Phrase("y", ("a",)),
            "        x\n    - text: |\n        y\n- intent: b\n",
        ),
    ],
)
def test_phrasing_text_goes_where_its_kind_stands(content: str, phrase: Phrase, expected: str) -> None:
    assert expected in insert(content, phrase)
    assert remove(insert(content, phrase), phrase) == content


def test_phrasing_text_fills_an_empty_block() -> None:
    assert insert("nlu:\n- intent: a\n  examples: |\n", Phrase("y", ("a",))).endswith("  examples: |\n    - y\n")


def test_phrasing_text_second_intents_stay_together() -> None:
    item = "  - text: |\n      {}\n    metadata:\n      also: {}\n"
    blocks = [f"- intent: a\n  examples:\n{item.format(name, name)}" for name in ("b", "c")]
    content = f"nlu:\n{''.join(blocks)}"
    added = insert(content, Phrase("new", ("a", "b")))
    assert added == f"nlu:\n{blocks[0]}{item.format('new', 'b')}{blocks[1]}"


def test_phrasing_text_removes_only_what_is_the_same_to_the_letter() -> None:
    for phrase in (Phrase("How hot is the water", ("heat",)), Phrase("how hot is the water", ("time",))):
        with pytest.raises(PhrasingError, match="PHR03"):
            remove(FILES["heat.yml"], phrase)


@pytest.mark.parametrize(
    ("phrase", "file"),
    [
        (Phrase("x", ("heat",)), "heat.yml"),
        (Phrase("x", ("heat", "time")), "two_questions.yml"),
        (Phrase("x", ("heat",), "An hour"), "sentences.yml"),
        (Phrase("x", ("greet",)), "small_talk.yml"),
        (Phrase("x", ("out_of_scope",)), "out_of_scope.yml"),
        (Phrase("x", ("out_of_scope",), file="near_misses.yml"), "near_misses.yml"),
    ],
)
def test_phrasing_text_each_kind_has_its_file(phrase: Phrase, file: str) -> None:
    assert phrase.target == file


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (" a\n b\t c\r\n", "a b c"),
        ("a\u2028b\x85c\x0bd", "a b c d"),
        ("a\x00b\u202ec\u200bd", "abcd"),
        ("[thigh](part) and [leg]{x}", "[thigh] (part) and [leg] {x}"),
        ("👨‍⚕️ ok", "👨‍⚕️ ok"),
        ("می\u200cپرد", "می\u200cپرد"),
        ("", ""),
    ],
)
def test_phrasing_text_becomes_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
