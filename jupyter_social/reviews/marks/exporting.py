"""Marks out: by person, to be taken into a gradebook or a sheet; that they were is written down."""

from __future__ import annotations

from jupyter_social.core import pseudonyms
from jupyter_social.core.events import EventKind
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.owners import all_owners
from jupyter_social.core.people import UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.reviews.marks.book import Book, book_of
from jupyter_social.reviews.marks.releasing import standings
from jupyter_social.reviews.marks.views import (
    ExportedCriterion,
    ExportedRow,
    ExportMarks,
    MarksExported,
    by_key,
    shown,
)


def export_marks(act: Act, request: ExportMarks) -> MarksExported:
    """Return the marks by person, to be taken out; that they were taken out is written down."""
    assignment = act.assignment(request.assignment)
    act.record(EventKind.MARKS_EXPORTED, subject=assignment.name)
    return marks_by_person(act, request)


def marks_by_person(act: Act, request: ExportMarks) -> MarksExported:
    """Return the marks of everybody who hands in, whether they have or not."""
    assignment = act.assignment(request.assignment)
    book = book_of(act, assignment)
    names = pseudonyms.owner_names(act.tx, act.course, assignment.name)
    # Of two who had one user name after the other, only who is here now has a row.
    units = {names[found.unit]: found.unit for found in standings(act, assignment) if found.active}
    rows = []
    for owner in all_owners(act, assignment.by):
        unit = units.get(owner.name)
        for author in owner.authors:
            rows.append(_exported(book, owner.name, author.username, unit))
    return MarksExported(
        assignment=assignment.name,
        policy=assignment.marks.value,
        most=assignment.most / 100,
        criteria=[
            ExportedCriterion(
                key=criterion.key,
                title=criterion.title,
                most=criterion.most / 100,
                cell=criterion.grade_id or criterion.gradebook,
            )
            for criterion in assignment.criteria
        ],
        rows=sorted(rows, key=lambda row: row.username),
        practice=act.trust.practice_notice,
    )


def _exported(book: Book, owner: str, username: str, unit: UnitId | None) -> ExportedRow:
    if unit is None:
        nothing: dict[str, float | None] = {
            criterion.key: None for criterion in book.assignment.criteria
        }
        return ExportedRow(
            owner=owner,
            username=username,
            handed_in=False,
            reviews=0,
            mark=None,
            criteria=nothing,
            unrounded=nothing,
            reviews_done=0,
            reviews_expected=0,
            reviewing=None,
            flags=["not handed in"],
        )
    mark = book.mark(unit)
    done, expected, reviewing = book.reviewing(unit)
    return ExportedRow(
        owner=owner,
        username=username,
        handed_in=True,
        reviews=mark.reviews,
        mark=shown(mark.mark),
        criteria=by_key(mark),
        unrounded={c.key: None if c.mark is None else c.mark / 100 for c in mark.criteria},
        reviews_done=done,
        reviews_expected=expected,
        reviewing=reviewing,
        flags=book.flags(unit, mark),
    )


EXPORT = Operation(
    name="marks.export",
    method="POST",
    path="/assignments/{assignment}/marks/export",
    call=export_marks,
    body=ExportMarks,
    returns=MarksExported,
    needs=Action.EXPORT_MARKS,
    repeated=marks_by_person,
)
OPERATIONS = (EXPORT,)
