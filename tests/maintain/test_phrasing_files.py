"""Writing phrasings: whole or not at all, several writers at once, and hand edits meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from faq.errors import PhrasingError
from faq.phrasings import read_phrasings
from maintain.phrasing_files import PhrasingFiles, Writer
from maintain.phrasing_text import Phrase
from maintain.settings import ROOT
from tests.maintain.review.project import FILES, contents, make_project

WRITER = """
import sys
from pathlib import Path
from maintain.phrasing_files import PhrasingFiles
from maintain.phrasing_text import Phrase
for number in range(15):
    with PhrasingFiles(Path(sys.argv[1])).alone() as writer:
        texts = {"heat": f"writer {sys.argv[2]} number {number}", "time": f"{sys.argv[2]}-{number}"}
        writer.add([Phrase(text, (intent,)) for intent, text in texts.items()])
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_project(tmp_path)


@pytest.fixture
def files(root: Path) -> PhrasingFiles:
    return PhrasingFiles(root / "data" / "nlu")


def test_phrasing_files_add_and_remove_exactly_that(root: Path, files: PhrasingFiles) -> None:
    phrase = Phrase("does it boil", ("heat",))
    with files.alone() as writer:
        (change,) = writer.add([phrase])
        assert contents(root) == {**FILES, "heat.yml": FILES["heat.yml"] + "    - does it boil\n"}
        assert change.diff.splitlines()[:3] == [
            "diff --git a/data/nlu/heat.yml b/data/nlu/heat.yml",
            "--- a/data/nlu/heat.yml",
            "+++ b/data/nlu/heat.yml",
        ]
        assert "+    - does it boil" in change.diff.splitlines()
        writer.remove([phrase])
    assert contents(root) == FILES


def test_phrasing_files_make_and_delete_a_new_topics_file(root: Path, files: PhrasingFiles) -> None:
    phrase = Phrase("is it salty", ("salt",))
    with files.alone() as writer:
        (change,) = writer.add([phrase])
        assert "--- /dev/null" in change.diff
        assert ("is it salty", ("salt",)) in [(each.text, each.intents) for each in read_phrasings(files.folder)]
        writer.remove([phrase])
    assert contents(root) == FILES


def test_phrasing_files_keep_mode_and_links(tmp_path: Path, files: PhrasingFiles) -> None:
    path = files.folder / "heat.yml"
    elsewhere = tmp_path / "elsewhere.yml"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    elsewhere.chmod(0o640)
    with files.alone() as writer:
        writer.add([Phrase("does it boil", ("heat",))])
    assert path.is_symlink()
    assert elsewhere.stat().st_mode & 0o777 == 0o640
    assert "does it boil" in elsewhere.read_text(encoding="utf-8")


def test_phrasing_files_writers_in_processes_lose_nothing(root: Path, files: PhrasingFiles) -> None:
    command = [sys.executable, "-c", WRITER, str(files.folder)]
    running = [subprocess.Popen([*command, str(number)], cwd=ROOT) for number in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    texts = [phrasing.text for phrasing in read_phrasings(files.folder)]
    assert (
        len(texts) == len(set(texts)) == sum(3 if n == "heat.yml" else 2 if n == "time.yml" else 1 for n in FILES) + 90
    )
    assert set(contents(root)) == set(FILES), "no scratch files are left"


class EditedMeanwhile(Writer):
    """Somebody saves the file after it was read and before it is replaced."""

    edits = 1

    def _work_out(self, *arguments):  # type: ignore[no-untyped-def]
        change = super()._work_out(*arguments)
        if self.edits:
            self.edits -= 1
            path = self.folder / change.file
            path.write_text(path.read_text(encoding="utf-8") + f"    - by hand {self.edits}\n", encoding="utf-8")
        return change


def test_phrasing_files_a_hand_edit_meanwhile_is_kept(root: Path, files: PhrasingFiles) -> None:
    EditedMeanwhile(files.folder).add([Phrase("does it boil", ("heat",)), Phrase("soon?", ("time",))])
    assert contents(root)["heat.yml"] == FILES["heat.yml"] + "    - by hand 0\n    - does it boil\n"
    assert contents(root)["time.yml"] == FILES["time.yml"] + "    - soon?\n"


def test_phrasing_files_give_up_on_a_file_that_keeps_changing(root: Path, files: PhrasingFiles) -> None:
    writer = EditedMeanwhile(files.folder)
    writer.edits = 1000
    with pytest.raises(PhrasingError, match="PHR05"):
        writer.add([Phrase("does it boil", ("heat",)), Phrase("soon?", ("time",))])
    assert "does it boil" not in contents(root)["heat.yml"]


def test_phrasing_files_are_all_changed_or_none(root: Path, files: PhrasingFiles) -> None:
    (files.folder / "time.yml").write_text("nlu: [", encoding="utf-8")
    before = contents(root)
    with files.alone() as writer, pytest.raises(PhrasingError, match="PHR01"):
        writer.add([Phrase("does it boil", ("heat",)), Phrase("soon?", ("time",))])
    assert contents(root) == before


def test_phrasing_files_that_cannot_be_replaced_leave_the_others_as_they_were(
    root: Path, files: PhrasingFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if "time" in self.name:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with files.alone() as writer, pytest.raises(PhrasingError, match="PHR06"):
        writer.add([Phrase("does it boil", ("heat",)), Phrase("soon?", ("time",))])
    assert contents(root) == FILES


def test_phrasing_files_refuse_a_form_that_they_do_not_know(root: Path, files: PhrasingFiles) -> None:
    folded = 'version: "3.1"\nnlu:\n- intent: heat\n  examples: ">folded"\n'
    (files.folder / "heat.yml").write_text(folded, encoding="utf-8")
    with files.alone() as writer:
        writer.add([Phrase("does it boil", ("heat",))])
    assert contents(root)["heat.yml"] == folded + "- intent: heat\n  examples: |\n    - does it boil\n"
