"""Whose hand-in it is: a person, or for group work the group they are in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from jupyter_social.core import pseudonyms, tables
from jupyter_social.core.course import Assignment, HandInBy
from jupyter_social.core.errors import Invalid
from jupyter_social.core.membership import Member, active_members, members
from jupyter_social.core.operations import Act
from jupyter_social.core.people import Role, UnitId


@dataclass(frozen=True)
class Owner:
    """Who hands in: `name` is a user name or a group's name, `authors` the people behind it.

    `former` are people who were in the group when they left: they may have worked on it, too.
    """

    name: str
    authors: tuple[Member, ...]
    former: tuple[Member, ...] = ()

    @property
    def usernames(self) -> tuple[str, ...]:
        """The user names of everybody who may have written it."""
        return tuple(author.username for author in (*self.authors, *self.former))


def find_owner(act: Act, name: str, by: HandInBy) -> Owner:
    """Return whose hand-in goes by this user name (or, for group work, group name).

    Raises `Invalid` for names that are not in the roster, for staff, and for group work of
    somebody without a group.
    """
    everybody = members(act.tx, act.course)
    member = next((m for m in everybody if m.active and m.username == name), None)
    if by is HandInBy.GROUP:
        group = member.group if member else name
        of_group = [m for m in everybody if group and m.group == group and m.role is Role.STUDENT]
        authors = tuple(m for m in of_group if m.active)
        if authors and group:
            return Owner(group, authors, tuple(m for m in of_group if not m.active))
        if member:
            raise Invalid(f"{name} is in no group, and this assignment is handed in by groups.")
    if member is None:
        raise Invalid(f"{name} is not in the roster.")
    if member.role is not Role.STUDENT:
        raise Invalid(f"{name} is staff of the course; only students hand in.")
    return Owner(name, (member,))


def my_owner(act: Act, by: HandInBy) -> Owner:
    """Return whose hand-in it is when the actor hands in: their own, or their group's."""
    me = next(m for m in members(act.tx, act.course) if m.person == act.actor.person)
    return find_owner(act, me.username, by)


def my_unit(act: Act, assignment: Assignment) -> UnitId | None:
    """Return the pseudonym of the actor (or of their group) in an assignment, None before any."""
    if act.actor.person is None:
        return None
    return pseudonyms.find_unit(
        act.tx, act.course, assignment.name, act.actor.person, by=assignment.by
    )


def all_owners(act: Act, by: HandInBy) -> list[Owner]:
    """Return everybody who is expected to hand in, by name."""
    students = [
        member
        for member in active_members(act.tx, act.course).values()
        if member.role is Role.STUDENT
    ]
    if by is HandInBy.PERSON:
        return [Owner(student.username, (student,)) for student in students]
    groups = sorted({student.group for student in students if student.group})
    return [Owner(name, tuple(s for s in students if s.group == name)) for name in groups]


def unit_of(act: Act, assignment: str, owner: Owner, by: HandInBy) -> UnitId:
    """Return the pseudonym under which this owner hands in this assignment."""
    if by is HandInBy.PERSON:
        person = owner.authors[0].person
        return pseudonyms.unit_of_person(act.tx, act.course, assignment, person, random=act.random)
    table = tables.roster_group
    group = act.tx.execute(
        select(table.c.id).where(table.c.course_id == act.course, table.c.name == owner.name)
    ).scalar_one()
    return pseudonyms.unit_of_group(act.tx, act.course, assignment, group, random=act.random)
