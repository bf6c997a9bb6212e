"""Names in what staff wrote: a reason in the log may name whom it is about.

Reasons and notes are free text. Where one names the person by user name, full name or e-mail, the
whole text goes: it was about them. That something was done, and when, stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, and_, select, update

from jupyter_social.core import tables
from jupyter_social.core.people import CourseId, Identity
from jupyter_social.privacy.rules import ERASED_TEXT

_TEXTS = (
    ("release", "reason"),
    ("mark_override", "reason"),
    ("review_report", "note"),
    ("review_hiding", "reason"),
)
_IN_THE_JOURNAL = ("reason", "note")

Names = Callable[[str], bool]


def erase_mentions(tx: Connection, course: CourseId, identity: Identity) -> None:
    """Empty the reasons and notes that name a person."""
    names = _names(identity)
    for name, column in _TEXTS:
        _erase_texts(tx, course, tables.metadata.tables[name], column, names)
    journal = tables.journal
    rows = tx.execute(
        select(journal.c.seq, journal.c.data).where(journal.c.course_id == course)
    ).all()
    for seq, data in rows:
        kept = {key: _kept(key, value, names) for key, value in data.items()}
        if kept != data:
            here = (journal.c.course_id == course, journal.c.seq == seq)
            tx.execute(update(journal).where(*here).values(data=kept))


def _erase_texts(tx: Connection, course: CourseId, table: Table, column: str, names: Names) -> None:
    key = list(table.primary_key.columns)
    query = select(*key, table.c[column]).where(table.c[column].is_not(None))
    if "course_id" in table.c:
        query = query.where(table.c.course_id == course)
    else:
        review = tables.metadata.tables["review"]
        here = select(review.c.id).where(review.c.course_id == course)
        query = query.where(table.c.review_id.in_(here))
    for *values, text in tx.execute(query).all():
        if names(text):
            row = and_(*(part == value for part, value in zip(key, values, strict=True)))
            tx.execute(update(table).where(row).values({column: ERASED_TEXT}))


def _kept(key: str, value: Any, names: Names) -> Any:
    told = key in _IN_THE_JOURNAL and isinstance(value, str) and names(value)
    return ERASED_TEXT if told else value


def _names(identity: Identity) -> Names:
    words = filter(None, (identity.username, identity.name, identity.email))
    either = "|".join(re.escape(word) for word in words)
    pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
    return lambda text: pattern.search(text) is not None
