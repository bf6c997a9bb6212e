"""Writes people and their memberships; reading them is `core.membership`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from jupyter_social.core import membership, tables
from jupyter_social.core.ids import RandomSource, new_id
from jupyter_social.core.people import CourseId, PersonId, RosterEntry


def enter_groups(
    tx: Connection, course: CourseId, names: set[str], *, random: RandomSource
) -> dict[str, str]:
    """Return the id of each group by name, entering those that are new."""
    found = membership.group_ids(tx, course)
    new = [
        {"id": new_id(random), "course_id": course, "name": name}
        for name in sorted(names - found.keys())
    ]
    if new:
        tx.execute(insert(tables.roster_group), new)
    return found | {row["name"]: row["id"] for row in new}


def add_members(
    tx: Connection,
    course: CourseId,
    entries: list[RosterEntry],
    groups: dict[str, str],
    *,
    at: datetime,
    random: RandomSource,
) -> None:
    """Enter new people and make them members."""
    if not entries:
        return
    ids = [new_id(random) for _ in entries]
    tx.execute(insert(tables.person), [{"id": id, "created_at": at} for id in ids])
    rows = [
        {"course_id": course, "person_id": id, "joined_at": at, **_values(entry, groups)}
        for id, entry in zip(ids, entries, strict=True)
    ]
    tx.execute(insert(tables.member), rows)


def update_member(
    tx: Connection, course: CourseId, person: PersonId, entry: RosterEntry, groups: dict[str, str]
) -> None:
    """Give a member what the roster now says of them, and make them active."""
    values = {**_values(entry, groups), "left_at": None}
    tx.execute(_of(course, person).values(values))


def deactivate(tx: Connection, course: CourseId, person: PersonId, *, at: datetime) -> None:
    """Note that a person has left; nothing of theirs is touched."""
    tx.execute(_of(course, person).values(active=False, left_at=at))


def _of(course: CourseId, person: PersonId) -> Any:
    table = tables.member
    return update(table).where(table.c.course_id == course, table.c.person_id == person)


def _values(entry: RosterEntry, groups: dict[str, str]) -> dict[str, Any]:
    return {
        "username": entry.identity.username,
        "name": entry.identity.name,
        "email": entry.identity.email,
        "role": entry.role.value,
        "group_id": groups[entry.group] if entry.group else None,
        "active": True,
    }
