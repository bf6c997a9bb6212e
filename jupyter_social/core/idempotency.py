"""Each write is done once: the answer to a key is kept, and a repeated request gets it again.

A program that was killed after the commit and before the answer cannot know whether its write
happened (936 of 95,269 in a measured run of 1,000 kills); with the same key it may simply ask
again (threats I8, F1).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from jupyter_social.core import tables
from jupyter_social.core.errors import Conflict
from jupyter_social.core.people import CourseId

KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Done:
    """A request that was done already; `body` is its answer in JSON, None where not stored."""

    body: str | None


@dataclass(frozen=True)
class Repeatable:
    """A request that may come again: who sent it, what it asks for, and the key of its sender.

    Only digests of it are stored, salted with the key, which is not: whoever reads the table can
    neither see who asked nor try out what was asked for (threats D22).
    """

    caller: str
    operation: str
    key: str
    request: str

    @property
    def id(self) -> str:
        """What the row is found by."""
        return _digest(self.key, self.caller, self.operation)

    @property
    def request_hash(self) -> str:
        """What tells another request with the same key."""
        return _digest(self.key, self.request)


def recall(tx: Connection, course: CourseId, request: Repeatable) -> Done | None:
    """Return what a request was answered, or None if its key is new.

    Raises `Conflict` if the key was used for another request.
    """
    table = tables.answer
    row = tx.execute(
        select(table.c.request_hash, table.c.body).where(
            table.c.course_id == course, table.c.id == request.id
        )
    ).one_or_none()
    if row is None:
        return None
    if row.request_hash != request.request_hash:
        raise Conflict("This key was used for another request. Send this one with a new key.")
    return Done(row.body)


def keep(
    tx: Connection, course: CourseId, request: Repeatable, *, body: str | None, at: datetime
) -> None:
    """Store the answer to a request in the transaction of the act itself; None keeps its key only.

    Keys that are older than a week are forgotten on the way.
    """
    table = tables.answer
    tx.execute(delete(table).where(table.c.course_id == course, table.c.at < at - KEPT))
    tx.execute(
        insert(tables.answer).values(
            course_id=course,
            id=request.id,
            operation=request.operation,
            request_hash=request.request_hash,
            body=body,
            # To the day: an instant would lead from the row to what was handed in then.
            at=at.replace(hour=0, minute=0, second=0, microsecond=0),
        )
    )


def _digest(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()
