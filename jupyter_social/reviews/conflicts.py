"""Declared conflicts: from names to pseudonyms."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_social.core import pseudonyms
from jupyter_social.core.course import Assignment, HandInBy
from jupyter_social.core.errors import Invalid
from jupyter_social.core.membership import Member, group_ids, members
from jupyter_social.core.operations import Act
from jupyter_social.core.people import Role, UnitId
from jupyter_social.reviews.rules import Pair
from jupyter_social.reviews.views import DeclaredConflict


def conflict_pairs(
    act: Act, assignment: Assignment, declared: Sequence[DeclaredConflict]
) -> list[Pair]:
    """Return declared conflicts as pairs of units.

    Who is away is kept in mind for when they come back. Staff have nothing to review and are
    passed over; a name that nobody ever had is refused, since it is most likely a typo.
    """
    if not declared:
        return []
    names = {name for conflict in declared for name in (conflict.reviewer, conflict.author)}
    known = _known(act, assignment, names)
    unknown = sorted(names - known.keys())
    if unknown:
        raise Invalid(
            f"The conflicts name {', '.join(map(repr, unknown[:5]))}, whom the roster does not "
            f"know as a {assignment.by.value} or member. Correct the file, or import the roster."
        )
    return [
        (reviewer, author)
        for reviewer, author in (
            (known[conflict.reviewer], known[conflict.author]) for conflict in declared
        )
        if reviewer and author and reviewer != author
    ]


def _known(act: Act, assignment: Assignment, names: set[str]) -> dict[str, UnitId | None]:
    """Return the unit behind each known name, also of people who are away and may come back."""
    people = [m for m in members(act.tx, act.course) if m.username in names]
    people.sort(key=lambda member: member.active)
    if assignment.by is HandInBy.PERSON:
        return {m.username: _person(act, assignment, m) for m in people}
    of_people = {member.group for member in people}
    groups = {
        name: group
        for name, group in group_ids(act.tx, act.course).items()
        if name in names or name in of_people
    }
    units: dict[str, UnitId | None] = {
        name: pseudonyms.unit_of_group(
            act.tx, act.course, assignment.name, group, random=act.random
        )
        for name, group in groups.items()
    }
    return {m.username: units[m.group] if m.group else None for m in people} | units


def _person(act: Act, assignment: Assignment, member: Member) -> UnitId | None:
    if member.role is not Role.STUDENT:
        return None
    return pseudonyms.unit_of_person(
        act.tx, act.course, assignment.name, member.person, random=act.random
    )
