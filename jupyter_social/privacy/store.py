"""Everything about one person, found and erased by the list of whose a row is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    delete,
    false,
    or_,
    select,
    true,
    update,
)

from jupyter_social.core import pseudonyms, tables
from jupyter_social.core.people import CourseId, PersonId, UnitId
from jupyter_social.privacy.rules import BELONGS, ERASED_TEXT, Belongs

_BLOB_HOLDERS = ("submission_file", "anonymous_notebook", "preview_file", "preview_notebook")


@dataclass(frozen=True)
class Subject:
    """Who it is about: a person, the units they act under, and their labels in the journal.

    `own` are units of the person alone; a group's work is its other members' as well.
    """

    person: PersonId
    own: frozenset[UnitId]
    shared: frozenset[UnitId]

    @property
    def units(self) -> frozenset[UnitId]:
        """All units."""
        return self.own | self.shared

    @property
    def labels(self) -> tuple[str, ...]:
        """How the journal and stored answers name the person."""
        return (
            self.person,
            f"operator as {self.person}",
            *(f"unit {unit}" for unit in sorted(self.own)),
        )


def subject_of(tx: Connection, course: CourseId, person: PersonId) -> Subject:
    """Return who an export or an erasure is about."""
    own, shared = pseudonyms.units_of_person(tx, course, person)
    return Subject(person, own, shared)


def rows_about(
    tx: Connection, course: CourseId, subject: Subject
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each table's rows about a person, without the columns that name others."""
    for name in BELONGS:
        table = _table(name)
        found = [
            _without(row, belongs.hidden)
            for belongs in BELONGS[name]
            for row in tx.execute(
                select(table).where(_here(table, course), _about(belongs, table, subject))
            ).mappings()
        ]
        yield name, found


def contents(tx: Connection, hashes: Iterable[str]) -> dict[str, bytes]:
    """Return stored contents by their hash."""
    blob = _table("blob")
    query = select(blob.c.sha256, blob.c.content).where(blob.c.sha256.in_(sorted(set(hashes))))
    return {row.sha256: row.content for row in tx.execute(query)}


def erase(
    tx: Connection, course: CourseId, subject: Subject, *, tombstone: str, at: datetime
) -> None:
    """Take a person's identity and texts away; points that others' marks need stay."""
    _erase_identity(tx, course, subject, tombstone, at)
    _erase_works(tx, subject)
    _erase_words(tx, subject)
    extension = _table("extension")
    here = (extension.c.course_id == course, extension.c.person_id == subject.person)
    tx.execute(delete(extension).where(*here))


def _erase_identity(
    tx: Connection, course: CourseId, subject: Subject, tombstone: str, at: datetime
) -> None:
    member = tables.member
    here = (member.c.course_id == course, member.c.person_id == subject.person)
    values = {"username": tombstone, "name": "", "email": "", "active": False, "group_id": None}
    tx.execute(update(member).where(*here).values(values))
    tx.execute(update(member).where(*here, member.c.left_at.is_(None)).values(left_at=at))


def _erase_works(tx: Connection, subject: Subject) -> None:
    """Delete the contents of works that are the person's alone; that there was one stays."""
    held: set[str] = set()
    for whole in ("submission", "preview"):
        table = _table(whole)
        of_person = select(table.c.id).where(table.c.unit_id.in_(sorted(subject.own)))
        for name in _BLOB_HOLDERS:
            part = _table(name)
            key = f"{whole}_id"
            if key not in part.c:
                continue
            mine = part.c[key].in_(of_person)
            held.update(tx.execute(select(part.c.sha256).where(mine)).scalars())
            tx.execute(delete(part).where(mine))
        tx.execute(update(table).where(table.c.unit_id.in_(sorted(subject.own))).values(notes=[]))
    _delete_unheld(tx, held)


def _delete_unheld(tx: Connection, hashes: set[str]) -> None:
    for name in _BLOB_HOLDERS:
        part = _table(name)
        query = select(part.c.sha256).where(part.c.sha256.in_(sorted(hashes)))
        hashes = hashes - set(tx.execute(query).scalars())
    blob = _table("blob")
    tx.execute(delete(blob).where(blob.c.sha256.in_(sorted(hashes))))


def _erase_words(tx: Connection, subject: Subject) -> None:
    """Empty what the person wrote in reviews and about reviews, and what staff wrote of them."""
    review = _table("review")
    own = sorted(subject.own)
    written = select(review.c.id).where(
        or_(review.c.reviewer.in_(own), review.c.staff_id == subject.person)
    )
    received = select(review.c.id).where(review.c.author.in_(own))
    for name in ("review_draft", "review_entry"):
        table = _table(name)
        tx.execute(
            update(table)
            .where(table.c.review_id.in_(written))
            .values(remarks={}, comments=[], overall="")
        )
    said, report = _table("helpfulness"), _table("review_report")
    tx.execute(update(said).where(said.c.review_id.in_(received)).values(text=""))
    tx.execute(update(report).where(report.c.review_id.in_(received)).values(reason=ERASED_TEXT))
    override = _table("mark_override")
    tx.execute(update(override).where(override.c.unit_id.in_(own)).values(reason=ERASED_TEXT))


def _about(belongs: Belongs, table: Table, subject: Subject) -> ColumnElement[bool]:
    column = table.c[belongs.column]
    if belongs.by == "person":
        return column == subject.person
    if belongs.by == "unit":
        return column.in_(sorted(subject.units))
    if belongs.by == "label":
        return column.in_(subject.labels)
    return column.in_(_wholes(belongs.of, subject))


def _wholes(of: str, subject: Subject) -> Any:
    if of == "received":
        review = _table("review")
        return select(review.c.id).where(review.c.author.in_(sorted(subject.units)))
    table = _table(of)
    about = [_about(belongs, table, subject) for belongs in BELONGS[of]]
    return select(table.c.id).where(or_(false(), *about))


def _here(table: Table, course: CourseId) -> ColumnElement[bool]:
    """Keep to one course, where the table itself knows it."""
    if "course_id" in table.c:
        return table.c.course_id == course
    return true()


def _without(row: RowMapping, hidden: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in hidden}


def _table(name: str) -> Table:
    found: Table = tables.metadata.tables[name]
    return found
