"""Faults for the server of a test: the tests of races and kills must notice each of them.

The configuration of a test's server reads the environment variable `FAULT`; the program itself
knows nothing of it.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, update

from jupyter_social.core import idempotency, membership
from jupyter_social.core.database import Database
from jupyter_social.reviews.desk import operations, store, tables
from jupyter_social.reviews.desk.rules import EntryKind

VARIABLE = "FAULT"
BETWEEN_SECONDS = 0.05


def no_locks() -> None:
    """Writers neither wait in line nor hold the file or the course."""

    @contextmanager
    def writing(self: Database) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            yield connection

    Database._writing = writing  # type: ignore[method-assign]
    membership.lock_course = lambda _tx, _course: None


def check_then_insert() -> None:
    """What was submitted is looked up before the writer waits in line, and believed after it."""
    seen = threading.local()
    whole, look_up = Database.write, store.entries

    def write(self: Database, fn: Callable[[Connection], Any]) -> Any:
        with self.engine.connect() as before:
            if self.file is None:
                before = before.execution_options(isolation_level="REPEATABLE READ")
            before.execute(select(tables.review_entry.c.number).limit(1)).all()
            seen.connection = before
            try:
                return whole(self, fn)
            finally:
                seen.connection = None

    def entries(tx: Connection, review_ids: Any) -> Any:
        return look_up(getattr(seen, "connection", None) or tx, review_ids)

    Database.write = write  # type: ignore[method-assign]
    store.entries = entries


def last_writer_wins() -> None:
    """A draft is saved whatever version it was made from."""
    whole = operations._save

    def save(act: Any, desk: Any, review: str, text: Any, *, version: int) -> None:
        stored = store.draft(act.tx, review)
        if stored is None:
            whole(act, desk, review, text, version=version)
            return
        values = {"version": stored.version + 1, **store._columns(text)}
        here = tables.review_draft.c.review_id == review
        act.tx.execute(update(tables.review_draft).where(here).values(values))

    operations._save = save


def done_again() -> None:
    """No key is known again, a submitted review is submitted anew, and answers take their time."""
    asked = threading.local()
    submit, look_up, write = operations.submit, store.entries, Database.write

    def submit_anew(act: Any, request: Any) -> Any:
        asked.submit = True
        try:
            return submit(act, request)
        finally:
            asked.submit = False

    def entries(tx: Connection, review_ids: Any) -> Any:
        found = look_up(tx, review_ids)
        if not getattr(asked, "submit", False):
            return found
        return {id: replace(entry, kind=EntryKind.TAKEN_BACK) for id, entry in found.items()}

    def slowly(self: Database, fn: Callable[[Connection], Any]) -> Any:
        result = write(self, fn)
        time.sleep(BETWEEN_SECONDS)
        return result

    idempotency.recall = lambda *_arguments, **_options: None
    idempotency.keep = lambda *_arguments, **_options: None
    object.__setattr__(operations.SUBMIT, "call", submit_anew)
    store.entries, Database.write = entries, slowly  # type: ignore[method-assign]


def ack_before_commit() -> None:
    """A write is answered first and committed a moment later."""

    def write(self: Database, fn: Callable[[Connection], Any]) -> Any:
        with ExitStack() as stack:
            tx = stack.enter_context(self._writing())
            result = fn(tx)
            open_still = stack.pop_all()

        def commit() -> None:
            time.sleep(BETWEEN_SECONDS)
            with open_still:
                tx.commit()

        threading.Thread(target=commit).start()
        return result

    Database.write = write  # type: ignore[method-assign]


FAULTS: dict[str, Callable[[], None]] = {
    fault.__name__: fault
    for fault in (no_locks, check_then_insert, last_writer_wins, done_again, ack_before_commit)
}


def switch_on(name: str | None = None) -> None:
    """Switch on a fault, or the one that the environment names, if any."""
    name = os.environ.get(VARIABLE) if name is None else name
    if name:
        FAULTS[name]()
