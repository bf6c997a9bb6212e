"""How long staff wait for the lists of a class of 500, against nbgrader's formgrader list of it.

Our lists are `submissions.list` and `marks.list`, as the operation makes them and as JSON; the peer
is `NbGraderAPI.get_submissions`, which formgrader's page of submissions asks, on a gradebook with
the same people, hand-ins and scores. In turns, in one process; medians. Also counts the statements
that each of our lists sends to the database. Exit 1 if a floor is missed.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from builders import Classroom
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from sqlalchemy import Connection, event
from traitlets.config import Config

from jupyter_social.core.course import Assignment
from jupyter_social.core.operations import Operation
from jupyter_social.exchange.operations import LIST as SUBMISSIONS
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.desk.rules import EntryKind, ReviewText
from jupyter_social.reviews.marks.operations import LIST as MARKS
from jupyter_social.reviews.store import TaskState, set_state, tasks

SIZE, REVIEWS, ROUNDS = 500, 3, 7
MOST_STATEMENTS = 6
LIMITS = {SUBMISSIONS.name: 0.15, MARKS.name: 0.5}


def main() -> int:
    logging.disable(logging.WARNING)
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        room = a_reviewed_class(Path(folder))
        peer = formgrader(Path(folder) / "nbgrader", room.students)
        for operation in (SUBMISSIONS, MARKS):
            mine, theirs = medians(lambda op=operation: listed(room, op), peer)
            sent = statements(room, operation)
            limit = LIMITS[operation.name]
            missed = missed or mine / theirs > limit or sent > MOST_STATEMENTS
            print(
                f"{operation.name} of {SIZE}: {mine * 1e3:.1f} ms, {sent} statements (at most "
                f"{MOST_STATEMENTS}); formgrader {theirs * 1e3:.0f} ms; ratio "
                f"{mine / theirs:.3f} (limit {limit})"
            )
        room.close()
    return int(missed)


def listed(room: Classroom, operation: Operation[Any, Any]) -> str:
    answer = room.app.perform(operation, operation.body(assignment="ps1"))
    return str(answer.model_dump_json(by_alias=True))


def medians(one: Callable[[], object], other: Callable[[], object]) -> tuple[float, float]:
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(ROUNDS + 1):
        for kept, work in zip(times, (one, other), strict=True):
            start = time.perf_counter()
            work()
            if turn:
                kept.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])


def statements(room: Classroom, operation: Operation[Any, Any]) -> int:
    with counted(room) as sent:
        listed(room, operation)
    return len(sent)


@contextmanager
def counted(room: Classroom) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            sent.append(statement)

    event.listen(room.app.database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(room.app.database.engine, "before_cursor_execute", note)


def a_reviewed_class(folder: Path) -> Classroom:
    """A class that has handed in and reviewed; reviews are entered all at once."""
    room = Classroom.new(folder / "course", f"sqlite:///{folder}/state/course.db")
    room.with_students(SIZE).who_all_hand_in()
    room.assign(REVIEWS)
    assignment = room.app.files.course.assignment("ps1")
    room.app.database.write(lambda tx: review_all(tx, room, assignment))
    return room


def review_all(tx: Connection, room: Classroom, assignment: Assignment) -> None:
    course, now = room.app.course, room.clock.now()
    standing = room.app._act(tx, None).hand_ins.standing(tx, course, "ps1")  # type: ignore[arg-type]
    rubric = desk.rubric_version(tx, course, "ps1", assignment.criteria, at=now)
    for number, task in enumerate(tasks(tx, course, "ps1")):
        review = desk.Review(task.id, task.author, standing[task.author], task.reviewer)
        text = ReviewText({"clear": 200 * (number % 3), "whole": 150}, overall="Good. " * 20)
        desk.add_review(tx, course, "ps1", review)
        desk.add_entry(tx, desk.Entry(task.id, 1, EntryKind.SUBMITTED, rubric, text), at=now)
        set_state(tx, course, "ps1", task.pair, TaskState.FINISHED)


def formgrader(folder: Path, students: list[str]) -> Callable[[], object]:
    """nbgrader's own course with the same people, autograded, one graded cell each."""
    folder.mkdir()
    url = f"sqlite:///{folder}/gradebook.db"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("ps1")
        gradebook.add_notebook("work", "ps1")
        gradebook.add_grade_cell("q1", "work", "ps1", max_score=4, cell_type="code")
        for number, student in enumerate(students):
            gradebook.add_student(student, first_name="Given", last_name=f"Family{number}")
            gradebook.add_submission("ps1", student)
            gradebook.find_grade("q1", "work", "ps1", student).manual_score = number % 5
            for kind in ("submitted", "autograded"):
                (folder / kind / student / "ps1").mkdir(parents=True)
        gradebook.db.commit()
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.db_url = url
    api = NbGraderAPI(config=config)
    assert len(api.get_submissions("ps1")) == len(students)
    return lambda: api.get_submissions("ps1")


if __name__ == "__main__":
    sys.exit(main())
