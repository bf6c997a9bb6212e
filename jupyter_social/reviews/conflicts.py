"""Declared conflicts: from names to pseudonyms."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Invalid
from jupyter_social.core.membership import group_names, members
from jupyter_social.core.operations import Act
from jupyter_social.core.owners import all_owners, unit_of
from jupyter_social.reviews.rules import Pair
from jupyter_social.reviews.views import DeclaredConflict


def conflict_pairs(
    act: Act, assignment: Assignment, declared: Sequence[DeclaredConflict]
) -> list[Pair]:
    """Return declared conflicts as pairs of units.

    People who do not hand in (staff, who has left) have nothing to review and are passed over;
    a name that nobody ever had is refused, since it is most likely a typo.
    """
    if not declared:
        return []
    owners = all_owners(act, assignment.by)
    owner_of = {name: owner for owner in owners for name in (*owner.usernames, owner.name)}
    known = owner_of.keys() | {member.username for member in members(act.tx, act.course)}
    known |= group_names(act.tx, act.course)
    names = {name for conflict in declared for name in (conflict.reviewer, conflict.author)}
    unknown = sorted(names - known)
    if unknown:
        raise Invalid(
            f"The conflicts name {', '.join(map(repr, unknown[:5]))}, whom the roster does not "
            "know. Correct the file, or import the roster first."
        )
    units = {
        name: unit_of(act, assignment.name, owner_of[name], assignment.by)
        for name in sorted(names & owner_of.keys())
    }
    return [
        (units[conflict.reviewer], units[conflict.author])
        for conflict in declared
        if conflict.reviewer in units and conflict.author in units
    ]
