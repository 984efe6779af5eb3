"""Another article is a change under ``data/`` and ``domain.yml``: with those of tests/second_article, the code as it is
trains, starts and answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from faq.consistency import find_faults, read_parts
from tests.conversations.reader import Reader, payloads, sections, types
from tests.processes import Started, started
from tests.second_project import second_project, trained

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the code of this one and the data of the second article, trained."""
    return trained(second_project(tmp_path_factory.mktemp("second_article") / "project"))


@pytest.fixture(scope="module")
def plants(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """Its assistant."""
    with started(project, tmp_path_factory.mktemp("plants")) as assistant:
        yield assistant


@pytest.fixture
def reader(plants: Started, project: Path) -> Iterator[Reader]:
    """Somebody in a new conversation."""
    reader = Reader(plants.url, project / "data" / "documents")
    reader.start()
    yield reader
    reader.http.close()


def test_second_article_fits_together(project):
    """It is the example of docs/how-to/another-article.md, where the next step is `make check`."""
    assert find_faults(read_parts(project)) == []


def test_second_article_training_said_what_it_trained(project):
    log = (project / "var" / "train.log").read_text(encoding="utf-8")
    assert "Starting to train component 'MultiIntentClassifier'" in log


def test_second_article_offers_its_own_topics(reader):
    (greeting,) = reader.start()
    assert payloads(greeting) == ["/watering", "/light"]
    assert "plants" in greeting["text"]


@pytest.mark.parametrize(
    ("text", "section", "words"),
    [
        ("how often do I have to water my orchid?", "watering", "twice a week"),
        ("is the midday sun bad for ferns?", "light", "burns the leaves of ferns"),
    ],
)
def test_second_article_is_quoted_from_the_right_section(reader, text, section, words):
    reply = reader.say(text)
    assert sections(reply) == [section]
    assert reply[0]["custom"]["source"]["document"] == "window-sill-plants"
    assert any(words in quote["text"] for quote in reply[0]["custom"]["source"]["quotes"])


def test_second_article_does_not_answer_the_first(reader):
    (part,) = reader.say("can stress cause my eyelid to twitch?")
    assert part["custom"]["type"] == "no_answer"
    assert payloads(part) == ["/watering", "/light"]


def test_second_article_has_its_own_triage(reader):
    (first, *_) = reader.say("my cat has eaten the leaves")
    assert first["custom"]["type"] == "emergency"
    assert first["custom"]["doctor"]["because"] == ["eaten the leaves"]
    assert types(reader.say("my fern has been wilting for 3 weeks")).count("doctor") == 0
