"""The journal: every change appends one event in its own transaction, numbered in commit order.

The number comes from a counter in the course's row, taken by `UPDATE … RETURNING`: the row stays
locked until the transaction ends, so numbers are dense and a reader of "everything after n" can
miss nothing. (A PostgreSQL sequence hands numbers out before commit and would lose rows.) The
number never leaves the service: a gap would tell that something hidden has just happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from jupyter_social.core import tables
from jupyter_social.core.people import CourseId


@dataclass(frozen=True)
class Event:
    """One thing that happened; `data` holds ids and counts, never a name."""

    seq: int
    at: datetime
    actor: str
    kind: str
    subject: str | None
    data: Mapping[str, Any]


def append(
    tx: Connection,
    course: CourseId,
    *,
    at: datetime,
    actor: str,
    kind: str,
    subject: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Append one event and return its number within the course, from 1."""
    seq: int = tx.execute(
        update(tables.course)
        .where(tables.course.c.id == course)
        .values(journal_seq=tables.course.c.journal_seq + 1)
        .returning(tables.course.c.journal_seq)
    ).scalar_one()
    tx.execute(
        insert(tables.journal).values(
            course_id=course,
            seq=seq,
            at=at,
            actor=actor,
            kind=kind,
            subject=subject,
            data=dict(data or {}),
        )
    )
    return seq


def read_since(
    tx: Connection,
    course: CourseId,
    seq: int,
    *,
    kinds: Sequence[str] | None = None,
    limit: int = 1000,
) -> list[Event]:
    """Return the events after number `seq` in order, at most `limit`, of the given kinds."""
    table = tables.journal
    query = (
        select(table.c.seq, table.c.at, table.c.actor, table.c.kind, table.c.subject, table.c.data)
        .where(table.c.course_id == course, table.c.seq > seq)
        .order_by(table.c.seq)
        .limit(limit)
    )
    if kinds is not None:
        query = query.where(table.c.kind.in_(kinds))
    return [Event(*row) for row in tx.execute(query)]
