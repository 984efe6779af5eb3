"""Documents: a published article, cut into sections and sentences that keep their place.

A document is a Markdown file with front matter (``id, title, url, language``) and one ``##`` heading a section, each
with its id, which is also its intent: ``## How long does it last? {#duration}``. Under the headings stand plain
paragraphs: what is quoted must equal the file, so emphasis, lists or links have no place there. The front matter may
name each section's key sentences, those that answer a general question, by how they begin::

    key_sentences:
      duration: ["Depending on the", "However, if you"]
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import frontmatter
import pysbd
from markdown_it import MarkdownIt
from markdown_it.token import Token

from faq.errors import DocumentError

FRONT_MATTER_KEYS = ("id", "title", "url", "language")
HEADING = re.compile(r"(?P<heading>.+?)\s*\{#(?P<id>[a-z][a-z0-9_-]*)\}")
PLAIN_INLINE = {"text", "softbreak"}


@dataclass(frozen=True)
class Passage:
    """One sentence of a section.

    Attributes:
        section: id of the section that it stands in.
        text: the sentence, equal to ``document.text[start:end]``.
        start: offset of its first character in the document's text.
        end: offset behind its last character.
    """

    section: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Section:
    """A heading and the paragraphs under it.

    Attributes:
        id: the heading's id, unique in its document; also the intent that the section answers.
        heading: the heading's text without the id.
        text: from the first to the last character under the heading, equal to ``document.text[start:end]``.
        start: offset of the section's text in the document's text.
        end: offset behind it.
        passages: its sentences in order.
        key_passages: those that answer a general question; the first two unless the front matter names them.
    """

    id: str
    heading: str
    text: str
    start: int
    end: int
    passages: tuple[Passage, ...]
    key_passages: tuple[Passage, ...]

    @property
    def intent(self) -> str:
        """The intent that this section answers."""
        return self.id


@dataclass(frozen=True)
class Document:
    """A published article.

    Attributes:
        id: the document's name in replies.
        title: the page's title.
        url: where the article is published, without a fragment.
        language: BCP 47 tag.
        text: the whole file, front matter included; all offsets count its characters.
        sha256: of the file's bytes, in hexadecimal.
        sections: in the file's order.
    """

    id: str
    title: str
    url: str
    language: str
    text: str
    sha256: str
    sections: tuple[Section, ...]

    def section(self, intent: str) -> Section | None:
        """Finds the section that answers an intent, or None."""
        return next((section for section in self.sections if section.intent == intent), None)


def load_documents(folder: Path) -> tuple[Document, ...]:
    """Reads all documents of a folder, in the order of their names.

    Args:
        folder: holds the ``*.md`` files.

    Returns:
        At least one document.

    Raises:
        DocumentError: there is none, one is malformed, or two share an id or a section id.
    """
    paths = sorted(folder.glob("*.md"))
    if not paths:
        raise DocumentError(f"[FAQ01] No document in {folder}: put the article there as <id>.md.")
    documents = tuple(load_document(path) for path in paths)
    owners: dict[str, str] = {}
    for document in documents:
        for name in (document.id, *(f"#{section.id}" for section in document.sections)):
            if name in owners:
                raise DocumentError(
                    f"[FAQ02] {name} stands in {owners[name]} and in {document.id}.md: ids are unique, rename one."
                )
            owners[name] = f"{document.id}.md"
    return documents


def load_document(path: Path) -> Document:
    """Reads one document.

    Args:
        path: the Markdown file; its name without ``.md`` is the document's id.

    Returns:
        The document, with sections and sentences.

    Raises:
        DocumentError: names the file, the line and the mend.
    """
    return _read(path, path.read_bytes())


@lru_cache(maxsize=64)
def _read(path: Path, content: bytes) -> Document:
    """Each part of the assistant reads the documents; to find the sentences of 300 sections takes 1.5 s."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DocumentError(f"[FAQ03] {path.name} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    if text.startswith("\ufeff"):
        raise DocumentError(f"[FAQ03] {path.name} begins with a byte order mark: save it as UTF-8 without BOM.")
    matter = _front_matter(path, text)
    key_sentences = matter.get("key_sentences") or {}
    sections = tuple(_sections(path, text, key_sentences))
    if not sections:
        raise DocumentError(f"[FAQ08] {path.name} has no section: give it a `## Heading {{#id}}`.")
    for name in key_sentences.keys() - {section.id for section in sections}:
        raise DocumentError(f"[FAQ13] {path.name}: key_sentences names the section {name!r}, which is not there.")
    fields = {key: str(matter[key]) for key in FRONT_MATTER_KEYS}
    return Document(**fields, text=text, sha256=hashlib.sha256(content).hexdigest(), sections=sections)


def _front_matter(path: Path, text: str) -> dict[str, Any]:
    try:
        matter = frontmatter.loads(text).metadata
    except Exception as error:  # yaml raises many kinds
        raise DocumentError(f"[FAQ04] The front matter of {path.name} is not YAML: {error}") from error
    for key in FRONT_MATTER_KEYS:
        if not isinstance(matter.get(key), str) or not str(matter[key]).strip():
            raise DocumentError(f"[FAQ05] {path.name}, line 1: the front matter needs `{key}:` with a text.")
    if matter["id"] != path.stem:
        raise DocumentError(
            f"[FAQ06] {path.name}: the id {matter['id']!r} differs from the file's name; make them equal."
        )
    return matter


def _body_start(text: str) -> int:
    """Offset of the first character behind the front matter."""
    match = re.match(r"---[ \t]*\r?\n.*?^---[ \t]*\r?\n", text, re.DOTALL | re.MULTILINE)
    return match.end() if match else 0


def _sections(path: Path, text: str, key_sentences: Mapping[str, Sequence[str]]) -> Iterator[Section]:
    body = _body_start(text)
    tokens = MarkdownIt("commonmark").disable("text_join").parse(text[body:])
    lines = _line_starts(text, body)
    first_line = text.count("\n", 0, body) + 1
    seen: dict[str, int] = {}
    headings = [number for number, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    _check_blocks(path, tokens, headings, first_line)
    for position, number in enumerate(headings):
        line = first_line + _line(tokens[number])
        heading, identifier = _heading(path, tokens[number + 1].content, line)
        if identifier in seen:
            raise DocumentError(
                f"[FAQ10] {{#{identifier}}} stands twice in {path.name}, lines {seen[identifier]} and {line}: "
                "give each heading its own id."
            )
        seen[identifier] = line
        last = headings[position + 1] if position + 1 < len(headings) else len(tokens)
        paragraphs = [token for token in tokens[number:last] if token.type == "paragraph_open"]
        if not paragraphs:
            raise DocumentError(
                f"[FAQ11] The section {{#{identifier}}} in {path.name}, line {line}, is empty: "
                "put its paragraphs under the heading or delete it."
            )
        spans = [_span(text, lines, token) for token in paragraphs]
        passages = tuple(passage for span in spans for passage in _passages(identifier, text, *span))
        key_passages = tuple(_key_passage(path, passages, opening) for opening in key_sentences.get(identifier, ()))
        start, end = spans[0][0], spans[-1][1]
        yield Section(identifier, heading, text[start:end], start, end, passages, key_passages or passages[:2])


def _check_blocks(path: Path, tokens: list[Token], headings: list[int], first_line: int) -> None:
    """Only paragraphs of plain text may be quoted; everything else is refused with its line."""
    allowed = {"heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline"}
    for number, token in enumerate(tokens):
        line = first_line + (_line(token) if token.map else 0)
        inline = token.children or []
        plain = token.type in allowed and all(child.type in PLAIN_INLINE for child in inline)
        if not plain or (token.type == "heading_open" and token.tag != "h2"):
            raise DocumentError(
                f"[FAQ07] {path.name}, line {line}: only `##` headings and plain paragraphs can be quoted; "
                "take lists, emphasis, links, HTML, escapes and other headings out."
            )
        if token.type == "paragraph_open" and (not headings or number < headings[0]):
            raise DocumentError(
                f"[FAQ12] {path.name}, line {line}: text stands before the first `##` heading; move it under one."
            )


def _heading(path: Path, content: str, line: int) -> tuple[str, str]:
    match = HEADING.fullmatch(content)
    if match is None:
        raise DocumentError(
            f"[FAQ09] The heading {content!r} in {path.name}, line {line}, has no id: end it with {{#its-intent}}."
        )
    return match["heading"], match["id"]


def _passages(section: str, text: str, start: int, end: int) -> Iterator[Passage]:
    """The sentences of a paragraph, without the white space between them.

    pysbd looks for each sentence's words from the paragraph's beginning, so that it may misplace or lose one; only
    where a sentence begins is taken from it, and what stands between two beginnings is a sentence.
    """
    paragraph = re.sub(r"\s", " ", text[start:end])  # a line may end within a sentence
    cuts = [0]
    for sentence in pysbd.Segmenter(language="en", clean=False, char_span=True).segment(paragraph):
        if sentence.start > cuts[-1] and paragraph[sentence.start - 1] == " ":
            cuts.append(sentence.start)
    for left, right in zip(cuts, [*cuts[1:], len(paragraph)], strict=True):
        content = paragraph[left:right].strip()
        first = start + paragraph.index(content, left)
        yield Passage(section, text[first : first + len(content)], first, first + len(content))


def _key_passage(path: Path, passages: Sequence[Passage], opening: str) -> Passage:
    found = [passage for passage in passages if passage.text.startswith(opening)]
    if len(found) != 1:
        raise DocumentError(
            f"[FAQ14] {path.name}: key_sentences has {opening!r}, with which {len(found)} sentences of "
            f"#{passages[0].section} begin: write enough of one sentence's beginning."
        )
    return found[0]


def _line(token: Token) -> int:
    return _map(token)[0]


def _map(token: Token) -> list[int]:
    """First line of a block token, and the line behind it; only tokens within a line have none."""
    return cast("list[int]", token.map)


def _line_starts(text: str, body: int) -> list[int]:
    """Offsets in the whole text of the body's lines, and of its end."""
    return [body, *(body + match.end() for match in re.finditer(r"\r\n?|\n", text[body:])), len(text)]


def _span(text: str, lines: list[int], token: Token) -> tuple[int, int]:
    """Offsets of a block token in the whole text, without the white space around it."""
    start, end = (lines[min(line, len(lines) - 1)] for line in _map(token))
    content = text[start:end]
    return start + len(content) - len(content.lstrip()), start + len(content.rstrip())
