"""What must hold of every database after whatever happened to it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from jupyter_social.app import open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.core.maintenance import structural_problems


def inconsistencies(course: Path, url: str) -> list[str]:
    """Return what does not fit together; nobody else may have the database open."""
    app = open_application(CourseFolder(course), url)
    try:
        return app.database.read(
            lambda tx: [
                *structural_problems(tx),
                *app.broken_proofs(tx),
                *_gaps(tx, "submission", "unit_id", "version"),
                *_gaps(tx, "review_entry", "review_id", "number"),
                *_ledger(tx),
                *_journal(tx),
            ]
        )
    finally:
        app.close()


def _gaps(tx: Connection, table: str, owner: str, number: str) -> list[str]:
    """Numbers that do not count 1, 2, 3, …"""
    query = text(
        f"SELECT {owner} FROM {table} GROUP BY {owner} "
        f"HAVING min({number}) <> 1 OR max({number}) <> count(*)"
    )
    return [f"{table} of {found} has gaps" for (found,) in tx.execute(query)]


def _ledger(tx: Connection) -> list[str]:
    """Reviews are submitted and taken back in turn, and their tasks say the same."""
    rows = tx.execute(
        text("SELECT review_id, kind FROM review_entry ORDER BY review_id, number")
    ).all()
    wrong, last = [], {}
    for review, entries in groupby(rows, key=lambda row: row[0]):
        kinds = [row[1] for row in entries]
        last[review] = kinds[-1]
        if kinds != [("submitted", "taken-back")[nth % 2] for nth in range(len(kinds))]:
            wrong.append(f"the ledger of {review} says {kinds}")
    wanted: dict[Any, str] = {"submitted": "finished", "taken-back": "begun"}
    for review, state in tx.execute(text("SELECT id, state FROM review_task")):
        if review in last and state != wanted[last[review]]:
            wrong.append(f"the task of {review} is {state} after {last[review]}")
        if review not in last and state == "finished":
            wrong.append(f"the task of {review} is finished without an entry")
    return wrong


def _journal(tx: Connection) -> list[str]:
    """Each deed is in the journal once."""
    counted = {
        "review.submitted": "SELECT count(*) FROM review_entry WHERE kind = 'submitted'",
        "review.taken-back": "SELECT count(*) FROM review_entry WHERE kind = 'taken-back'",
        "review.begun": "SELECT count(*) FROM review",
        "submission.handed-in": "SELECT count(*) FROM submission",
        "feedback.released": "SELECT count(*) FROM release",
    }
    wrong = []
    for kind, query in counted.items():
        events = text("SELECT count(*) FROM journal WHERE kind = :kind")
        noted = tx.execute(events, {"kind": kind}).scalar_one()
        there = tx.execute(text(query)).scalar_one()
        if noted != there:
            wrong.append(f"the journal has {noted} of {kind}, the tables {there}")
    return wrong
