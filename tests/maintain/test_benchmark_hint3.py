"""Sets, published figures, and a small pipeline that is really trained."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from maintain import benchmark_hint3
from maintain.benchmark_hint3 import (
    HEADINGS,
    METRICS,
    BenchmarkError,
    add_arguments,
    figures,
    measured,
    own_config,
    published,
    read_set,
    run,
    set_names,
    stock_config,
)
from maintain.ranking import Judged
from maintain.understander import read_config

TRAIN = """sentence,label
how hot is [tea](x),HEAT
how hot should water be,HEAT
how long to steep,TIME
how many minutes,TIME
"""
TEST = "sentence,label\nhow hot,HEAT\nhow long,TIME\nxyzzy,NO_NODES_DETECTED\n"
LIGHT = {
    "recipe": "default.v1",
    "assistant_id": "light",
    "language": "en",
    "pipeline": [
        {"name": "nlu.tokenizer.BlankSpacyTokenizer"},
        {"name": "nlu.tfidf_featurizer.TfidfFeaturizer"},
        {"name": "nlu.sentence_featurizer.SentenceEncoderFeaturizer"},
        {"name": "nlu.intent_classifier.MultiIntentClassifier"},
    ],
}
SETS = ("curekart", "curekart_subset", "sofmattress", "sofmattress_subset")
SYSTEMS = ("Dialogflow", "Rasa", "LUIS", "Haptik", "BERT")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a full training set, a smaller one, and the test set of both."""
    for name in ("tea_train", "tea_subset_train"):
        (tmp_path / f"{name}.csv").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "tea_test.csv").write_text(TEST, encoding="utf-8")
    return tmp_path


def test_benchmark_hint3_finds_the_sets(data: Path) -> None:
    assert set_names(data) == ["tea", "tea_subset"]
    for name in set_names(data):
        train, test = read_set(data, name)
        assert train[0] == ("how hot is [tea](x)", "HEAT")
        assert test[-1] == ("xyzzy", "NO_NODES_DETECTED")


def test_benchmark_hint3_says_where_the_data_is(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"HNT01.*hellohaptik/HINT3.*--data"):
        set_names(tmp_path)


@pytest.mark.parametrize("content", [None, "text,intent\na,b\n"])
def test_benchmark_hint3_says_what_is_wrong_with_a_file(data: Path, content: str | None) -> None:
    path = data / "tea_test.csv"
    if content is None:
        path.unlink()
    else:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"HNT02.*tea_test\.csv.*sentence,label"):
        read_set(data, "tea")


@pytest.mark.parametrize("name", SETS)
def test_benchmark_hint3_knows_the_published_figures(name: str) -> None:
    rows = published(name)
    assert tuple(system for system, _ in rows) == SYSTEMS
    assert all(0.4 < value < 0.9 for _, row in rows for value in row.values())
    assert published("tea") == []


def test_benchmark_hint3_published_figures_are_those_of_the_source() -> None:
    assert dict(published("sofmattress"))["Haptik"] == pytest.approx(
        {"in_scope": 0.723, "auroc": 0.839, "mcc": 0.597, "at_70": 0.632}
    )


def test_benchmark_hint3_pipeline_differs_from_the_projects_by_the_article_alone() -> None:
    own, project = own_config(), read_config()
    left_out = [each["name"] for each in project["pipeline"] if each not in own["pipeline"]]
    assert left_out == [
        "nlu.facts.FactExtractor",
        "nlu.red_flags.RedFlagClassifier",
        "nlu.passage_ranker.PassageRanker",
    ]
    assert {**own, "pipeline": None} == {**project, "pipeline": None}


def test_benchmark_hint3_stock_pipeline_is_rasas_with_a_seed() -> None:
    components = {each["name"]: each for each in stock_config(3)["pipeline"]}
    assert components["DIETClassifier"] == {
        "name": "DIETClassifier",
        "epochs": 100,
        "constrain_similarities": True,
        "random_seed": 3,
    }
    assert "FallbackClassifier" in components


def test_benchmark_hint3_trains_and_prints(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark_hint3, "own_config", lambda: LIGHT)
    monkeypatch.setenv("COLUMNS", "160")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args(["--data", str(data)])) == 0
    shown = capsys.readouterr().out
    assert re.search(r"this project \(\d+ s\) .*100\.0", shown), shown
    assert "tea_subset: 4 training and 3 test messages" in shown
    assert all(heading in shown for heading in HEADINGS)


def test_benchmark_hint3_spreads_over_seeds(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = iter([[Judged("a", predicted, 0.9, True), Judged("o", "a", 0.1, False)] for predicted in "ab"])
    monkeypatch.setattr(benchmark_hint3, "predictions", lambda *_: next(runs))
    ((name, mean, spread),) = measured("two", [{}, {}], [], [])
    assert name == "two (0 s)"
    assert mean["in_scope"] == 0.5
    assert spread["in_scope"] == "± 70.7"


def test_benchmark_hint3_figures_are_those_of_the_table() -> None:
    judged = [Judged("a", "a", 0.9, True), Judged("a", "b", 0.2, True), Judged("o", "a", 0.1, False)]
    assert set(figures(judged)) == set(METRICS)
    assert figures(judged)["auroc"] == 1
    assert figures(judged)["in_scope"] == 0.5
