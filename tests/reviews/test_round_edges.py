"""Corners of a round in which something went wrong once; the workflow machine goes there, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import student, teacher
from invariants import check_all
from sqlalchemy import select
from workflow import CLOSES, DUE, OPENS, REVIEW_DUE, TICK, Play

from jupyter_social.core.errors import Problem
from jupyter_social.core.people import DEADLINE, Identity, Role, RosterEntry
from jupyter_social.core.phases import Phase
from jupyter_social.core.tables import metadata
from jupyter_social.reviews import store
from jupyter_social.reviews.rounds.deadlines import due_switches


@pytest.fixture
def play(tmp_path: Path, database_url: str) -> Iterator[Play]:
    """A course in which everybody has handed in and reviewers are assigned."""
    play = Play(tmp_path / "course", database_url)
    play.checks = False
    play.go_to(OPENS)
    play.advance()
    for who in play.students:
        for name in play.rounds:
            play.preview(who, name, f"by {play.owner(name, who)}")
            play.hand_in(who, name)
    play.go_to(DUE)
    play.advance()
    play.checks = True
    yield play
    check_all(play.app)
    play.close()


def submit_all(play: Play, name: str, *students: str) -> None:
    for who in students or play.students:
        for review in play.tasks_of(name, who):
            play.write(who, name, review, play.body(name, 1), submit=True)


def replace_tasks(play: Play, pairs: list[tuple[str, str]]) -> None:
    """What a repair does with the tasks of ps1 when it comes to these pairs, by unit."""
    play.app.database.write(
        lambda tx: store.replace_open_tasks(
            tx, play.app.course, "ps1", run=1, pairs=pairs, random=play.app.random
        )
    )


def tasks(play: Play) -> dict[tuple[str, str], str]:
    """The id of each task of ps1 by (reviewer, author)."""
    found = play.app.database.read(lambda tx: store.tasks(tx, play.app.course, "ps1"))
    return {task.pair: task.id for task in found}


def test_a_task_that_comes_back_to_its_reviewer_has_the_id_it_had(play: Play) -> None:
    before = tasks(play)
    replace_tasks(play, sorted(before)[1:])
    replace_tasks(play, sorted(before))
    assert tasks(play) == before
    query = select(metadata.tables["given_away_task"])
    assert play.app.database.read(lambda tx: tx.execute(query).all()) == []


def test_a_deadline_does_not_release_what_staff_have_taken_back(play: Play) -> None:
    submit_all(play, "team")
    play.go_to(REVIEW_DUE)
    play.advance()
    assert play.rounds["team"].phase is Phase.RELEASED
    play.take_back_release("team")
    play.advance()
    assert play.rounds["team"].phase is Phase.REVIEW
    play.release("team")


def test_asking_for_due_deadlines_writes_nothing(play: Play) -> None:
    play.go_to(REVIEW_DUE - TICK)
    submit_all(play, "team")
    play.go_to(REVIEW_DUE)
    before = play.everything()
    with play.app.database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")
        else:
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        due = due_switches(play.app._act(connection, DEADLINE))
        connection.rollback()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = OFF")
    assert [(assignment.name, phase) for assignment, phase in due] == [("team", Phase.RELEASED)]
    assert play.everything() == before


def test_a_closed_round_is_not_opened_again_after_its_date(play: Play) -> None:
    submit_all(play, "ps1")
    play.release("ps1")
    play.go_to(CLOSES)
    play.advance()
    answer = play.do("teacher", "rounds.switch", assignment="ps1", phase="released")
    assert isinstance(answer, Problem)
    assert "closes" in answer.detail


def test_who_only_looked_at_a_preview_opens_no_feedback(play: Play) -> None:
    play.staff_withdraws("ps1", "student000")
    submit_all(play, "ps1", *play.students[1:])
    play.release("ps1")
    play.open("student000", "ps1")
    play.open("student001", "ps1")
    shown = play.do("teacher", "feedback.release", assignment="ps1")
    assert (shown.works, shown.opened) == (5, 1)
    play.open("student002", "ps1")
    play.staff_withdraws("ps1", "student002")
    shown = play.do("teacher", "feedback.release", assignment="ps1")
    assert (shown.works, shown.opened) == (4, 1)


@pytest.mark.parametrize("staff", [True, False])
def test_hand_ins_stay_closed_once_any_review_has_begun(
    tmp_path: Path, database_url: str, staff: bool
) -> None:
    play = Play(tmp_path / "course", database_url)
    play.switch("ps1", Phase.SUBMISSION)
    for who in play.students:
        play.preview(who, "ps1", who)
        play.hand_in(who, "ps1")
    play.switch("ps1", Phase.REVIEW)
    if staff:
        play.staff_review("ps1", "student000", play.body("ps1"))
    else:
        (first, *_), others = sorted(tasks(play)), sorted(tasks(play))[1:]
        review = tasks(play)[first]
        who = play.owners("ps1")[first[0]]
        replace_tasks(play, others)
        play.checks = False
        play.write(who, "ps1", review, play.body("ps1"), submit=True)
    play.switch("ps1", Phase.SUBMISSION)
    assert play.rounds["ps1"].phase is Phase.REVIEW
    play.close()


def test_who_takes_over_a_user_name_does_not_take_over_the_marks(play: Play) -> None:
    submit_all(play, "ps1")
    stranger = Identity("student000", "Somebody Else", "else@uni.test")
    others = [student(number) for number in range(1, 6)]
    staff = RosterEntry(teacher(), Role.INSTRUCTOR)
    play.room.replace_roster([*others, staff])
    play.room.replace_roster([RosterEntry(stranger, Role.STUDENT), *others, staff])
    rows = play.do("teacher", "marks.export", assignment="ps1").rows
    (row,) = [row for row in rows if row.username == "student000"]
    assert (row.handed_in, row.mark) == (False, None)
    assert all(row.handed_in for row in rows if row.username != "student000")


def test_an_override_of_a_rubric_that_brings_less_now_is_its_most(play: Play) -> None:
    submit_all(play, "ps1")
    play.override("ps1", "student000", {"clear": 4})
    play.write_rubric(most=3)
    play.compare_marks("ps1")
    (work,) = [
        row
        for row in play.do("teacher", "marks.list", assignment="ps1").marks
        if row.work == play.unit("ps1", "student000")
    ]
    assert work.criteria["clear"] == 3
    play.write_rubric(most=4)


def test_a_new_staff_review_is_of_the_work_that_stands(play: Play) -> None:
    play.staff_review("ps1", "student000", play.body("ps1", 0))
    play.staff_receives("ps1", "student000", "another version")
    unit = play.unit("ps1", "student000")
    fields = {"assignment": "ps1", "work": unit, "notebook": "work.ipynb"}
    shown = play.do("helper", "marks.work-notebook", **fields)
    cell = json.loads(shown.content)["cells"][0]["id"]
    comment = {"notebook": "work.ipynb", "cell": cell, "text": "here"}
    body = play.body("ps1", 1) | {"comments": [comment]}
    answer = play.do("helper", "marks.review", assignment="ps1", work=unit, body=body)
    assert not isinstance(answer, Problem)
    check_all(play.app)
