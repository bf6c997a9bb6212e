"""Every operation, asked by every kind of actor in every phase, answers as `expected.csv` says."""

from __future__ import annotations

import random
from typing import Any

import pytest
from asking import ACTORS, KINDS_OF_IDS, Asking, Worlds, the_matrix, without_names
from expectations import FILE, BadFileError, Cell
from played_rounds import PHASES
from sqlalchemy import select

from jupyter_social.core import tables
from jupyter_social.operations import OPERATIONS

MATRIX = the_matrix()
ON_POSTGRESQL = ("instructor", "author", "paused")
TEXT = FILE.read_text(encoding="utf-8")


def everything(worlds: Worlds, phase: str) -> dict[str, list[str]]:
    """All rows of a world's database."""

    def rows(tx: Any) -> dict[str, list[str]]:
        return {
            table.name: sorted(map(str, tx.execute(select(table))))
            for table in tables.metadata.sorted_tables
        }

    return worlds[phase].world.here.app.database.read(rows)


def wrong_answers(asking: Asking, cells: list[Cell]) -> dict[tuple[str, ...], str]:
    return {
        tuple(cell): f"{MATRIX[cell]!r} expected, {got!r} found"
        for cell in cells
        if (got := asking.answer(cell)) != MATRIX[cell]
    }


@pytest.mark.parametrize("phase", PHASES)
def test_every_cell_is_as_it_is_written_down(sqlite_worlds: Worlds, phase: str) -> None:
    before = everything(sqlite_worlds, phase)
    cells = [cell for cell in MATRIX if cell.phase == phase]
    assert wrong_answers(sqlite_worlds[phase], cells) == {}
    assert everything(sqlite_worlds, phase) == before, "to ask changes nothing"


@pytest.mark.parametrize("phase", PHASES)
def test_postgresql_answers_alike(postgresql_worlds: Worlds, phase: str) -> None:
    """What some actors are told, and of what is hidden a part."""
    cells = [cell for cell in sorted(MATRIX) if cell.phase == phase]
    plain = [cell for cell in cells if MATRIX[cell] == "hidden"]
    told = [cell for cell in cells if MATRIX[cell] != "hidden" and cell.actor in ON_POSTGRESQL]
    part = random.Random(phase).sample(plain, len(plain) // 10)
    assert wrong_answers(postgresql_worlds[phase], told + part) == {}


@pytest.mark.parametrize("phase", ["submission", "review", "released"])
def test_what_is_not_ones_own_is_answered_like_what_does_not_exist(
    sqlite_worlds: Worlds, phase: str
) -> None:
    asking = sqlite_worlds[phase]
    different = {}
    for cell in MATRIX:
        if cell.phase != phase or cell.ids == "own":
            continue
        names = asking.names(cell)
        found = without_names(asking.told(cell), names)
        made_up = without_names(asking.told(cell, made_up=True), names)
        if found is None or found != made_up:
            different[tuple(cell)] = (found, made_up)
    assert different == {}


@pytest.mark.parametrize("phase", PHASES)
def test_what_is_hidden_from_others_is_there(
    sqlite_worlds: Worlds, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the other course, too, the same ids are answered to who may ask for them."""
    asking = sqlite_worlds[phase]
    monkeypatch.setattr("jupyter_social.app.refuse_while_paused", lambda *_: None)
    wrong = {
        cell.operation: (MATRIX[cell], got)
        for cell in MATRIX
        if (cell.actor, cell.ids, cell.phase) == ("author", "own", phase)
        and (got := asking.answer(cell._replace(actor="paused"))) != MATRIX[cell]
    }
    assert wrong == {}


def test_every_operation_succeeds_for_somebody_in_some_phase() -> None:
    done = {cell.operation for cell, answer in MATRIX.items() if answer == "yes"}
    assert done == {operation.name for operation in OPERATIONS}


def test_no_cell_with_ids_of_others_is_ever_a_success() -> None:
    assert {a for cell, a in MATRIX.items() if cell.ids != "own"}.isdisjoint({"yes"})


def test_who_is_not_in_the_course_is_told_one_and_the_same() -> None:
    strangers = {"dropped", "nobody", "other-student", "other-instructor"}
    assert {answer for cell, answer in MATRIX.items() if cell.actor in strangers} == {"hidden"}


def test_a_student_gets_the_uniform_answer_from_whatever_is_for_staff() -> None:
    for_staff = {op.name for op in OPERATIONS if op.name not in for_students()}
    students = {"author", "for-author", "mate", "previewed", "never", "paused"}
    told = {a for c, a in MATRIX.items() if c.operation in for_staff and c.actor in students}
    assert told == {"hidden"}


def test_staff_get_the_uniform_answer_from_whatever_is_for_students() -> None:
    staff = {"operator", "instructor", "assistant", "promoted", "promoted-lead"}
    told = {a for c, a in MATRIX.items() if c.operation in for_students() and c.actor in staff}
    assert told == {"hidden"}


def for_students() -> set[str]:
    """By hand: what one asks about oneself."""
    mine = {"submissions.preview", "submissions.preview-notebook", "submissions.preview-page"}
    mine |= {f"submissions.{name}" for name in ("hand-in", "mine", "my-notebook", "my-page")}
    mine |= {"submissions.withdraw-mine", "rounds.mine"}
    reviews = ("mine", "read", "notebook", "page", "save", "submit", "take-back")
    feedback = ("mine", "open", "rate", "report")
    return mine | {f"reviews.{n}" for n in reviews} | {f"feedback.{n}" for n in feedback}


def test_the_matrix_is_as_large_as_its_product() -> None:
    questions = sum(len(kinds) for kinds in KINDS_OF_IDS.values())
    assert len(MATRIX) == questions * len(ACTORS) * len(PHASES)
    assert len(ACTORS) >= 14


LINE = "roster.list, own, staff, yes\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (TEXT.replace("roster.list, own, *, hidden\n", ""), "cells are missing"),
        (TEXT.replace("rounds.mine, own, *, hidden\n", ""), "cells are missing"),
        (TEXT + "roster.burn, own, *, hidden\n", "not in the product"),
        (TEXT + "roster.list, elsewhere, *, hidden\n", "not in the product"),
        (TEXT + "roster.list, own, visitor, hidden\n", "not in the product"),
        (TEXT + "roster.list, own, operator, yes\n", "Told twice"),
        (TEXT.replace(LINE, "roster.list, own, staff, perhaps\n"), "No answer: 'perhaps'"),
        (TEXT.replace(LINE, "roster.list, own, staff, yes, yes\n"), "one for each phase"),
        (TEXT.replace("taken-back,closed", "closed,taken-back"), "columns are not the phases"),
    ],
)
def test_a_file_that_is_not_exact_is_refused(text: str, complaint: str) -> None:
    assert text != TEXT
    with pytest.raises(BadFileError, match=complaint):
        the_matrix(text)


def test_a_new_operation_needs_lines() -> None:
    with pytest.raises(BadFileError, match="cells are missing"):
        the_matrix("".join(line for line in TEXT.splitlines(keepends=True) if "audit" not in line))
