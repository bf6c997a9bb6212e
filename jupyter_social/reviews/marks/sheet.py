"""Marks as a CSV file that a spreadsheet opens without running anything. Pure.

A name that begins like a formula would be run by a spreadsheet; an apostrophe before it makes it
a text everywhere (threats C9).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from jupyter_social.reviews.desk.rules import in_words
from jupyter_social.reviews.marks.views import ExportedRow, MarksExported

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
BEFORE = ("username", "group")
AFTER = (
    "mark",
    "most",
    "reviewing_done",
    "reviewing_expected",
    "reviewing_mark",
    "reviews",
    "flags",
)


def sheet(marks: MarksExported) -> str:
    """Return the marks as CSV, one line a person, in order of their names."""
    by_group = any(row.owner != row.username for row in marks.rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_headings(marks, by_group=by_group))
    for row in sorted(marks.rows, key=lambda row: row.username):
        writer.writerow([harmless(cell) for cell in _cells(marks, row, by_group=by_group)])
    return text.getvalue()


def harmless(cell: str) -> str:
    """Return the text of a cell on one line, as one that no spreadsheet takes for a formula."""
    line = cell.replace("\r", " ").replace("\n", " ")
    return f"'{line}" if cell.startswith(FORMULAS) else line


def _headings(marks: MarksExported, *, by_group: bool) -> Iterator[str]:
    yield from BEFORE if by_group else BEFORE[:1]
    for criterion in marks.criteria:
        taken = criterion.key in (*BEFORE, *AFTER)
        yield f"criterion_{criterion.key}" if taken else criterion.key
    yield from AFTER


def _cells(marks: MarksExported, row: ExportedRow, *, by_group: bool) -> Iterator[str]:
    yield row.username
    if by_group:
        yield row.owner
    for criterion in marks.criteria:
        yield _points(row.criteria.get(criterion.key))
    yield _points(row.mark)
    yield _points(marks.most)
    yield str(row.reviews_done)
    yield str(row.reviews_expected)
    yield _points(row.reviewing)
    yield str(row.reviews)
    yield "; ".join(row.flags)


def _points(value: float | None) -> str:
    return "" if value is None else in_words(value * 100)
