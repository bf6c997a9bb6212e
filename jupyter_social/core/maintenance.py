"""Looking after a SQLite database: backup, restore, and checks that do not need its meaning."""

from __future__ import annotations

import itertools
import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, select, text

from jupyter_social.core import schema, tables
from jupyter_social.core.errors import Conflict, Invalid, Unavailable
from jupyter_social.core.ownership import Ownership


def backup(source: Path, target: Path) -> None:
    """Copy the database as of one instant into a new file, whole or not at all."""
    if target.exists():
        raise Conflict(f"{target} exists already. Name a new file: no backup is written over.")
    partial = target.with_name(target.name + ".partial")
    try:
        schema.copy_sqlite(source, partial)
        partial.replace(target)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise Unavailable(f"{target} could not be written: {error}.") from None


def restore(source: Path, target: Path, *, now: datetime) -> Path | None:
    """Put a backup in the database's place; returns where the present one was moved to."""
    refuse_unusable_backup(source)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    ownership = Ownership(target, now=now)
    partial = target.with_name(target.name + ".partial")
    try:
        schema.copy_sqlite(source, partial)
        aside = _move_aside(target, now=now) if target.exists() else None
        partial.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise Unavailable(f"{target} could not be restored: {error}.") from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        ownership.release()
    return aside


def _move_aside(file: Path, *, now: datetime) -> Path:
    """Give the present database, damaged or not, another name; its log goes with it."""
    name = f"{file.name}.before-restore-{now:%Y%m%dT%H%M%SZ}"
    names = (file.with_name(f"{name}-{n}" if n > 1 else name) for n in itertools.count(1))
    aside = next(path for path in names if not path.exists())
    with suppress(sqlite3.Error):
        _fold_log(file)
    os.link(file, aside)
    for suffix in ("-wal", "-shm"):
        log = file.with_name(file.name + suffix)
        if log.exists():
            log.replace(aside.with_name(aside.name + suffix))
    return aside


def refuse_unusable_backup(file: Path) -> None:
    """Refuse a file that is no whole jupyter_social database."""
    if not file.is_file():
        raise Invalid(f"There is no file {file}.")
    try:
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as connection:
            damaged = connection.execute("PRAGMA integrity_check").fetchone() != ("ok",)
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            connection.execute("SELECT count(*) FROM journal").fetchone()
    except sqlite3.Error:
        raise Invalid(f"{file} is no backup of jupyter_social.") from None
    if damaged or found is None:
        raise Invalid(f"{file} is damaged and was not restored.")
    if found[0] > schema.HEAD:
        raise Conflict(f"{file} was written by a newer jupyter_social. Upgrade the program first.")


def structural_problems(tx: Connection) -> list[str]:
    """Return what the database itself finds damaged, and gaps in the journal."""
    problems = []
    if tx.dialect.name == "sqlite":
        found = tx.execute(text("PRAGMA integrity_check")).scalars().all()
        problems += [f"The file is damaged: {line}" for line in found if line != "ok"]
        broken = tx.execute(text("PRAGMA foreign_key_check")).all()
        problems += [f"A row of {row[0]} refers to nothing." for row in broken]
    return problems + _journal_gaps(tx)


def _journal_gaps(tx: Connection) -> list[str]:
    course, journal = tables.course, tables.journal
    query = (
        select(course.c.name, course.c.journal_seq, func.count(journal.c.seq))
        .select_from(course.outerjoin(journal, journal.c.course_id == course.c.id))
        .group_by(course.c.id, course.c.name, course.c.journal_seq)
    )
    return [
        f"The journal of {name} has {events} events and should have {last}."
        for name, last, events in tx.execute(query)
        if last != events
    ]


def _fold_log(file: Path) -> None:
    """Bring everything of the write-ahead log into the file itself."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
