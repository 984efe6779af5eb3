"""Documents: what is quoted is the article, character for character."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faq.documents import Document, Section, load_document, load_documents
from faq.errors import DocumentError

ROOT = Path(__file__).resolve().parents[2]
ARTICLE = Path(__file__).with_name("article.txt")
MATTER = "---\nid: tea\ntitle: Tea\nurl: https://example.org/tea\nlanguage: en\n---\n"
"""Six lines; what is tested stands behind them, from line 7 on."""
BODY = "## How hot? {#heat}\n\nBoil it. Then wait.\n"


def load(folder: Path, content: str | bytes, name: str = "tea.md") -> Document:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_document(folder / name)


def check_offsets(document: Document) -> None:
    for section in document.sections:
        assert section.text == document.text[section.start : section.end]
        for passage in section.passages:
            assert passage.text == document.text[passage.start : passage.end]
            assert section.start <= passage.start < passage.end <= section.end
        ends = [section.start, *(passage.end for passage in section.passages)]
        starts = [*(passage.start for passage in section.passages), section.end]
        gaps = [document.text[end:start] for end, start in zip(ends, starts, strict=True)]
        assert all(gap.strip() == "" for gap in gaps), "text was left out"
        assert all(end <= start for end, start in zip(ends, starts, strict=True)), "sentences overlap"


def texts(section: Section) -> list[str]:
    return [passage.text for passage in section.passages]


def test_documents_hold_the_article_unchanged() -> None:
    (document,) = load_documents(ROOT / "data" / "documents")
    title, *blocks = ARTICLE.read_text(encoding="utf-8").strip().split("\n\n")
    headings = [section.heading for section in document.sections]
    expected = [block for block in blocks if block not in headings]
    assert document.title == title
    assert [block for block in blocks if block in headings] == headings
    assert [paragraph for section in document.sections for paragraph in section.text.split("\n\n")] == expected
    assert "\n\n".join(f"{section.heading}\n\n{section.text}" for section in document.sections) == "\n\n".join(blocks)


def test_documents_are_cut_once_until_they_change(tmp_path: Path) -> None:
    first = load(tmp_path, MATTER + BODY)
    assert load_document(tmp_path / "tea.md") is first
    assert load(tmp_path, MATTER + BODY.replace("Boil", "Heat")).sections[0].text == "Heat it. Then wait."


def test_documents_of_the_project_are_cut_into_whole_sentences() -> None:
    for document in load_documents(ROOT / "data" / "documents"):
        check_offsets(document)
        for section in document.sections:
            assert all(text[0].isupper() and text.endswith(".") and ". " not in text for text in texts(section))
            assert set(section.key_passages) <= set(section.passages)


def test_documents_are_read_with_their_place(tmp_path: Path) -> None:
    document = load(tmp_path, MATTER + BODY)
    assert (document.id, document.title, document.url, document.language) == (
        *("tea", "Tea", "https://example.org/tea", "en"),
    )
    assert document.sha256 == hashlib.sha256((MATTER + BODY).encode()).hexdigest()
    assert document.text == MATTER + BODY
    (section,) = document.sections
    assert (section.id, section.intent, section.heading) == ("heat", "heat", "How hot?")
    assert document.section("heat") is section
    assert document.section("cold") is None
    check_offsets(document)


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        ("Boil it. Then wait.", ["Boil it.", "Then wait."]),
        ("It stops. It stops. Then more. It stops.", ["It stops.", "It stops.", "Then more.", "It stops."]),
        ("Yes.\n\nYes.\n\nYes. No.", ["Yes.", "Yes.", "Yes.", "No."]),
        ("One line\nand its other half. Next.", ["One line\nand its other half.", "Next."]),
        ("Use water, e.g. from a spring. Dr. Grey agrees.", ["Use water, e.g. from a spring.", "Dr. Grey agrees."]),
        ("Über 90 °C – ja! Tee 🍵 ist… gut?", ["Über 90 °C – ja!", "Tee 🍵 ist… gut?"]),
        ("no full stop", ["no full stop"]),
    ],
)
def test_documents_are_cut_into_sentences(paragraphs: str, expected: list[str], tmp_path: Path) -> None:
    document = load(tmp_path, f"{MATTER}## How hot? {{#heat}}\n\n{paragraphs}\n")
    assert texts(document.sections[0]) == expected
    check_offsets(document)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n", "\n\n\n"])
def test_documents_may_have_any_line_ends(line_end: str, last: str, tmp_path: Path) -> None:
    content = MATTER + BODY + "\n## Which cup? {#cup}\n\nA thin one.\nA blue one.\n\nNo mug." + last
    document = load(tmp_path, content.replace("\n", line_end))
    check_offsets(document)
    assert [texts(section) for section in document.sections] == [
        ["Boil it.", "Then wait."],
        ["A thin one.", "A blue one.", "No mug."],
    ]
    assert document.text == content.replace("\n", line_end)


def test_documents_key_sentences_are_the_first_two_unless_named(tmp_path: Path) -> None:
    body = "## How hot? {#heat}\n\nOne. Two. Three.\n"
    assert [p.text for p in load(tmp_path, MATTER + body).sections[0].key_passages] == ["One.", "Two."]
    named = MATTER.replace("language: en\n", "language: en\nkey_sentences: {heat: [Three, One]}\n")
    assert [p.text for p in load(tmp_path, named + body).sections[0].key_passages] == ["Three.", "One."]


WITH_KEYS = MATTER.replace("language: en\n", "language: en\nkey_sentences: {%s}\n")


@pytest.mark.parametrize(
    ("content", "code", "place"),
    [
        (b"\xff\xfe", "FAQ03", "tea.md"),
        ("\ufeff" + MATTER + BODY, "FAQ03", "tea.md"),
        (MATTER.replace("title: Tea", "title: Tea: hot") + BODY, "FAQ04", "line 3"),
        (BODY, "FAQ05", "line 1"),
        (MATTER.replace("language: en\n", "") + BODY, "FAQ05", "line 1.*language"),
        (MATTER.replace("title: Tea", "title: 7") + BODY, "FAQ05", "line 1.*title"),
        (MATTER.replace("url: https://example.org/tea", "url: ' '") + BODY, "FAQ05", "line 1.*url"),
        (MATTER.replace("id: tea", "id: coffee") + BODY, "FAQ06", "'coffee'"),
        (MATTER + BODY + "\n### Too deep\n\nText.\n", "FAQ07", "line 11"),
        (MATTER + BODY + "\n# Too high\n", "FAQ07", "line 11"),
        (MATTER + BODY + "\n- a list\n", "FAQ07", "line 11"),
        (MATTER + BODY + "\nSome *emphasis* here.\n", "FAQ07", "line 11"),
        (MATTER + BODY + "\nA [link](https://example.org).\n", "FAQ07", "line 11"),
        (MATTER + BODY + "\nA &amp; B.\n", "FAQ07", "line 11"),
        (MATTER + BODY + "\n<b>Bold</b>\n", "FAQ07", "line 11"),
        (MATTER + BODY + "\n---\n", "FAQ07", "line 11"),
        (MATTER.replace("\n", "\r\n") + "## A {#a}\r\n\r\n> A quotation.\r\n", "FAQ07", "line 9"),
        (MATTER, "FAQ08", "tea.md"),
        (MATTER + "## How hot?\n\nText.\n", "FAQ09", "line 7"),
        (MATTER + "## How hot? {#Heat}\n\nText.\n", "FAQ09", "line 7"),
        (MATTER + BODY + "\n## Again {#heat}\n\nText.\n", "FAQ10", "lines 7 and 11"),
        (MATTER + BODY + "\n## Empty {#cup}\n", "FAQ11", "line 11"),
        (MATTER + "\nText.\n\n" + BODY, "FAQ12", "line 8"),
        (WITH_KEYS % "cup: [Boil]" + BODY, "FAQ13", "'cup'"),
        (WITH_KEYS % "heat: [Chill]" + BODY, "FAQ14", "'Chill'.*0 sentences.*heat"),
        (WITH_KEYS % "heat: ['']" + BODY, "FAQ14", "2 sentences of #heat"),
    ],
)
def test_documents_that_are_malformed_are_refused(content: str | bytes, code: str, place: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=rf"(?s)^\[{code}\].*{place}"):
        load(tmp_path, content)


def test_documents_need_one(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="FAQ01"):
        load_documents(tmp_path)


def test_documents_share_no_section(tmp_path: Path) -> None:
    load(tmp_path, MATTER + BODY)
    load(tmp_path, MATTER.replace("id: tea", "id: coffee") + BODY, "coffee.md")
    with pytest.raises(DocumentError, match=r"FAQ02.*#heat.*coffee\.md.*tea\.md"):
        load_documents(tmp_path)


def test_documents_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    load(tmp_path, MATTER + BODY)
    load(tmp_path, MATTER.replace("id: tea", "id: coffee") + BODY.replace("heat", "cold"), "coffee.md")
    assert [document.id for document in load_documents(tmp_path)] == ["coffee", "tea"]


WORD = st.text(alphabet="aehinorstuüßéλйあ茶", min_size=1, max_size=6)
SENTENCE = st.builds(
    lambda first, words, stop: " ".join([first, *words]) + stop,
    st.sampled_from(["Tea", "It", "Über", "A", "He said: “No", "(Or", "茶"]),
    st.lists(WORD | st.sampled_from(["e.g.", "3.5", "Dr.", "p.m.", "(so)", "“well.”", "it's", "…", "J. K.", "?!"])),
    st.sampled_from([".", "!", "?", "…", ".”", "?!", ".)", "", " ."]),
)
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=6).flatmap(
    lambda some: st.lists(st.sampled_from(some), min_size=1, max_size=8).map(" ".join)
)
"""Of few sentences, so that they come again."""


@settings(max_examples=200, deadline=None)
@given(paragraphs=st.lists(PARAGRAPH, min_size=1, max_size=3), line_end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_documents_lose_and_move_no_character(
    paragraphs: list[str], line_end: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    body = "## How hot? {#heat}\n\n" + "\n\n".join(paragraphs)
    document = load(tmp_path_factory.mktemp("documents"), MATTER + body.replace("\n", line_end))
    check_offsets(document)
    (section,) = document.sections
    kept = "".join(character for text in texts(section) for character in text if not character.isspace())
    assert kept == "".join("".join(paragraphs).split())
