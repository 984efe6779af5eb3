"""Made-up phrasings and sections."""

from __future__ import annotations

from pathlib import Path

import pytest

from faq.consistency import find_faults, read_parts
from maintain.bench.growing import Example, own_examples, resized, topic_examples, topics, write_project
from maintain.understander import read_examples


@pytest.fixture(scope="module")
def own() -> list[Example]:
    return own_examples()


@pytest.mark.parametrize("size", [10, 20_000])
def test_growing_gives_as_many_different_phrasings_as_are_wanted(own: list[Example], size: int) -> None:
    made = resized(own, size)
    assert len({each.text for each in made}) == size
    assert made == resized(own, size)
    kept = {each.text for each in made} & {each.text for each in own}
    assert len(kept) == min(size, len(own))


def test_growing_knows_both_intents_of_a_double_question() -> None:
    assert Example("how hot and how long", "time", {"also": "heat"}).intents == "heat+time"


@pytest.mark.parametrize("number", [3, 30])
def test_growing_makes_sections_that_fit_together(own: list[Example], number: int, tmp_path: Path) -> None:
    made = topics(own, number)
    phrasings = topic_examples(own, made, 1_500)
    project = write_project(tmp_path / "project", phrasings, made)
    assert find_faults(read_parts(project)) == []
    assert {each.intent for each in phrasings} >= {topic.id for topic in made}
    assert len(read_examples(project / "data" / "nlu")) == len(phrasings) == 2_000


def test_growing_keeps_what_a_phrasing_says_beside_its_intent(own: list[Example], tmp_path: Path) -> None:
    said = [*(each for each in own[::50] if each.metadata), Example("a [link](x) # and: more", "duration")]
    project = write_project(tmp_path / "project", said)
    read = {each.get("text"): each for each in read_examples(project / "data" / "nlu")}
    for each in said[:-1]:
        assert read[each.text].get("metadata")["example"] == dict(each.metadata)
    assert read["a link # and: more"].get("intent") == "duration"
