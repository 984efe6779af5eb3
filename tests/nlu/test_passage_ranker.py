"""The sentences of a document, ranked against a message."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.training_data import TrainingData

from faq.documents import load_documents
from faq.errors import DocumentError
from nlu.passage_ranker import PassageRanker
from tests.nlu.contract import Pipeline


def test_passage_ranker_ranks_every_sentence_once(loaded: Pipeline, tea_folder: Path) -> None:
    (message,) = loaded.process(["how many minutes?"])
    (document,) = load_documents(tea_folder)
    known = {(p.section, p.start, p.end) for section in document.sections for p in section.passages}
    ranked = message.get("passages")
    assert {(entry["section"], entry["start"], entry["end"]) for entry in ranked} == known
    assert len(ranked) == len(known)
    scores = [entry["score"] for entry in ranked]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("are three minutes enough", "Three minutes are enough."),
        ("why is it so bitter", "Longer makes it bitter."),
        ("black tea", "Boil the water for black tea."),
        ("Green tea likes cool water.", "Green tea likes cool water."),
    ],
)
def test_passage_ranker_finds_the_sentence(loaded: Pipeline, tea_folder: Path, text: str, best: str) -> None:
    (document,) = load_documents(tea_folder)
    (message,) = loaded.process([text])
    first = message.get("passages")[0]
    assert document.text[first["start"] : first["end"]] == best


def made(folder: Path, storage: Path) -> PassageRanker:
    config = {**PassageRanker.get_default_config(), "documents": str(folder)}
    context = ExecutionContext(GraphSchema({}), node_name="ranker")
    return PassageRanker.create(config, LocalModelStorage(storage), Resource("ranker"), context)


@pytest.mark.usefixtures("_in_project")
def test_passage_ranker_stops_at_a_malformed_document(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="FAQ01"):
        made(tmp_path, tmp_path)


@pytest.mark.usefixtures("_in_project")
@pytest.mark.parametrize(("opening", "found"), [("No such", 0), ("", None), ("Boil", None)])
def test_passage_ranker_learns_only_of_sentences_that_are_there(
    loaded: Pipeline, tea_folder: Path, tmp_path: Path, opening: str, found: int | None
) -> None:
    (example,) = Pipeline(loaded.components[:-1], [], tmp_path).process(["how hot"])
    example.set(INTENT, "heat")
    example.set("metadata", {"example": {"sentence": opening}})
    ranker = made(tea_folder, tmp_path)
    if found is None:
        ranker.train(training_data=TrainingData([example]))
    else:
        with pytest.raises(DocumentError, match=rf"NLU14.*{opening}.*{found} sentences"):
            ranker.train(training_data=TrainingData([example]))
