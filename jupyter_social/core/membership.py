"""Who is in a course, and as what: the only SQL over the `member` table's active rows.

Every act asks here, inside its own transaction, what its caller is; so a student who was dropped
from the roster a second ago is nobody a second later (threats I6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite

from jupyter_social.core import tables
from jupyter_social.core.errors import NOTHING_HERE, NotFound
from jupyter_social.core.ids import RandomSource, new_id
from jupyter_social.core.people import OPERATOR, Actor, CourseId, Identity, PersonId, Role


@dataclass(frozen=True)
class Caller:
    """Who knocks, as the door knows it: a person, the operator, or the operator for a person.

    Without a user name it is the operator; `on_behalf` tells that the operator acts for the
    person (`--as NAME`), which the journal records.
    """

    username: str | None = None
    on_behalf: bool = False


@dataclass(frozen=True)
class Member:
    """An active or former member of a course, as the roster describes them."""

    person: PersonId
    identity: Identity
    role: Role
    group: str | None
    active: bool

    @property
    def username(self) -> str:
        """The user name, unique among a course's active members."""
        return self.identity.username


def course_id(tx: Connection, name: str) -> CourseId | None:
    """Return the id of the course of this name, or None where nothing happened in it yet."""
    found = tx.execute(select(tables.course.c.id).where(tables.course.c.name == name))
    return found.scalar_one_or_none()


def lock_course(tx: Connection, course: CourseId) -> None:
    """Let one writer into a course at a time, on PostgreSQL as on SQLite."""
    query = select(tables.course.c.id).where(tables.course.c.id == course).with_for_update()
    tx.execute(query).one()


def enter_course(tx: Connection, name: str, *, at: datetime, random: RandomSource) -> CourseId:
    """Return the id of the course of this name, entering it where it is new.

    Two processes may come to it at the same time: the name is unique, and whoever is second gets
    the id of the first.
    """
    values = {"id": new_id(random), "name": name, "created_at": at}
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    tx.execute(dialect.insert(tables.course).values(values).on_conflict_do_nothing())
    return CourseId(
        tx.execute(select(tables.course.c.id).where(tables.course.c.name == name)).scalar_one()
    )


def members(tx: Connection, course: CourseId) -> list[Member]:
    """Return everybody who is or was in the course, by user name, active ones first."""
    table, group = tables.member, tables.roster_group
    query = (
        select(table, group.c.name.label("group_name"))
        .select_from(table.outerjoin(group, table.c.group_id == group.c.id))
        .where(table.c.course_id == course)
        .order_by(table.c.active.desc(), table.c.username, table.c.person_id)
    )
    return [_member(row) for row in tx.execute(query).mappings()]


def everybody(tx: Connection, course: CourseId) -> list[Identity]:
    """Return who is or was in the course; of two with one user name the present one is last.

    The scrubber knows authors by user name, and the last of a name is who it means.
    """
    return [m.identity for m in sorted(members(tx, course), key=lambda m: m.active)]


def active_members(tx: Connection, course: CourseId) -> dict[str, Member]:
    """Return the active members by user name, in order of it."""
    return {found.username: found for found in members(tx, course) if found.active}


def group_ids(tx: Connection, course: CourseId) -> dict[str, str]:
    """Return the id of each group that is or was in the course, by its name."""
    table = tables.roster_group
    query = select(table.c.name, table.c.id).where(table.c.course_id == course)
    return {row.name: row.id for row in tx.execute(query)}


def admit(tx: Connection, course: CourseId, caller: Caller) -> Actor:
    """Turn a caller into an actor with the role they have now, or refuse who has none."""
    if caller.username is None:
        return OPERATOR
    table = tables.member
    row = tx.execute(
        select(table.c.person_id, table.c.role).where(
            table.c.course_id == course, table.c.username == caller.username, table.c.active
        )
    ).one_or_none()
    if row is None and not caller.on_behalf:
        raise NotFound(NOTHING_HERE)
    if row is None:
        raise NotFound(
            f"Nobody in this course has the user name {caller.username!r}. "
            "`jupyter social roster list` shows who is in it."
        )
    return Actor(person=PersonId(row.person_id), role=Role(row.role), on_behalf=caller.on_behalf)


def _member(row: RowMapping) -> Member:
    return Member(
        person=PersonId(row["person_id"]),
        identity=Identity(username=row["username"], name=row["name"], email=row["email"]),
        role=Role(row["role"]),
        group=row["group_name"],
        active=row["active"],
    )
