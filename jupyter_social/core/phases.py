"""The round of an assignment: set-up, submission, review, released, closed.

A phase is switched by its deadline or by hand and stands in the database; whether an act comes in
time is asked of the clock as well, so that an act at the very instant of a deadline is late even
if nothing has switched the phase yet. Periods are half-open: [begin, deadline).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from jupyter_social.core import tables
from jupyter_social.core.course import Assignment
from jupyter_social.core.people import CourseId, PersonId


class Phase(StrEnum):
    """Where the round of an assignment stands; they follow each other in this order."""

    SET_UP = "set-up"
    SUBMISSION = "submission"
    REVIEW = "review"
    RELEASED = "released"
    CLOSED = "closed"


@dataclass(frozen=True)
class Deadlines:
    """The deadlines that hold for somebody, extensions counted; None: none is set."""

    due: datetime | None
    review_due: datetime | None


def phase_of(tx: Connection, course: CourseId, assignment: str) -> Phase:
    """Return the phase of an assignment."""
    table = tables.phase
    found = tx.execute(
        select(table.c.phase).where(table.c.course_id == course, table.c.assignment == assignment)
    ).scalar_one_or_none()
    return Phase.SET_UP if found is None else Phase(found)


def phases(tx: Connection, course: CourseId) -> dict[str, Phase]:
    """Return the phase of each assignment that has left its set-up."""
    table = tables.phase
    query = select(table.c.assignment, table.c.phase).where(table.c.course_id == course)
    return {row.assignment: Phase(row.phase) for row in tx.execute(query)}


def enter_phase(
    tx: Connection, course: CourseId, assignment: str, phase: Phase, *, at: datetime
) -> None:
    """Let an assignment enter a phase."""
    table = tables.phase
    values = {"phase": phase.value, "since": at}
    here = (table.c.course_id == course, table.c.assignment == assignment)
    if not tx.execute(update(table).where(*here).values(values)).rowcount:
        tx.execute(insert(table).values(course_id=course, assignment=assignment, **values))


def deadlines(
    tx: Connection, course: CourseId, assignment: Assignment, people: Iterable[PersonId]
) -> Deadlines:
    """Return the deadlines of these people together: the latest that any of them has."""
    table = tables.extension
    extended = tx.execute(
        select(func.max(table.c.due), func.max(table.c.review_due)).where(
            table.c.course_id == course,
            table.c.assignment == assignment.name,
            table.c.person_id.in_(sorted(people)),
        )
    ).one()
    return Deadlines(
        _later(assignment.due, extended[0]), _later(assignment.review_due, extended[1])
    )


def extend(
    tx: Connection,
    course: CourseId,
    assignment: str,
    person: PersonId,
    *,
    due: datetime | None,
    review_due: datetime | None,
) -> None:
    """Give a person later deadlines, in place of those given before; None leaves the class's."""
    table = tables.extension
    key = {"course_id": course, "assignment": assignment, "person_id": person}
    values = {"due": due, "review_due": review_due}
    here = [table.c[name] == value for name, value in key.items()]
    if not tx.execute(update(table).where(*here).values(values)).rowcount:
        tx.execute(insert(table).values(**key, **values))


def extensions(
    tx: Connection, course: CourseId, assignment: str
) -> dict[PersonId, tuple[datetime | None, datetime | None]]:
    """Return the extended (due, review_due) of each person who has any."""
    table = tables.extension
    query = select(table.c.person_id, table.c.due, table.c.review_due).where(
        table.c.course_id == course, table.c.assignment == assignment
    )
    return {PersonId(person): (due, review) for person, due, review in tx.execute(query)}


def is_past(deadline: datetime | None, now: datetime) -> bool:
    """Tell whether a deadline has come; the instant itself is past it."""
    return deadline is not None and now >= deadline


def _later(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the later of a class's deadline and an extension; no deadline is the latest."""
    if first is None or second is None:
        return first
    return max(first, second)
