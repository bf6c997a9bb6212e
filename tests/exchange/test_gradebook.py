"""Marks in nbgrader's gradebook: scaled, rounded once, and never over what others scored."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook

from jupyter_social.core.errors import Conflict, NotFound, Unavailable
from jupyter_social.exchange.gradebook import (
    Outcome,
    Part,
    Points,
    Written,
    gradebook_url,
    scaled,
    write_marks,
)

CLEAR = Part("clear", 4, "part-a")
STYLE = Part("style", 2, "part-a")
WHOLE = Part("whole", 3, "task-1")


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A gradebook with two students who handed in, and one who did not."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    found = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(found) as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("one", "ps1")
        where = ("one", "ps1")
        gradebook.add_grade_cell("part-a", *where, max_score=3, cell_type="markdown")
        gradebook.add_solution_cell("part-a", *where)
        gradebook.add_grade_cell("program", *where, max_score=2, cell_type="code")
        gradebook.add_solution_cell("program", *where)
        gradebook.add_grade_cell("tests", *where, max_score=5, cell_type="code")
        gradebook.add_task_cell("task-1", *where, max_score=10, cell_type="markdown")
        for name in ("ada", "bob", "cyd"):
            gradebook.add_student(name)
        for name in ("ada", "bob"):
            gradebook.add_submission("ps1", name)
            gradebook.find_grade("tests", "one", "ps1", name).auto_score = 5
        gradebook.db.commit()
    return found


def ada(**points: float | None) -> list[Points]:
    return [Points("ada", points)]


def write(url: str, parts: list[Part], people: list[Points], *, dry_run: bool = False) -> Written:
    return write_marks(url, "ps1", parts, people, dry_run=dry_run)


def cell(url: str, name: str, who: str = "ada") -> tuple[Any, ...]:
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade(name, "one", "ps1", who)
        comment = gradebook.find_comment(name, "one", "ps1", who)
        return grade.manual_score, grade.needs_manual_grade, comment.manual_comment


def everything(url: str) -> list[tuple[Any, ...]]:
    with Gradebook(url) as gradebook:
        return [
            (grade.id, grade.manual_score, grade.auto_score, grade.needs_manual_grade)
            for submission in gradebook.assignment_submissions("ps1")
            for notebook in submission.notebooks
            for grade in notebook.grades
        ]


def test_a_mark_is_scaled_to_the_cell_and_says_where_it_comes_from(url: str) -> None:
    done = write(url, [CLEAR], ada(clear=3))
    assert (done.notes, done.problems) == ([], [])
    assert done.scores[0].outcome is Outcome.WRITTEN
    assert cell(url, "part-a") == (2.25, False, "Peer review: 2.25 of 3 points (clear 3 of 4).")
    assert cell(url, "part-a", "bob") == (None, True, None)


def test_several_criteria_of_one_cell_are_summed_before_they_are_scaled(url: str) -> None:
    write(url, [CLEAR, STYLE], ada(clear=3, style=1.5))
    score, _, comment = cell(url, "part-a")
    assert score == 2.25
    assert comment == "Peer review: 2.25 of 3 points (clear 3 of 4, style 1.5 of 2)."


def test_a_code_cell_graded_by_hand_and_a_task_take_marks(url: str) -> None:
    write(url, [Part("code", 4, "program"), WHOLE], ada(code=1, whole=2))
    assert cell(url, "program")[0] == 0.5
    assert cell(url, "task-1")[0] == 6.67


def test_an_autograded_score_is_never_touched(url: str) -> None:
    before = everything(url)
    done = write(url, [Part("clear", 4, "tests")], ada(clear=1))
    assert done.scores == []
    assert "tests is graded by the autograder" in done.notes[0]
    assert everything(url) == before


def test_writing_twice_changes_nothing_and_a_change_is_brought_up_to_date(url: str) -> None:
    write(url, [CLEAR], ada(clear=3))
    before = everything(url)
    again = write(url, [CLEAR], ada(clear=3))
    assert [score.outcome for score in again.scores] == [Outcome.UNCHANGED]
    assert everything(url) == before
    changed = write(url, [CLEAR], ada(clear=4))
    assert (changed.scores[0].before, changed.scores[0].after) == (2.25, 3)
    assert cell(url, "part-a") == (3, False, "Peer review: 3 of 3 points (clear 4 of 4).")


def test_after_the_autograder_asks_again_the_score_counts_as_graded(url: str) -> None:
    write(url, [CLEAR], ada(clear=3))
    with Gradebook(url) as gradebook:
        gradebook.find_grade("part-a", "one", "ps1", "ada").needs_manual_grade = True
        gradebook.db.commit()
    assert write(url, [CLEAR], ada(clear=3)).scores[0].outcome is Outcome.WRITTEN
    assert cell(url, "part-a")[:2] == (2.25, False)


def test_what_a_person_scored_stays(url: str) -> None:
    with Gradebook(url) as gradebook:
        gradebook.find_grade("part-a", "one", "ps1", "ada").manual_score = 1
        gradebook.db.commit()
    done = write(url, [CLEAR], ada(clear=4))
    assert done.scores[0].outcome is Outcome.BY_HAND
    assert "somebody gave 1 in the gradebook; that stays" in done.notes[0]
    assert cell(url, "part-a")[0] == 1


def test_what_a_person_changed_after_us_stays(url: str) -> None:
    write(url, [CLEAR], ada(clear=3))
    with Gradebook(url) as gradebook:
        gradebook.find_grade("part-a", "one", "ps1", "ada").manual_score = 2
        gradebook.db.commit()
    assert write(url, [CLEAR], ada(clear=4)).scores[0].outcome is Outcome.BY_HAND
    assert cell(url, "part-a")[0] == 2


def test_a_teachers_comment_stays_above_ours(url: str) -> None:
    with Gradebook(url) as gradebook:
        gradebook.find_comment("part-a", "one", "ps1", "ada").manual_comment = "See me."
        gradebook.db.commit()
    for points in (3, 4):
        write(url, [CLEAR], ada(clear=points))
    assert cell(url, "part-a")[2] == "See me.\n\nPeer review: 3 of 3 points (clear 4 of 4)."


def test_a_mark_that_is_no_more_is_taken_out_again(url: str) -> None:
    write(url, [CLEAR], ada(clear=3))
    write(url, [CLEAR, STYLE], ada(clear=3, style=None))
    assert cell(url, "part-a") == (None, True, None)


def test_half_a_mark_is_not_written(url: str) -> None:
    done = write(url, [CLEAR, STYLE], ada(clear=3, style=None))
    assert done.scores[0].outcome is Outcome.NO_MARK
    assert cell(url, "part-a")[0] is None


def test_what_the_gradebook_does_not_know_is_told_and_the_rest_is_done(url: str) -> None:
    people = [*ada(clear=3), Points("cyd", {"clear": 2}), Points("zoe", {"clear": 2})]
    parts = [CLEAR, Part("lost", 2, "gone"), Part("about all", 2, None)]
    done = write(url, parts, people)
    assert done.problems == [
        "The gradebook has no graded cell 'gone': lost is not written.",
        "The gradebook has no submission one.ipynb of cyd. First: nbgrader autograde ps1",
        "The gradebook does not know the student zoe.",
    ]
    assert "about all goes nowhere: in rubric.toml say gradebook =" in done.notes[0]
    assert cell(url, "part-a")[0] == 2.25


def test_who_has_not_handed_in_is_passed_over(url: str) -> None:
    done = write(url, [CLEAR], [Points("zoe", {"clear": None})])
    assert (done.scores, done.problems) == ([], [])


def test_a_rehearsal_writes_nothing(url: str) -> None:
    before = everything(url)
    done = write(url, [CLEAR], ada(clear=3), dry_run=True)
    assert done.scores[0].after == 2.25
    assert everything(url) == before


def test_an_unknown_assignment_and_a_missing_gradebook_are_refused(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(Conflict, match="has no assignment 'ps2'"):
        write_marks(url, "ps2", [CLEAR], ada(clear=1), dry_run=False)
    with pytest.raises(NotFound, match=r"There is no gradebook\.db"):
        gradebook_url(tmp_path / "elsewhere")
    (tmp_path / "gradebook.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(Unavailable, match="cannot be used"):
        write(url, [CLEAR], ada(clear=1))


@pytest.mark.parametrize(
    ("points", "most", "cell_most", "wanted"),
    [
        (2.5, 4, 1, 0.62),  # .625 goes to the even one
        (1.5, 4, 1, 0.38),  # .375 as well
        (10 / 3, 4, 3, 2.5),
        (0.005, 1, 1, 0.0),
        (0.015, 1, 1, 0.02),
        (4, 4, 0, 0),
    ],
)
def test_scores_are_rounded_once_half_to_even(
    points: float, most: float, cell_most: float, wanted: float
) -> None:
    assert scaled([Part("a", most, "x")], {"a": points}, cell_most) == wanted
