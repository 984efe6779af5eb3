"""What was decided: kept without text, forgotten with the conversation, undone exactly."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from faq.errors import PhrasingError
from maintain.review.decisions import IGNORED, LABELLED, Decision, Decisions
from maintain.review.desk import Desk
from maintain.review.labels import Label, Refused
from tests.maintain.review.project import FILES, contents

MESSAGE = [("c1", "m1")]


def test_decisions_are_kept_once(decisions: Decisions) -> None:
    first = Decision("d1", LABELLED, ("heat", "time"), "two_questions.yml", "0" * 64, 5.0)
    assert decisions.keep(first, [("c1", "m1"), ("c2", "m1")]) == 2
    assert decisions.keep(Decision("d2", IGNORED), [("c1", "m1"), ("c3", "m1"), ("c3", "m1")]) == 1
    assert decisions.get("d1") == first
    assert decisions.decided() == {("c1", "m1"), ("c2", "m1"), ("c3", "m1")}
    assert decisions.drop("d1") == 2
    assert decisions.get("d1") is None
    assert decisions.decided() == {("c3", "m1")}


def test_decisions_are_readable_by_their_owner_only(tmp_path: Path, decisions: Decisions) -> None:
    assert (tmp_path / "talk.review.db").stat().st_mode & 0o077 == 0


def test_decisions_hold_no_text_and_go_with_the_conversation(tmp_path: Path, desk: Desk) -> None:
    desk.labels.take(Label("secret words of a reader", ("heat",)), MESSAGE, desk.known)
    stored = (tmp_path / "talk.review.db").read_bytes()
    assert b"secret" not in stored
    assert b"m1" in stored
    desk.decisions.forget(lambda known: known - {"c1"})
    assert desk.decisions.decided() == set()


def test_decisions_of_two_people_at_once_are_one(desk: Desk) -> None:
    said: list[str] = []

    def decide(number: int) -> None:
        try:
            desk.labels.take(Label(f"person {number} says this", ("heat",)), MESSAGE, desk.known)
            said.append("done")
        except Refused as refused:
            said.append(refused.findings[0].kind)

    threads = [threading.Thread(target=decide, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["decided", "decided", "decided", "done"]
    assert contents(desk.root)["heat.yml"].count("says this") == 1


def test_decisions_undo_takes_out_exactly_its_phrase_among_later_edits(desk: Desk) -> None:
    done = desk.labels.take(Label("does it boil", ("heat",)), MESSAGE, desk.known)
    path = desk.root / "data" / "nlu" / "heat.yml"
    path.write_text(path.read_text(encoding="utf-8") + "    - by hand\n", encoding="utf-8")
    assert desk.labels.undo(done.decision.id) is not None
    assert contents(desk.root) == {**FILES, "heat.yml": FILES["heat.yml"] + "    - by hand\n"}
    assert desk.labels.undo(done.decision.id) is None


def test_decisions_undo_after_somebody_took_the_phrase_out_changes_no_file(desk: Desk) -> None:
    done = desk.labels.take(Label("does it boil", ("heat",)), MESSAGE, desk.known)
    (desk.root / "data" / "nlu" / "heat.yml").write_text(FILES["heat.yml"], encoding="utf-8")
    undone = desk.labels.undo(done.decision.id)
    assert undone is not None
    assert undone.changes == ()
    assert contents(desk.root) == FILES
    assert desk.decisions.decided() == set()


def test_decisions_that_cannot_be_written_are_not_kept(desk: Desk) -> None:
    (desk.root / "data" / "nlu" / "heat.yml").write_text("nlu: {", encoding="utf-8")
    with pytest.raises(PhrasingError):
        desk.labels.take(Label("does it boil", ("heat",)), MESSAGE, desk.known)
    assert desk.decisions.decided() == set()
