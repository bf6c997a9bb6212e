"""What no cell of the matrix can see: answers that are allowed and would tell or do too much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from played_rounds import PlayedCourse, a_played_course, full_review

from jupyter_social.core.errors import Conflict
from jupyter_social.core.people import Identity

Play = Callable[[str], PlayedCourse]


@pytest.fixture
def play(tmp_path: Path, database_url: str) -> Iterator[Play]:
    played: list[PlayedCourse] = []

    def a_course(phase: str) -> PlayedCourse:
        played.append(a_played_course(tmp_path / "played", database_url, phase))
        return played[-1]

    yield a_course
    for course in played:
        course.room.close()


def opened_in_planner(course: PlayedCourse) -> int | None:
    tasks = course.do("teacher", "rounds.show", assignment="ps1").tasks
    return next(task.count for task in tasks if task.what == "Authors who have opened it")


def test_who_has_no_work_cannot_keep_a_release_from_being_taken_back(play: Play) -> None:
    course = play("released")
    before = opened_in_planner(course)
    opened = course.do("looker", "feedback.open", assignment="ps1")
    taken = course.do("teacher", "feedback.take-back", assignment="ps1", reason="a slip")
    assert opened.state.value == "not yet", "there is nothing to open"
    assert taken.opened == before == 4


def test_a_new_person_with_an_old_user_name_does_not_get_the_old_ones_mark(play: Play) -> None:
    course = play("released")
    people = course.room.people
    old = next(p for p in course.roster() if p.identity.username == "leaver")
    stranger = replace(old, identity=Identity("leaver", "Somebody Else", "else@uni.test"))
    course.room.replace_roster([*people, stranger])
    rows = course.do("teacher", "marks.export", assignment="ps1").rows
    row = next(row for row in rows if row.username == "leaver")
    assert (row.handed_in, row.mark, row.reviews) == (False, None, 0)
    author = next(row for row in rows if row.username == "author")
    assert author.handed_in


def test_the_audit_log_does_not_tell_whose_a_pseudonym_is(play: Play) -> None:
    """A hand-in that its author takes back stands in the list of hand-ins with a name."""
    course = play("submission")
    units = [row.work for row in course.do("teacher", "marks.list", assignment="ps1").marks]
    course.do("author", "submissions.withdraw-mine", assignment="ps1")
    rows = course.do("teacher", "submissions.list", assignment="ps1").submissions
    assert [row.owner for row in rows if row.state.value == "withdrawn"] == ["author"]
    log = course.do("teacher", "audit.read").model_dump_json()
    assert len(units) == 9
    assert not [unit for unit in units if unit in log]


@pytest.mark.parametrize("who", ["riser", "chief"])
def test_nobody_marks_their_own_work(play: Play, who: str) -> None:
    course = play("review")
    own = {"assignment": "ps1", "work": course.ids_of(who, "ps1").work}
    with pytest.raises(Conflict, match="your own work"):
        course.do(who, "marks.review", **own, body=full_review("ps1"))
    if who == "chief":
        with pytest.raises(Conflict, match="your own work"):
            course.do(who, "marks.override", **own, points={"clear": 4}, reason="I like it")
    others = {"assignment": "ps1", "work": course.ids_of("author", "ps1").work}
    assert course.do(who, "marks.review", **others, body=full_review("ps1")).reviews
