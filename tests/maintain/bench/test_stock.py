"""The stock assistant's project: what Rasa reads in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.importers.rasa import RasaFileImporter

from maintain.bench.growing import Example, own_examples
from maintain.bench.stock import NO_ANSWER, own_answers, stock_config, write_project
from maintain.bench.training import train_stock

pytestmark = pytest.mark.filterwarnings("ignore:the load_module:DeprecationWarning")  # pykwalify, in Rasa's reader


@pytest.fixture(scope="module")
def own() -> list[Example]:
    """Some phrasings of every intent and every pair of them."""
    by_intents: dict[str, list[Example]] = {}
    for each in own_examples():
        by_intents.setdefault(each.intents, []).append(each)
    return [each for those in by_intents.values() for each in those[:20]]


@pytest.fixture(scope="module")
def project(own: list[Example], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    write_project(folder, [(each.text, each.intents) for each in own], own_answers())
    return folder


@pytest.fixture(scope="module")
def read(project: Path) -> RasaFileImporter:
    return RasaFileImporter(str(project / "config.yml"), str(project / "domain.yml"), [str(project / "data")])


def test_stock_knows_every_phrasing(own: list[Example], read: RasaFileImporter) -> None:
    learnt = {(each.get("text"), each.get("intent")) for each in read.get_nlu_data().intent_examples}
    assert learnt == {(each.text, each.intents) for each in own}


def test_stock_answers_every_intent(read: RasaFileImporter) -> None:
    domain, graph = read.get_domain(), read.get_stories()
    rules = {step.block_name: step for step in graph.story_steps if step.block_name.startswith("Answer ")}
    assert {f"Answer {intent}" for intent in read.get_nlu_data().intents} | {"Answer nlu_fallback"} == set(rules)
    said = {event.action_name for step in graph.story_steps for event in step.events if hasattr(event, "action_name")}
    assert {name for name in said if name and name.startswith("utter_")} == set(domain.responses)
    assert any(
        event.action_name == NO_ANSWER for event in rules["Answer out_of_scope"].events if hasattr(event, "action_name")
    )
    assert len(graph.story_steps) > len(rules)


def test_stock_is_what_rasa_takes_where_nothing_is_chosen() -> None:
    names = [each["name"] for part in ("pipeline", "policies") for each in stock_config()[part]]
    assert {"DIETClassifier", "ResponseSelector", "FallbackClassifier", "TEDPolicy", "UnexpecTEDIntentPolicy"} <= set(
        names
    )
    epochs = {each["epochs"] for part in ("pipeline", "policies") for each in stock_config(7)[part] if "epochs" in each}
    assert epochs == {7}


def test_stock_is_not_trained_again_for_the_same_phrasings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[Path] = []

    def fake(command: object, folder: Path, environment: object, log: Path) -> object:
        from maintain.bench.processes import Done

        trained.append(folder)
        (folder / "models" / "stock.tar.gz").write_bytes(b"x" * 1000)
        return Done(1.0, 2.0, 3.0)

    monkeypatch.setattr("maintain.bench.training.run", fake)
    monkeypatch.setattr("maintain.bench.training.own_answers", lambda: {"heat": "hot", "no_answer": "no"})
    learnt = [Example("how hot", "heat")]
    first = train_stock(tmp_path / "stock", learnt)
    assert first.items() >= {"seconds": 1.0, "processor": 2.0, "peak": 3.0, "megabytes": 0.001}.items()
    assert train_stock(tmp_path / "stock", learnt) == first
    assert len(trained) == 1
    train_stock(tmp_path / "stock", [*learnt, Example("hot?", "heat")])
    train_stock(tmp_path / "stock", learnt, epochs=2)
    assert len(trained) == 3
