"""Submissions in the database: versions, files by content, and what peers get."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from jupyter_social.core.people import CourseId, UnitId
from jupyter_social.exchange import tables


@dataclass(frozen=True)
class Version:
    """One hand-in of a unit; the newest one counts unless it is withdrawn."""

    id: str
    unit: UnitId
    number: int
    content_hash: str
    received_at: datetime
    withdrawn_at: datetime | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class AnonymousNotebook:
    """What peers get of one notebook, and how its author's cells are called in it."""

    name: str
    source: str
    data: bytes
    cell_ids: Mapping[str, str]
    report: Mapping[str, Any]


def latest(tx: Connection, course: CourseId, assignment: str) -> dict[UnitId, Version]:
    """Return the newest version of each unit that ever handed in, withdrawn ones included."""
    table = tables.submission
    newest = (
        select(table.c.unit_id, func.max(table.c.version).label("version"))
        .where(table.c.course_id == course, table.c.assignment == assignment)
        .group_by(table.c.unit_id)
        .subquery()
    )
    query = select(table).join(
        newest, (table.c.unit_id == newest.c.unit_id) & (table.c.version == newest.c.version)
    )
    found = (_version(row) for row in tx.execute(query).mappings())
    return {version.unit: version for version in found}


def latest_of(tx: Connection, unit: UnitId) -> Version | None:
    """Return a unit's newest version, or None before its first."""
    table = tables.submission
    query = select(table).where(table.c.unit_id == unit).order_by(table.c.version.desc()).limit(1)
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else _version(row)


def handed_in(tx: Connection, course: CourseId, assignment: str) -> frozenset[UnitId]:
    """Return the units whose newest version stands (is not withdrawn)."""
    versions = latest(tx, course, assignment).values()
    return frozenset(version.unit for version in versions if version.withdrawn_at is None)


def add_version(
    tx: Connection,
    course: CourseId,
    assignment: str,
    version: Version,
    *,
    files: Mapping[str, bytes],
    notebooks: list[AnonymousNotebook],
) -> None:
    """Enter a hand-in with its files and its anonymous copies."""
    tx.execute(
        insert(tables.submission).values(
            id=version.id,
            course_id=course,
            assignment=assignment,
            unit_id=version.unit,
            version=version.number,
            content_hash=version.content_hash,
            received_at=version.received_at,
            notes=list(version.notes),
        )
    )
    _put_blobs(tx, [*files.values(), *(notebook.data for notebook in notebooks)])
    tx.execute(
        insert(tables.submission_file),
        [
            {"submission_id": version.id, "name": name, "sha256": _sha256(content)}
            for name, content in files.items()
        ],
    )
    tx.execute(
        insert(tables.anonymous_notebook),
        [
            {
                "submission_id": version.id,
                "name": notebook.name,
                "source": notebook.source,
                "sha256": _sha256(notebook.data),
                "cell_ids": dict(notebook.cell_ids),
                "report": dict(notebook.report),
            }
            for notebook in notebooks
        ],
    )


def withdraw(tx: Connection, version: Version, *, at: datetime) -> None:
    """Note that a hand-in is withdrawn; its contents stay."""
    table = tables.submission
    tx.execute(update(table).where(table.c.id == version.id).values(withdrawn_at=at))


def anonymous_notebooks(tx: Connection, submission: str) -> dict[str, bytes]:
    """Return what peers get of a submission, by public name."""
    table, blob = tables.anonymous_notebook, tables.blob
    query = (
        select(table.c.name, blob.c.content)
        .join(blob, blob.c.sha256 == table.c.sha256)
        .where(table.c.submission_id == submission)
        .order_by(table.c.name)
    )
    return {row.name: row.content for row in tx.execute(query)}


def reports(tx: Connection, submission: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what was removed from each notebook and what may remain, by its author's file name."""
    table = tables.anonymous_notebook
    query = (
        select(table.c.source, table.c.report)
        .where(table.c.submission_id == submission)
        .order_by(table.c.source)
    )
    return [(row.source, row.report) for row in tx.execute(query)]


def damaged_blobs(tx: Connection) -> list[str]:
    """Return the hashes of stored contents that no longer match their hash."""
    table = tables.blob
    query = select(table.c.sha256, table.c.content).execution_options(yield_per=50)
    return [sha256 for sha256, content in tx.execute(query) if _sha256(content) != sha256]


def _put_blobs(tx: Connection, contents: list[bytes]) -> None:
    table = tables.blob
    wanted = {_sha256(content): content for content in contents}
    known = set(tx.execute(select(table.c.sha256).where(table.c.sha256.in_(wanted))).scalars())
    new = [
        {"sha256": sha256, "size": len(content), "content": content}
        for sha256, content in wanted.items()
        if sha256 not in known
    ]
    if new:
        tx.execute(insert(table), new)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _version(row: RowMapping) -> Version:
    return Version(
        id=row["id"],
        unit=UnitId(row["unit_id"]),
        number=row["version"],
        content_hash=row["content_hash"],
        received_at=row["received_at"],
        withdrawn_at=row["withdrawn_at"],
        notes=tuple(row["notes"]),
    )
