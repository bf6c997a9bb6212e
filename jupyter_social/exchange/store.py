"""Submissions in the database: versions, files by content, and what peers get."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)

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


@dataclass(frozen=True)
class Preview:
    """What a unit is about to hand in; `submission` is set once it has."""

    id: str
    unit: UnitId
    content_hash: str
    notes: tuple[str, ...]
    submission: str | None = None


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


def standing(tx: Connection, course: CourseId, assignment: str) -> dict[UnitId, str]:
    """Return the id of each unit's newest version where that stands (is not withdrawn)."""
    versions = latest(tx, course, assignment).values()
    return {version.unit: version.id for version in versions if version.withdrawn_at is None}


def add_version(tx: Connection, course: CourseId, assignment: str, version: Version) -> None:
    """Enter a hand-in; its contents follow with `put_contents` or `take_preview`."""
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


def put_contents(
    tx: Connection,
    submission: str,
    *,
    files: Mapping[str, bytes],
    notebooks: list[AnonymousNotebook],
) -> None:
    """Store the files of a hand-in and its anonymous copies."""
    key = {"submission_id": submission}
    _put(tx, tables.submission_file, tables.anonymous_notebook, key, files, notebooks)


def withdraw(tx: Connection, version: Version, *, at: datetime) -> None:
    """Note that a hand-in is withdrawn; its contents stay."""
    table = tables.submission
    tx.execute(update(table).where(table.c.id == version.id).values(withdrawn_at=at))


def anonymous_notebooks(tx: Connection, submission: str) -> dict[str, bytes]:
    """Return what peers get of a submission, by public name."""
    table = tables.anonymous_notebook
    return _contents(tx, table, table.c.submission_id == submission)


def notebook_names(tx: Connection, submissions: Iterable[str]) -> dict[str, list[str]]:
    """Return the public names of the notebooks of each submission."""
    table = tables.anonymous_notebook
    wanted = sorted(set(submissions))
    query = (
        select(table.c.submission_id, table.c.name)
        .where(table.c.submission_id.in_(wanted))
        .order_by(table.c.name)
    )
    names: dict[str, list[str]] = {submission: [] for submission in wanted}
    for submission, name in tx.execute(query):
        names[submission].append(name)
    return names


def reports(tx: Connection, submission: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what was removed from each notebook and what may remain, by its author's file name."""
    table = tables.anonymous_notebook
    return _reports(tx, table, table.c.submission_id == submission)


def preview_of(tx: Connection, unit: UnitId) -> Preview | None:
    """Return what a unit is about to hand in, or has handed in from a preview last."""
    table = tables.preview
    row = tx.execute(select(table).where(table.c.unit_id == unit)).mappings().one_or_none()
    if row is None:
        return None
    return Preview(row["id"], unit, row["content_hash"], tuple(row["notes"]), row["submission_id"])


def replace_preview(
    tx: Connection,
    course: CourseId,
    assignment: str,
    preview: Preview,
    *,
    files: Mapping[str, bytes],
    notebooks: list[AnonymousNotebook],
) -> None:
    """Store a preview in place of the unit's one before."""
    table = tables.preview
    before = preview_of(tx, preview.unit)
    if before is not None:
        for part in (tables.preview_file, tables.preview_notebook):
            tx.execute(delete(part).where(part.c.preview_id == before.id))
        tx.execute(delete(table).where(table.c.id == before.id))
    tx.execute(
        insert(table).values(
            id=preview.id,
            course_id=course,
            assignment=assignment,
            unit_id=preview.unit,
            content_hash=preview.content_hash,
            notes=list(preview.notes),
        )
    )
    key = {"preview_id": preview.id}
    _put(tx, tables.preview_file, tables.preview_notebook, key, files, notebooks)


def take_preview(tx: Connection, preview: Preview, submission: str) -> None:
    """Make the contents of a preview those of a submission: the very same bytes."""
    for source, target in (
        (tables.preview_file, tables.submission_file),
        (tables.preview_notebook, tables.anonymous_notebook),
    ):
        names = [column.name for column in source.c if column.name != "preview_id"]
        copied = select(literal(submission), *(source.c[name] for name in names)).where(
            source.c.preview_id == preview.id
        )
        tx.execute(insert(target).from_select(["submission_id", *names], copied))
    table = tables.preview
    tx.execute(update(table).where(table.c.id == preview.id).values(submission_id=submission))


def preview_names(tx: Connection, preview: str) -> list[str]:
    """Return the public names of the notebooks of a preview."""
    table = tables.preview_notebook
    query = select(table.c.name).where(table.c.preview_id == preview).order_by(table.c.name)
    return list(tx.execute(query).scalars())


def preview_notebooks(tx: Connection, preview: str) -> dict[str, bytes]:
    """Return what peers would get of a preview, by public name."""
    table = tables.preview_notebook
    return _contents(tx, table, table.c.preview_id == preview)


def preview_reports(tx: Connection, preview: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what was removed from a preview and what may remain, by its author's file name."""
    table = tables.preview_notebook
    return _reports(tx, table, table.c.preview_id == preview)


def damaged_blobs(tx: Connection) -> list[str]:
    """Return the hashes of stored contents that no longer match their hash."""
    table = tables.blob
    query = select(table.c.sha256, table.c.content).execution_options(yield_per=50)
    return [sha256 for sha256, content in tx.execute(query) if _sha256(content) != sha256]


def _contents(tx: Connection, table: Table, here: ColumnElement[bool]) -> dict[str, bytes]:
    blob = tables.blob
    query = (
        select(table.c.name, blob.c.content)
        .join(blob, blob.c.sha256 == table.c.sha256)
        .where(here)
        .order_by(table.c.name)
    )
    return {row.name: row.content for row in tx.execute(query)}


def _reports(
    tx: Connection, table: Table, here: ColumnElement[bool]
) -> list[tuple[str, dict[str, Any]]]:
    query = select(table.c.source, table.c.report).where(here).order_by(table.c.source)
    return [(row.source, row.report) for row in tx.execute(query)]


def _put(
    tx: Connection,
    file_table: Table,
    notebook_table: Table,
    key: Mapping[str, str],
    files: Mapping[str, bytes],
    notebooks: list[AnonymousNotebook],
) -> None:
    _put_blobs(tx, [*files.values(), *(notebook.data for notebook in notebooks)])
    tx.execute(
        insert(file_table),
        [{**key, "name": name, "sha256": _sha256(content)} for name, content in files.items()],
    )
    tx.execute(
        insert(notebook_table),
        [
            {
                **key,
                "name": notebook.name,
                "source": notebook.source,
                "sha256": _sha256(notebook.data),
                "cell_ids": dict(notebook.cell_ids),
                "report": dict(notebook.report),
            }
            for notebook in notebooks
        ],
    )


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
