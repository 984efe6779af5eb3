"""The sentences of a document, ranked against a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.training_data import TrainingData

from faq.documents import load_documents
from faq.errors import DocumentError
from nlu.encoder import ENCODER_DIR, load_encoder
from nlu.passage_ranker import MOST_SECTIONS, PassageRanker
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


def made(folder: Path, storage: Path, make: Callable[..., PassageRanker] = PassageRanker.create) -> PassageRanker:
    config = {**PassageRanker.get_default_config(), "documents": str(folder)}
    context = ExecutionContext(GraphSchema({}), node_name="ranker")
    return make(config, LocalModelStorage(storage), Resource("ranker"), context)


@pytest.mark.usefixtures("_in_project")
def test_passage_ranker_ranks_only_the_sections_that_may_be_meant(loaded: Pipeline, tmp_path: Path) -> None:
    sections = [f"## Topic {number}? {{#topic_{number}}}\n\nIt is {number}. Or more." for number in range(30)]
    matter = "---\nid: many\ntitle: Many\nurl: https://example.org/many\nlanguage: en\n---\n\n"
    (tmp_path / "many.md").write_text(matter + "\n\n".join(sections), encoding="utf-8")
    (message,) = Pipeline(loaded.components[:-1], [], tmp_path).process(["is it 17?"])
    near = ["greet", "topic_17", "topic_28"]
    message.set("intent_ranking", [{"name": name, "confidence": 0.1} for name in near])
    ranker = made(tmp_path, tmp_path)
    ranker.train(TrainingData([]))
    ranker.process([message])
    ranked = message.get("passages")
    assert {entry["section"] for entry in ranked} == {*near[1:], *(f"topic_{n}" for n in range(MOST_SECTIONS - 2))}
    assert len(ranked) == 2 * MOST_SECTIONS
    assert ranked[0]["section"] == "topic_17"


@pytest.mark.usefixtures("_in_project")
@pytest.mark.parametrize("changed", [False, True])
def test_passage_ranker_keeps_vectors_until_the_documents_change(
    loaded: Pipeline, tea_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: bool
) -> None:
    made(tea_folder, tmp_path).train(TrainingData([]))
    (message,) = Pipeline(loaded.components[:-1], [], tmp_path).process(["must I boil the milk?"])
    content = (tea_folder / "tea.md").read_text(encoding="utf-8")
    (tmp_path / "tea.md").write_text(content.replace("it bitter", "milk boil") if changed else content, "utf-8")
    encoder, encoded = load_encoder(str(ENCODER_DIR)), []
    monkeypatch.setattr(encoder, "encode", lambda texts: encoded.extend(texts) or type(encoder).encode(encoder, texts))
    made(tmp_path, tmp_path, PassageRanker.load).process([message])
    best = message.get("passages")[0]
    answer = (tmp_path / "tea.md").read_text(encoding="utf-8")[best["start"] : best["end"]]
    assert answer == ("Longer makes milk boil." if changed else "Boil the water for black tea.")
    assert bool(encoded) == changed


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
