"""Each fault between the project's parts is found, with its place; all are found at once."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faq.consistency import Parts, find_faults, read_parts
from faq.documents import Document
from faq.errors import FaqError
from faq.intents import OWN_INTENTS
from faq.phrasings import Phrasing
from faq.triage import KINDS, Rule

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def parts(tea: Document) -> Parts:
    """Parts that fit."""
    intents = OWN_INTENTS | {"heat", "time"}
    return Parts(
        intents=intents,
        entities=frozenset(KINDS),
        phrases=frozenset({"utter_greet"}),
        asked={"utter_greet": "faq/intents.py"},
        ruled=intents,
        sections=[(section, "data/documents/tea.md") for section in tea.sections],
        phrasings=[Phrasing(f"say {intent}", (intent,), "all.yml", line) for line, intent in enumerate(intents, 10)],
        triage=[Rule("too-long", "doctor", "utter_greet", "a book", "duration", at_least=14)],
        kept_apart={"kept apart": "tests/evaluation/a.csv, h1"},
    )


def further(parts: Parts, text: str, *intents: str, states: str = "") -> dict[str, Any]:
    return {"phrasings": [*parts.phrasings, Phrasing(text, intents, "more.yml", 7, states)]}


def test_consistency_of_fitting_parts(parts: Parts) -> None:
    assert find_faults(parts) == []


@pytest.mark.parametrize("states", ["", "nothing", "too-long"])
def test_consistency_of_what_phrasings_state(parts: Parts, states: str) -> None:
    assert find_faults(replace(parts, **further(parts, "for ages", "time", states=states))) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda p: {"intents": p.intents | {"milk"}, "ruled": p.ruled | {"milk"}},
            "CHK01] domain.yml, intents: 'milk'",
        ),
        (lambda p: {"intents": p.intents - {"time"}}, "CHK02] data/documents/tea.md, #time"),
        (lambda p: {"intents": p.intents - {"greet"}}, "CHK02] faq/intents.py, 'greet'"),
        (
            lambda p: {"phrasings": [x for x in p.phrasings if x.intents != ("heat",)]},
            "CHK03] data/nlu has no .* 'heat'",
        ),
        (
            lambda p: {"phrasings": [x for x in p.phrasings if x.intents != ("deny",)]},
            "CHK03] data/nlu has no .* 'deny'",
        ),
        (lambda p: further(p, "hot? cold?", "heat", "cold"), "CHK04] data/nlu/more.yml, line 7, also: 'cold'"),
        (lambda p: further(p, "hot? hello?", "heat", "greet"), "CHK04] data/nlu/more.yml, line 7, also: 'greet'"),
        (lambda p: further(p, "hot? hot?", "heat", "heat"), "CHK04] data/nlu/more.yml, line 7, also: 'heat'"),
        (lambda p: {"ruled": p.ruled - {"heat"}}, "CHK05] data/rules.yml has no rule for 'heat'"),
        (
            lambda p: {"asked": {**p.asked, "utter_x": "faq/x.py, line 3,"}},
            "CHK06] faq/x.py, line 3, asks for 'utter_x'",
        ),
        (lambda p: {"phrases": p.phrases | {"utter_x"}}, "CHK07] domain.yml, responses: .*'utter_x'"),
        (lambda p: {"entities": p.entities - {"duration"}}, "CHK08] domain.yml, entities: 'duration'"),
        (lambda p: further(p, "ages", "time", states="ages"), "CHK12] data/nlu/more.yml, line 7, states: .* 'ages'"),
        (lambda p: further(p, "Say, HEAT!", "time"), "CHK09] data/nlu/more.yml, line 7: .* stands at data/nlu/all.yml"),
        (
            lambda p: further(p, "Kept apart?", "time"),
            r"CHK10] data/nlu/more.yml, line 7: .* tests/evaluation/a.csv, h1",
        ),
    ],
)
def test_consistency_names_the_fault(parts: Parts, change: Any, words: str) -> None:
    (fault,) = find_faults(replace(parts, **change(parts)))
    assert re.search(words, fault), fault
    assert ": " in fault.removesuffix("."), "each fault says how to mend it"


def test_consistency_finds_all_faults_at_once(parts: Parts) -> None:
    faults = find_faults(
        replace(parts, intents=parts.intents - {"time", "greet"}, entities=frozenset(), ruled=frozenset())
    )
    assert len(faults) == 2 + len(KINDS) + len(parts.intents) - 2


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the check reads of this project."""
    for name in ("data", "faq", "actions", "channels", "tests/evaluation", "tests/safety"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "domain.yml", tmp_path)
    return tmp_path


def test_consistency_of_this_project(project: Path) -> None:
    assert find_faults(read_parts(project)) == []


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert old in content
    path.write_text(content.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("domain.yml", "intents:\n", "intents:\n  - milk\n", "CHK01.*'milk'"),
        ("domain.yml", "  - thanks: {use_entities: false}\n", "", "CHK02.*'thanks'"),
        ("data/rules.yml", "- intent: thanks", "- intent: greet", "CHK05.*'thanks'"),
        ("domain.yml", "  utter_no_answer:", "  utter_no_anser:", "CHK06.*faq/dialogue.py, line .*'utter_no_answer'"),
        ("domain.yml", "  utter_crisis:", "  utter_chrisis:", "CHK06.*rule '.*'utter_crisis'"),
        ("domain.yml", "  - medicine\n", "", "CHK08.*'medicine'"),
        (
            "data/nlu/small_talk.yml",
            "- intent: greet\n  examples: |\n",
            "- intent: greet\n  examples: |\n    - BYE, bye\n    - bye bye\n",
            "CHK09.*line 7",
        ),
    ],
)
def test_consistency_reads_the_files(project: Path, file: str, old: str, new: str, words: str) -> None:
    edit(project / file, old, new)
    faults = "\n".join(find_faults(read_parts(project)))
    assert re.search(words, faults), faults


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("domain.yml", "intents: [\n\n", "CHK11.*domain.yml.*line 3"),
        ("data/rules.yml", "", "CHK11.*rules.yml"),
        ("data/nlu/more.yml", "nlu: [\n\n", "PHR01.*more.yml.*line 3"),
        ("data/nlu/more.yml", "nlu:\n- intent: heat\n", "PHR02.*more.yml.*'examples'"),
        ("data/nlu/more.yml", "", "PHR02.*more.yml"),
        ("data/triage/more.toml", "", "TRI04"),
    ],
)
def test_consistency_needs_readable_files(project: Path, file: str, content: str, words: str) -> None:
    (project / file).write_text(content)
    with pytest.raises(FaqError, match=f"(?s){words}"):
        read_parts(project)
