"""The course's emergency brake: while it is pulled, students can neither read nor write.

When something goes wrong with anonymity or with people, staff need one switch that works at once
and for everybody (threats S1); staff go on, to look and to put it right.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from jupyter_social.core import tables
from jupyter_social.core.errors import Conflict
from jupyter_social.core.people import Actor, CourseId, Role


class Paused(Conflict):
    """Staff have paused the course."""

    code = "paused"
    title = "This course is paused"


def is_paused(tx: Connection, course: CourseId) -> bool:
    """Tell whether the course is paused."""
    table = tables.pause
    found = tx.execute(select(table.c.course_id).where(table.c.course_id == course))
    return found.first() is not None


def pause(tx: Connection, course: CourseId, *, at: datetime) -> None:
    """Pause the course; it may be paused already."""
    if not is_paused(tx, course):
        tx.execute(insert(tables.pause).values(course_id=course, since=at))


def resume(tx: Connection, course: CourseId) -> None:
    """Let the course go on."""
    tx.execute(delete(tables.pause).where(tables.pause.c.course_id == course))


def refuse_while_paused(tx: Connection, course: CourseId, actor: Actor) -> None:
    """Refuse whatever a student asks while the course is paused."""
    if actor.role is Role.STUDENT and is_paused(tx, course):
        raise Paused(
            "Your teachers have paused this course for a moment. Nothing of yours is lost; please "
            "come back later."
        )
