"""The quick reader gives what Rasa's gives, and what is not well formed is named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.loading import load_data

from maintain.settings import ROOT
from maintain.training import ProjectImporter, read_nlu

pytestmark = [
    pytest.mark.filterwarnings("ignore:the load_module:DeprecationWarning"),  # pykwalify, in Rasa's reader
    pytest.mark.filterwarnings("ignore:Slot auto-fill has been removed"),  # about any domain with slots
]

ANY = """version: "3.1"
nlu:
- intent: heat
  examples: |
    - how hot is [tea](drink)
    - no
    - [oolong]{"entity": "drink", "value": "tea"} is it hot: yes?
- intent: time
  examples:
  - text: |
      how long,  how hot
    metadata:
      also: heat
  - text: on
- synonym: tea
  examples: |
    - cuppa
- regex: number
  examples: |
    - \\d+
- lookup: pot
  examples: |
    - kettle
"""
RESPONSES = """version: "3.1"
nlu:
- intent: faq/heat
  examples: |
    - how hot
responses:
  utter_faq/heat:
  - text: very
"""


@pytest.mark.parametrize("content", [ANY, RESPONSES], ids=["any", "responses"])
def test_training_reads_a_file_as_rasa_does(content: str, tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    path.write_text(content, encoding="utf-8")
    quick, rasas = read_nlu(path), load_data(str(path))
    assert [each.data for each in quick.training_examples] == [each.data for each in rasas.training_examples]
    assert quick.fingerprint() == rasas.fingerprint()


def test_training_reads_the_project_as_rasa_does() -> None:
    files = str(ROOT / "config.yml"), str(ROOT / "domain.yml"), [str(ROOT / "data")]
    quick, rasas = ProjectImporter(*files), RasaFileImporter(*files)
    assert [each.data for each in quick.get_nlu_data().training_examples] == [
        each.data for each in rasas.get_nlu_data().training_examples
    ]
    assert quick.get_domain().as_dict() == rasas.get_domain().as_dict()
    assert quick.get_nlu_data() is quick.get_nlu_data()


def test_training_names_the_file_that_is_not_well_formed(tmp_path: Path) -> None:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    (tmp_path / "data" / "nlu" / "heat.yml").write_text("nlu:\n- intent: heat\n", encoding="utf-8")
    command = [sys.executable, "-m", "maintain.quiet", "maintain.training", "--out", ".", "--fixed-model-name", "a"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("[PHR02] heat.yml")
