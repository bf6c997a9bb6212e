"""Reports and hidden reviews in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select, update

from jupyter_social.core.people import CourseId
from jupyter_social.reviews.desk.tables import review
from jupyter_social.reviews.safety import tables

KEPT = "keep"
"""The decision after which a reported review shows again."""


@dataclass(frozen=True)
class Report:
    """An author's report of a review; `decision` is None while it waits for staff."""

    id: str
    assignment: str
    review: str
    reason: str
    decision: str | None
    note: str | None


def hidden(tx: Connection, course: CourseId, assignment: str) -> frozenset[str]:
    """Return the reviews of an assignment that staff have hidden."""
    table = tables.review_hiding
    last = (
        select(table.c.review_id, func.max(table.c.number).label("number"))
        .group_by(table.c.review_id)
        .subquery()
    )
    query = (
        select(table.c.review_id)
        .join(last, and_(table.c.review_id == last.c.review_id, table.c.number == last.c.number))
        .join(review, review.c.id == table.c.review_id)
        .where(review.c.course_id == course, review.c.assignment == assignment, table.c.hidden)
    )
    return frozenset(tx.execute(query).scalars())


def set_hidden(tx: Connection, review_id: str, value: str, *, reason: str, at: datetime) -> None:
    """Add a line that hides a review ("hide") or shows it again ("keep")."""
    table = tables.review_hiding
    last = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.review_id == review_id)
    number = tx.execute(last).scalar_one() + 1
    tx.execute(
        insert(table).values(
            review_id=review_id, number=number, hidden=value == "hide", reason=reason, at=at
        )
    )


def reports(tx: Connection, course: CourseId) -> list[Report]:
    """Return the reports of a course, those that wait first, then by id."""
    table = tables.review_report
    query = (
        select(table, review.c.assignment)
        .join(review, review.c.id == table.c.review_id)
        .where(review.c.course_id == course)
        .order_by(table.c.decision.is_not(None), table.c.id)
    )
    return [
        Report(
            id=row["id"],
            assignment=row["assignment"],
            review=row["review_id"],
            reason=row["reason"],
            decision=row["decision"],
            note=row["note"],
        )
        for row in tx.execute(query).mappings()
    ]


def report(tx: Connection, report_id: str, review_id: str, *, reason: str) -> None:
    """Enter a report."""
    tx.execute(
        insert(tables.review_report).values(id=report_id, review_id=review_id, reason=reason)
    )


def decide(tx: Connection, report_id: str, *, decision: str, note: str) -> None:
    """Note what staff decided."""
    table = tables.review_report
    tx.execute(update(table).where(table.c.id == report_id).values(decision=decision, note=note))
