"""The rooms of the house: who may import whom, and where words about the article may stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from faq.documents import load_documents

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "faq": {"faq"},
    "nlu": {"nlu", "faq"},
    "actions": {"actions", "faq"},
    "channels": {"channels", "faq"},
    "maintain": {"maintain", "faq"},
}
TOPIC_WORDS = ("twitch", "muscle", "magnesium", "stress", "psychosomatic", "soma", "gastro", "cardio", "nervous system")
"""Words that only this article is about; each stands in it."""
RUN = 6
"""Words in a row that are an answer's text, not chance."""


def documents_text() -> str:
    documents = load_documents(ROOT / "data" / "documents")
    return "\n".join(section.heading + "\n" + section.text for document in documents for section in document.sections)


def python_files() -> list[Path]:
    return sorted(path for room in MAY_IMPORT for path in (ROOT / room).rglob("*.py"))


def script_files() -> list[Path]:
    folders = (ROOT / "channels", ROOT / "widget", ROOT / "scripts")
    found = (path for folder in folders for suffix in ("*.js", "*.mjs", "*.ts") for path in folder.rglob(suffix))
    return sorted(path for path in found if not {"node_modules", "dist"} & set(path.parts))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Top-level packages that a file imports, with the line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, (node.module or "").partition(".")[0] if not node.level else path.parent.name
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "import_module":
            yield from (
                (node.lineno, str(arg.value).partition(".")[0]) for arg in node.args if isinstance(arg, ast.Constant)
            )


@pytest.mark.parametrize("path", python_files(), ids=name_of)
def test_structure_imports_keep_to_the_rooms(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    wrong = [
        f"{name_of(path)}, line {line}: {room} imports {name}"
        for line, name in imported(path)
        if name in MAY_IMPORT.keys() - MAY_IMPORT[room] or name == "tests"
    ]
    assert wrong == []


@pytest.mark.parametrize("path", sorted((ROOT / "faq").rglob("*.py")), ids=name_of)
def test_structure_faq_is_plain_python(path: Path) -> None:
    heavy = {"rasa", "rasa_sdk", "spacy", "medspacy", "sanic", "tensorflow", "sklearn", "onnxruntime"}
    assert [name for _, name in imported(path) if name in heavy] == []


def test_structure_rules_look_at_the_latest_message_alone() -> None:
    """A turn starts without the events before it (channels/recent.py)."""
    rules = yaml.safe_load((ROOT / "data" / "rules.yml").read_text(encoding="utf-8"))["rules"]
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    steps = [[next(iter(step)) for step in rule["steps"]] for rule in rules]
    assert [kinds for kinds in steps if kinds != ["intent", "action"]] == []
    assert "forms" not in domain


def test_structure_topic_words_are_the_articles() -> None:
    text = documents_text().lower()
    assert [word for word in TOPIC_WORDS if word not in text] == []


@pytest.mark.parametrize(
    "path", [*python_files(), *script_files(), *sorted((ROOT / "scripts").glob("*.py"))], ids=name_of
)
def test_structure_no_code_names_the_article(path: Path) -> None:
    lines = enumerate(path.read_text(encoding="utf-8").lower().splitlines(), 1)
    words = re.compile(rf"\b(?:{'|'.join(TOPIC_WORDS)})")
    assert [f"line {number}: {line.strip()}" for number, line in lines if words.search(line)] == []


def runs(text: str) -> set[str]:
    """Every run of words, without case and punctuation."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


def test_structure_answers_stand_in_the_document_alone() -> None:
    answers = runs(documents_text())
    for path in (ROOT / "domain.yml", ROOT / "config.yml", *python_files(), *script_files()):
        assert runs(path.read_text(encoding="utf-8")) & answers == set(), f"{name_of(path)} repeats the article"


def test_structure_actions_are_flat_and_none_is_taken_for_a_phrase() -> None:
    """rasa-sdk imports sub-packages by their bare names, and Rasa never runs an action that is named like a phrase."""
    assert [name_of(path.parent) for path in (ROOT / "actions").glob("*/**/*.py")] == []
    declared = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["actions"]
    assert [name for name in declared if name.startswith("utter_")] == []


def test_structure_training_data_is_where_rasa_expects_it() -> None:
    """Rasa reads every YAML or JSON file under data/ that looks like training data."""
    known = {"rules.yml", *(f"nlu/{path.name}" for path in (ROOT / "data" / "nlu").glob("*.yml"))}
    found = (path for suffix in ("*.yml", "*.yaml", "*.json") for path in (ROOT / "data").rglob(suffix))
    assert {path.relative_to(ROOT / "data").as_posix() for path in found} == known


def named_paths(text: str) -> set[str]:
    """Paths in backticks and in links of a Markdown text."""
    ticked = re.findall(r"`((?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:ya?ml|md|toml|lock|json))`", text)
    linked = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    return {path.partition("#")[0] for path in (*ticked, *linked)} - {""}


def test_structure_named_paths_are_found() -> None:
    text = "See `faq/`, `data/nlu/a.yml` and [more](docs/x.md#y), not `make run`, [a](https://example.org) or [b](#c)."
    assert named_paths(text) == {"faq/", "data/nlu/a.yml", "docs/x.md"}


def test_structure_paths_in_the_readme_exist() -> None:
    paths = named_paths((ROOT / "README.md").read_text(encoding="utf-8"))
    made_at_run_time = {path for path in paths if path.startswith((".venv", "var/", "models/"))}
    assert paths, "a README names the folders"
    assert [path for path in sorted(paths - made_at_run_time) if not (ROOT / path).exists()] == []
