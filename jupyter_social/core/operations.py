"""The operation table's row: how a wing declares what it offers.

An operation is one plain function in one transaction. Its row says how it is reached over HTTP,
what goes in and out, and which permission it needs; the routes, the OpenAPI document, the command
line and the authorisation tests are all driven by the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from sqlalchemy import Connection

from jupyter_social.core import journal
from jupyter_social.core.clock import Clock
from jupyter_social.core.course import Assignment, CourseFiles
from jupyter_social.core.errors import NOTHING_HERE, NotFound
from jupyter_social.core.events import EventKind
from jupyter_social.core.ids import RandomSource
from jupyter_social.core.membership import Caller
from jupyter_social.core.people import Actor, CourseId, Role, UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.core.views import View

Request = TypeVar("Request", bound=View)
Answer = TypeVar("Answer", bound=View)

MAX_BODY = 256 * 1024


class HandIns(Protocol):
    """What the exchange knows and reviews ask: a port, since wings do not import each other."""

    def standing(self, tx: Connection, course: CourseId, assignment: str) -> dict[UnitId, str]:
        """The id of the submission that stands of each unit."""
        ...

    def notebook_names(self, tx: Connection, submissions: Iterable[str]) -> dict[str, list[str]]:
        """The public names of the notebooks of each submission."""
        ...

    def anonymous_notebooks(self, tx: Connection, submission: str) -> dict[str, bytes]:
        """What peers get of a submission, by public name."""
        ...


@dataclass(frozen=True)
class Trust:
    """What the installation can promise: see docs/explanation/anonymity.md.

    `isolated` tells that no user of the course can run code where its data lies. Without it
    anonymity and marks are for practice, and a graded round is refused unless the operator
    accepts that in the configuration.
    """

    isolated: bool = False
    accepts_graded: bool = False

    @property
    def practice_notice(self) -> str | None:
        """What people are told where there is no isolation."""
        if self.isolated:
            return None
        return (
            "For practice: whoever can run code on this server can read its files, so anonymity "
            "and marks cannot be promised here."
        )


@dataclass(frozen=True)
class Act:
    """Everything one call may touch: its transaction, who acts, the course, time and chance."""

    tx: Connection
    actor: Actor
    course: CourseId
    files: CourseFiles
    hand_ins: HandIns
    clock: Clock
    random: RandomSource
    trust: Trust

    def assignment(self, name: str) -> Assignment:
        """Return an assignment of the course; students are told nothing of what they may not see.

        Raises `NotFound`.
        """
        if self.actor.role is not Role.STUDENT:
            return self.files.course.assignment(name)
        found = self.files.course.assignments.get(name)
        if found is None:
            raise NotFound(NOTHING_HERE)
        return found

    def record(
        self,
        kind: EventKind,
        *,
        subject: str | None = None,
        data: Mapping[str, object] | None = None,
        unit: UnitId | None = None,
    ) -> None:
        """Append an event of this act to the course's journal: ids and counts, never names.

        What somebody does under a pseudonym is written down under it: give the `unit` then.
        """
        journal.append(
            self.tx,
            self.course,
            at=self.clock.now(),
            actor=self.actor.label if unit is None else f"unit {unit}",
            kind=kind.value,
            subject=subject,
            data=data,
        )


class Performs(Protocol):
    """Whatever runs operations of one course: here in this process, or asked over a wire."""

    def perform(
        self,
        operation: Operation[Request, Answer],
        request: Request,
        *,
        caller: Caller = ...,
        key: str | None = None,
    ) -> Answer:
        """Run an operation and return its answer, or raise the `Problem` it was refused with."""
        ...

    def rehearse(
        self, operation: Operation[Request, Answer], request: Request, *, caller: Caller = ...
    ) -> Answer:
        """Return what `perform` would, and change nothing."""
        ...


@dataclass(frozen=True)
class Operation(Generic[Request, Answer]):
    """One thing that can be asked of a course.

    `path` holds the request's path fields in braces, below the course. An answer that holds names
    is not stored for repeated requests: beside a hand-in of the same instant it would tell whose
    that is. Such an operation says in `repeated` what it answers then, changing nothing.
    `max_body` bounds, in bytes, what is read of a request at all; after what `forgets`, the
    database wipes what was deleted.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    call: Callable[[Act, Request], Answer]
    body: type[Request]
    returns: type[Answer]
    needs: Action
    repeated: Callable[[Act, Request], Answer] | None = None
    max_body: int = MAX_BODY
    forgets: bool = False

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.method != "GET"
