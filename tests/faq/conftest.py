"""A tiny article about something else, which shows that nothing here depends on the published one."""

from __future__ import annotations

import pytest

from faq.documents import Document, load_documents
from faq.emergency import Contact, Contacts

TEA = """---
id: tea
title: All about tea
url: https://example.org/tea
language: en
key_sentences: {heat: ["Boil the water"]}
---

## How hot should the water be? {#heat}

Green tea likes it cool. Boil the water for black tea. Milk comes later. Use a kettle. Wait a little.

## How long should tea steep? {#time}

Three minutes are enough. Longer makes it bitter.
"""


@pytest.fixture(scope="session")
def contacts() -> Contacts:
    """Whom to call: one with a number, one without."""
    return Contacts(Contact("999", "999"), Contact("a crisis line in your country"))


@pytest.fixture(scope="session")
def tea(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The tiny article, with the intents ``heat`` and ``time``."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "tea.md").write_text(TEA, encoding="utf-8")
    (document,) = load_documents(folder)
    return document
