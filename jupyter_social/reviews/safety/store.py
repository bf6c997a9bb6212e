"""Reports and hidden reviews in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from jupyter_social.core.people import CourseId
from jupyter_social.reviews.desk.tables import review
from jupyter_social.reviews.safety import tables
from jupyter_social.reviews.safety.rules import Decision


@dataclass(frozen=True)
class Report:
    """An author's report of a review; `decision` is None while it waits for staff."""

    id: str
    assignment: str
    review: str
    reason: str
    decision: Decision | None
    note: str | None


def is_hidden(tx: Connection, review_id: str) -> bool:
    """Tell whether staff have hidden a review."""
    table = tables.review_hiding
    query = select(table.c.hidden).where(table.c.review_id == review_id)
    return bool(tx.execute(query.order_by(table.c.number.desc()).limit(1)).scalar_one_or_none())


def set_hidden(tx: Connection, review_id: str, *, hidden: bool, reason: str, at: datetime) -> None:
    """Add a line that hides a review, or shows it again."""
    table = tables.review_hiding
    last = select(func.coalesce(func.max(table.c.number), 0)).where(table.c.review_id == review_id)
    number = tx.execute(last).scalar_one() + 1
    tx.execute(
        insert(table).values(
            review_id=review_id, number=number, hidden=hidden, reason=reason, at=at
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
            decision=Decision(row["decision"]) if row["decision"] else None,
            note=row["note"],
        )
        for row in tx.execute(query).mappings()
    ]


def report(tx: Connection, report_id: str, review_id: str, *, reason: str) -> None:
    """Enter a report."""
    tx.execute(
        insert(tables.review_report).values(id=report_id, review_id=review_id, reason=reason)
    )


def decide(tx: Connection, report_id: str, *, decision: Decision, note: str) -> None:
    """Note what staff decided."""
    table = tables.review_report
    tx.execute(
        update(table).where(table.c.id == report_id).values(decision=decision.value, note=note)
    )
