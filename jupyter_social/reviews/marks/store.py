"""Releases, feedback and overrides in the database; everything here is in pseudonyms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Subquery, Table, and_, func, insert, select, update

from jupyter_social.core.ids import RandomSource, new_id
from jupyter_social.core.people import CourseId, UnitId
from jupyter_social.reviews.desk.rules import EntryKind
from jupyter_social.reviews.desk.tables import review, review_entry
from jupyter_social.reviews.marks import tables
from jupyter_social.reviews.safety.rules import Decision
from jupyter_social.reviews.safety.tables import review_hiding, review_report

POSITION_BYTES = 7


@dataclass(frozen=True)
class Release:
    """One release of an assignment's feedback; `taken_back_at` is None while it stands."""

    number: int
    at: datetime
    taken_back_at: datetime | None
    reason: str | None


@dataclass(frozen=True)
class Override:
    """What staff set in place of a mark: points in hundredths by criterion."""

    points: Mapping[str, int]
    reason: str


@dataclass(frozen=True)
class Helpfulness:
    """What an author said of a review."""

    helpful: bool
    text: str


@dataclass(frozen=True)
class Submitted:
    """A submitted review as marks need it, without its words; `reviewer` is None for staff's.

    `reported` tells that its author has reported it; `waiting`, that staff have not yet decided.
    """

    id: str
    author: UnitId
    reviewer: UnitId | None
    rubric: int
    scores: Mapping[str, int]
    hidden: bool
    reported: bool
    waiting: bool


def submitted(tx: Connection, course: CourseId, assignment: str) -> dict[str, Submitted]:
    """Return the reviews of an assignment that are submitted now, by id, in order of it."""
    hiding, report = review_hiding, review_report
    entry, newest = review_entry, _newest(review_entry)
    last_hiding = _newest(review_hiding)
    query = (
        select(
            review.c.id,
            review.c.author,
            review.c.reviewer,
            entry.c.rubric,
            entry.c.scores,
            hiding.c.hidden,
            report.c.id.label("report"),
            report.c.decision,
        )
        .join(newest, newest.c.review_id == review.c.id)
        .join(entry, and_(entry.c.review_id == review.c.id, entry.c.number == newest.c.number))
        .outerjoin(last_hiding, last_hiding.c.review_id == review.c.id)
        .outerjoin(
            hiding,
            and_(hiding.c.review_id == review.c.id, hiding.c.number == last_hiding.c.number),
        )
        .outerjoin(report, report.c.review_id == review.c.id)
        .where(
            review.c.course_id == course,
            review.c.assignment == assignment,
            entry.c.kind == EntryKind.SUBMITTED.value,
        )
        .order_by(review.c.id)
    )
    return {
        row[0]: Submitted(
            id=row[0],
            author=row[1],
            reviewer=row[2],
            rubric=row[3],
            scores=row[4],
            hidden=bool(row[5]),
            reported=row[6] is not None and row[7] != Decision.KEEP,
            waiting=row[6] is not None and row[7] is None,
        )
        for row in tx.execute(query)
    }


def _newest(table: Table) -> Subquery:
    return (
        select(table.c.review_id, func.max(table.c.number).label("number"))
        .group_by(table.c.review_id)
        .subquery()
    )


def last_release(tx: Connection, course: CourseId, assignment: str) -> Release | None:
    """Return the newest release of an assignment."""
    table = tables.release
    query = (
        select(table.c.number, table.c.at, table.c.taken_back_at, table.c.reason)
        .where(table.c.course_id == course, table.c.assignment == assignment)
        .order_by(table.c.number.desc())
        .limit(1)
    )
    row = tx.execute(query).one_or_none()
    return None if row is None else Release(*row)


def add_release(
    tx: Connection, course: CourseId, assignment: str, number: int, *, at: datetime
) -> None:
    """Enter a release."""
    tx.execute(
        insert(tables.release).values(course_id=course, assignment=assignment, number=number, at=at)
    )


def take_back_release(
    tx: Connection, course: CourseId, assignment: str, number: int, *, reason: str, at: datetime
) -> None:
    """Note that a release was taken back."""
    table = tables.release
    here = and_(
        table.c.course_id == course, table.c.assignment == assignment, table.c.number == number
    )
    tx.execute(update(table).where(here).values(taken_back_at=at, reason=reason))


def feedback_ids(tx: Connection, course: CourseId, assignment: str) -> dict[str, tuple[int, str]]:
    """Return (position, id for its author) of each review that was ever released."""
    table = tables.feedback
    query = (
        select(table.c.review_id, table.c.position, table.c.id)
        .join(review, review.c.id == table.c.review_id)
        .where(review.c.course_id == course, review.c.assignment == assignment)
    )
    return {row.review_id: (row.position, row.id) for row in tx.execute(query)}


def name_feedback(tx: Connection, reviews: Iterable[str], *, random: RandomSource) -> None:
    """Draw for each review a place and an id of the author's own."""
    rows = [
        {
            "id": new_id(random),
            "review_id": found,
            "position": int.from_bytes(random.token_bytes(POSITION_BYTES), "big"),
        }
        for found in reviews
    ]
    if rows:
        tx.execute(insert(tables.feedback), rows)


def opened(tx: Connection, course: CourseId, assignment: str, number: int) -> frozenset[UnitId]:
    """Return the authors who have opened a release."""
    table = tables.feedback_opened
    query = select(table.c.unit_id).where(
        table.c.course_id == course, table.c.assignment == assignment, table.c.number == number
    )
    return frozenset(UnitId(unit) for unit in tx.execute(query).scalars())


def note_opened(
    tx: Connection, course: CourseId, assignment: str, number: int, unit: UnitId
) -> None:
    """Note that an author has opened a release."""
    tx.execute(
        insert(tables.feedback_opened).values(
            course_id=course, assignment=assignment, number=number, unit_id=unit
        )
    )


def helpfulness(tx: Connection, reviews: Iterable[str]) -> dict[str, Helpfulness]:
    """Return what authors said of these reviews."""
    table = tables.helpfulness
    query = select(table.c.review_id, table.c.helpful, table.c.text).where(
        table.c.review_id.in_(sorted(reviews))
    )
    return {row.review_id: Helpfulness(row.helpful, row.text) for row in tx.execute(query)}


def rate(tx: Connection, review_id: str, *, said: Helpfulness) -> None:
    """Store what an author says of a review, in place of what they said before."""
    table = tables.helpfulness
    values = {"helpful": said.helpful, "text": said.text}
    here = table.c.review_id == review_id
    if not tx.execute(update(table).where(here).values(values)).rowcount:
        tx.execute(insert(table).values(review_id=review_id, **values))


def overrides(tx: Connection, course: CourseId, assignment: str) -> dict[UnitId, Override]:
    """Return the override that holds of each unit that has one."""
    table = tables.mark_override
    here = and_(table.c.course_id == course, table.c.assignment == assignment)
    last = (
        select(table.c.unit_id, func.max(table.c.number).label("number"))
        .where(here)
        .group_by(table.c.unit_id)
        .subquery()
    )
    query = (
        select(table.c.unit_id, table.c.points, table.c.reason)
        .join(last, and_(table.c.unit_id == last.c.unit_id, table.c.number == last.c.number))
        .where(here)
    )
    return {
        UnitId(unit): Override(points, reason)
        for unit, points, reason in tx.execute(query)
        if points
    }


def add_override(
    tx: Connection,
    course: CourseId,
    assignment: str,
    unit: UnitId,
    override: Override,
    *,
    at: datetime,
) -> None:
    """Add an override; without points it takes the one before back."""
    table = tables.mark_override
    here = (
        table.c.course_id == course,
        table.c.assignment == assignment,
        table.c.unit_id == unit,
    )
    number = tx.execute(
        select(func.coalesce(func.max(table.c.number), 0)).where(*here)
    ).scalar_one()
    tx.execute(
        insert(table).values(
            course_id=course,
            assignment=assignment,
            unit_id=unit,
            number=number + 1,
            points=dict(override.points),
            reason=override.reason,
            at=at,
        )
    )
