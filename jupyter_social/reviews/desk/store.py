"""Rubrics, drafts and entries in the database. Everything of students is in pseudonyms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, func, insert, select, update

from jupyter_social.core.course import Criterion
from jupyter_social.core.people import CourseId, PersonId, UnitId
from jupyter_social.reviews.desk import tables
from jupyter_social.reviews.desk.rules import (
    CellComment,
    EntryKind,
    ReviewText,
    as_json,
    from_json,
    rubric_hash,
)


@dataclass(frozen=True)
class Review:
    """A review that has begun; `reviewer` is a unit, or None where `staff` wrote it."""

    id: str
    author: UnitId
    submission: str
    reviewer: UnitId | None = None
    staff: PersonId | None = None


@dataclass(frozen=True)
class Draft:
    """What a review says now; `version` grows with each save."""

    version: int
    text: ReviewText


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: a review as it was submitted, or that it was taken back."""

    review: str
    number: int
    kind: EntryKind
    rubric: int
    text: ReviewText


def rubrics(tx: Connection, course: CourseId, assignment: str) -> dict[int, tuple[Criterion, ...]]:
    """Return all versions of a rubric that reviews were written with."""
    table = tables.rubric
    query = (
        select(table.c.version, table.c.criteria)
        .where(table.c.course_id == course, table.c.assignment == assignment)
        .order_by(table.c.version)
    )
    return {version: from_json(stored) for version, stored in tx.execute(query)}


def rubric_version(
    tx: Connection,
    course: CourseId,
    assignment: str,
    criteria: tuple[Criterion, ...],
    *,
    at: datetime,
) -> int:
    """Return the version of this rubric, storing it where it is new."""
    table = tables.rubric
    here = (table.c.course_id == course, table.c.assignment == assignment)
    digest = rubric_hash(criteria)
    query = select(table.c.version, table.c.sha256).where(*here).order_by(table.c.version.desc())
    newest = tx.execute(query.limit(1)).one_or_none()
    if newest is not None and newest.sha256 == digest:
        return int(newest.version)
    version = newest.version + 1 if newest else 1
    tx.execute(
        insert(table).values(
            course_id=course,
            assignment=assignment,
            version=version,
            sha256=digest,
            criteria=as_json(criteria),
            at=at,
        )
    )
    return version


def reviews(tx: Connection, course: CourseId, assignment: str) -> dict[str, Review]:
    """Return all reviews of an assignment that have begun, by id."""
    table = tables.review
    query = (
        select(table)
        .where(table.c.course_id == course, table.c.assignment == assignment)
        .order_by(table.c.id)
    )
    return {row["id"]: _review(row) for row in tx.execute(query).mappings()}


def reviews_by(tx: Connection, ids: Iterable[str]) -> dict[str, Review]:
    """Return those of these reviews that have begun, by id."""
    table = tables.review
    query = select(table).where(table.c.id.in_(sorted(ids)))
    return {row["id"]: _review(row) for row in tx.execute(query).mappings()}


def add_review(tx: Connection, course: CourseId, assignment: str, new: Review) -> None:
    """Note that a review has begun."""
    tx.execute(
        insert(tables.review).values(
            id=new.id,
            course_id=course,
            assignment=assignment,
            author=new.author,
            reviewer=new.reviewer,
            staff_id=new.staff,
            submission_id=new.submission,
        )
    )


def rebind(tx: Connection, review_id: str, submission: str) -> None:
    """Bind a review to another version of the work: staff review what stands when they write."""
    table = tables.review
    tx.execute(update(table).where(table.c.id == review_id).values(submission_id=submission))


def draft(tx: Connection, review_id: str) -> Draft | None:
    """Return what a review says now."""
    table = tables.review_draft
    row = tx.execute(select(table).where(table.c.review_id == review_id)).mappings().one_or_none()
    return None if row is None else Draft(row["version"], _text(row))


def save_draft(tx: Connection, review_id: str, text: ReviewText, *, version: int) -> bool:
    """Store a draft as `version`, if the one before it is still what stands; else return False."""
    table = tables.review_draft
    values = {"version": version, **_columns(text)}
    if version == 1:
        tx.execute(insert(table).values(review_id=review_id, **values))
        return True
    here = and_(table.c.review_id == review_id, table.c.version == version - 1)
    return bool(tx.execute(update(table).where(here).values(values)).rowcount)


def entries(tx: Connection, review_ids: Iterable[str]) -> dict[str, Entry]:
    """Return the newest entry of each of these reviews that has any."""
    table = tables.review_entry
    last = (
        select(table.c.review_id, func.max(table.c.number).label("number"))
        .where(table.c.review_id.in_(sorted(review_ids)))
        .group_by(table.c.review_id)
        .subquery()
    )
    query = select(table).join(
        last, and_(table.c.review_id == last.c.review_id, table.c.number == last.c.number)
    )
    return {row["review_id"]: _entry(row) for row in tx.execute(query).mappings()}


def add_entry(tx: Connection, entry: Entry, *, at: datetime) -> None:
    """Add a line to the ledger."""
    tx.execute(
        insert(tables.review_entry).values(
            review_id=entry.review,
            number=entry.number,
            kind=entry.kind.value,
            rubric=entry.rubric,
            at=at,
            **_columns(entry.text),
        )
    )


def given_away(
    tx: Connection, course: CourseId, assignment: str, reviewer: UnitId
) -> dict[str, UnitId]:
    """Return the authors of a reviewer's tasks that a repair gave to somebody else, by task id."""
    table = tables.given_away_task
    query = select(table.c.id, table.c.author).where(
        table.c.course_id == course,
        table.c.assignment == assignment,
        table.c.reviewer == reviewer,
    )
    return {id: UnitId(author) for id, author in tx.execute(query)}


def _review(row: RowMapping) -> Review:
    return Review(
        id=row["id"],
        author=UnitId(row["author"]),
        submission=row["submission_id"],
        reviewer=UnitId(row["reviewer"]) if row["reviewer"] else None,
        staff=PersonId(row["staff_id"]) if row["staff_id"] else None,
    )


def _entry(row: RowMapping) -> Entry:
    return Entry(
        review=row["review_id"],
        number=row["number"],
        kind=EntryKind(row["kind"]),
        rubric=row["rubric"],
        text=_text(row),
    )


def _text(row: RowMapping) -> ReviewText:
    return ReviewText(
        scores=row["scores"],
        remarks=row["remarks"],
        comments=tuple(CellComment(**comment) for comment in row["comments"]),
        overall=row["overall"],
    )


def _columns(text: ReviewText) -> Mapping[str, Any]:
    return {
        "scores": dict(text.scores),
        "remarks": dict(text.remarks),
        "comments": [asdict(comment) for comment in text.comments],
        "overall": text.overall,
    }
