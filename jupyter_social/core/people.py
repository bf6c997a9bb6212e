"""People and what they are in a course.

A `Person` has a random id that stays for good; names and addresses may change. What a person may
do follows from a `Membership` in a course, read from our own tables at every act. `Identity` is
what the roster says of a person: it names somebody, and so appears only where names are needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", str)
CourseId = NewType("CourseId", str)
UnitId = NewType("UnitId", str)


class Role(StrEnum):
    """What a person is in a course. The operator runs the installation and is in no roster."""

    STUDENT = "student"
    ASSISTANT = "assistant"
    INSTRUCTOR = "instructor"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Identity:
    """A person as the roster names them."""

    username: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class RosterEntry:
    """One line of a roster: who somebody is, as what, and in which group (None: in none)."""

    identity: Identity
    role: Role
    group: str | None = None


def groups_like_people(entries: Sequence[RosterEntry]) -> list[int]:
    """Return the places of entries whose group is called like a person of the roster.

    A hand-in is named by its person or group: one name for both would act on the wrong one.
    """
    names = {entry.identity.username.casefold() for entry in entries}
    return [i for i, entry in enumerate(entries) if entry.group and entry.group.casefold() in names]


@dataclass(frozen=True)
class Actor:
    """Who acts, as decided by the door through which the request came.

    `person` is None for the operator, who is not a person of the course, and for a `job` of the
    program itself. `on_behalf` tells that the operator acts for the person (`--as NAME`), which
    the journal records.
    """

    person: PersonId | None
    role: Role
    on_behalf: bool = False
    job: str = ""

    @property
    def label(self) -> str:
        """How the journal names the actor: an id, `operator` or a job, never a name."""
        if self.job:
            return self.job
        if self.person is None:
            return "operator"
        return f"operator as {self.person}" if self.on_behalf else self.person


OPERATOR = Actor(person=None, role=Role.OPERATOR)
DEADLINE = Actor(person=None, role=Role.OPERATOR, job="deadline")
