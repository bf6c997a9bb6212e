"""The one place where a pseudonym and a person meet.

Whoever hands in (a person, or a group) is a *unit* of the assignment, with a random id of its own
in each assignment. Everything in peer review speaks of units; only this module reads the table
that joins them to people, and only `reveal` lets names out of it, with a reason and an audit
event (threats rules 5 and 6, D20, D22).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, insert, or_, select

from jupyter_social.core import journal, tables
from jupyter_social.core.course import HandInBy
from jupyter_social.core.errors import Invalid
from jupyter_social.core.events import EventKind
from jupyter_social.core.ids import RandomSource, new_id
from jupyter_social.core.people import CourseId, PersonId, Role, UnitId


@dataclass(frozen=True)
class Standing:
    """What an allocation may know of a unit: no name, only whether it is still there.

    `by` says whether a person or a group hands in under it, `group` is an opaque id.
    """

    unit: UnitId
    by: HandInBy
    group: str | None
    active: bool


def unit_of_person(
    tx: Connection, course: CourseId, assignment: str, person: PersonId, *, random: RandomSource
) -> UnitId:
    """Return the unit under which this person hands in this assignment, drawn if it is new."""
    return _unit_of(tx, course, assignment, "person_id", person, random)


def unit_of_group(
    tx: Connection, course: CourseId, assignment: str, group: str, *, random: RandomSource
) -> UnitId:
    """Return the unit under which this group (by id) hands in, drawn if it is new."""
    return _unit_of(tx, course, assignment, "group_id", group, random)


def find_unit(
    tx: Connection, course: CourseId, assignment: str, person: PersonId, *, by: HandInBy
) -> UnitId | None:
    """Return the unit of a person, or of the group they are in now; None before there is one."""
    unit, member = tables.unit, tables.member
    owned = unit.c.person_id == member.c.person_id
    if by is HandInBy.GROUP:
        owned = unit.c.group_id == member.c.group_id
    query = (
        select(unit.c.id)
        .join(member, and_(member.c.course_id == unit.c.course_id, owned))
        .where(
            unit.c.course_id == course,
            unit.c.assignment == assignment,
            member.c.person_id == person,
            member.c.active,
        )
    )
    found = tx.execute(query).scalar_one_or_none()
    return None if found is None else UnitId(found)


def units_of_person(
    tx: Connection, course: CourseId, person: PersonId
) -> tuple[frozenset[UnitId], frozenset[UnitId]]:
    """Return the units of a person alone and those of the group they are in.

    For what the person themselves asks for: an export, or an erasure.
    """
    unit, member = tables.unit, tables.member
    own = select(unit.c.id).where(unit.c.course_id == course, unit.c.person_id == person)
    shared = (
        select(unit.c.id)
        .join(member, and_(member.c.course_id == course, member.c.group_id == unit.c.group_id))
        .where(unit.c.course_id == course, member.c.person_id == person)
    )
    return (
        frozenset(UnitId(id) for id in tx.execute(own).scalars()),
        frozenset(UnitId(id) for id in tx.execute(shared).scalars()),
    )


def standings(tx: Connection, course: CourseId, assignment: str) -> list[Standing]:
    """Return all units of the assignment in order of their random ids.

    A person's unit is active while the person is a student of the course, a group's while any
    member is: who joined the staff reviews with the staff.
    """
    unit, member = tables.unit, tables.member
    here = and_(member.c.active, member.c.role == Role.STUDENT.value)
    person = and_(member.c.course_id == unit.c.course_id, member.c.person_id == unit.c.person_id)
    present = (
        select(member.c.group_id)
        .where(member.c.course_id == course, member.c.group_id.is_not(None), here)
        .distinct()
        .subquery()
    )
    query = (
        select(
            unit.c.id,
            unit.c.person_id,
            func.coalesce(unit.c.group_id, member.c.group_id),
            case((or_(here, present.c.group_id.is_not(None)), 1), else_=0),
        )
        .select_from(
            unit.outerjoin(member, person).outerjoin(present, present.c.group_id == unit.c.group_id)
        )
        .where(unit.c.course_id == course, unit.c.assignment == assignment)
        .order_by(unit.c.id)
    )
    return [
        Standing(UnitId(id), HandInBy.PERSON if person else HandInBy.GROUP, group, bool(active))
        for id, person, group, active in tx.execute(query)
    ]


def owner_names(tx: Connection, course: CourseId, assignment: str) -> dict[UnitId, str]:
    """Return the user name (or group name) behind each unit.

    For lists of who has handed in. What a unit wrote or reviewed is never shown beside it: that
    is what `reveal` is for.
    """
    unit, member, group = tables.unit, tables.member, tables.roster_group
    person = and_(member.c.course_id == unit.c.course_id, member.c.person_id == unit.c.person_id)
    query = (
        select(unit.c.id, func.coalesce(member.c.username, group.c.name))
        .select_from(unit.outerjoin(member, person).outerjoin(group, group.c.id == unit.c.group_id))
        .where(unit.c.course_id == course, unit.c.assignment == assignment)
    )
    return {UnitId(id): name for id, name in tx.execute(query)}


def reveal(
    tx: Connection,
    course: CourseId,
    assignment: str,
    units: Iterable[UnitId],
    *,
    reason: str,
    actor: str,
    at: datetime,
) -> dict[UnitId, str]:
    """Return the user name (or group name) behind each unit, and write down who asked and why.

    Raises `Invalid` without a reason: a reveal that cannot say why does not happen.
    """
    if not reason.strip():
        raise Invalid("A reveal needs a reason, in your own words: --reason TEXT.")
    wanted = sorted(set(units))
    journal.append(
        tx,
        course,
        at=at,
        actor=actor,
        kind=EventKind.IDENTITY_REVEALED.value,
        subject=assignment,
        data={"reason": reason.strip(), "units": len(wanted)},
    )
    names = owner_names(tx, course, assignment)
    return {unit: names[unit] for unit in wanted}


def _unit_of(
    tx: Connection,
    course: CourseId,
    assignment: str,
    owner_column: str,
    owner: str,
    random: RandomSource,
) -> UnitId:
    table = tables.unit
    found = tx.execute(
        select(table.c.id).where(
            table.c.course_id == course,
            table.c.assignment == assignment,
            table.c[owner_column] == owner,
        )
    ).scalar_one_or_none()
    if found is not None:
        return UnitId(found)
    new = UnitId(new_id(random))
    values = {"id": new, "course_id": course, "assignment": assignment, owner_column: owner}
    tx.execute(insert(table).values(values))
    return new
