"""The operation table's row: how a wing declares what it offers.

An operation is one plain function in one transaction. Its row says how it is reached over HTTP,
what goes in and out, and which permission it needs; the routes, the OpenAPI document, the command
line and the authorisation tests are all driven by the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar

from sqlalchemy import Connection

from jupyter_social.core import journal
from jupyter_social.core.clock import Clock
from jupyter_social.core.course import CourseFiles
from jupyter_social.core.ids import RandomSource
from jupyter_social.core.membership import Caller
from jupyter_social.core.people import Actor, CourseId, UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.core.views import View

Request = TypeVar("Request", bound=View)
Answer = TypeVar("Answer", bound=View)

MAX_BODY = 256 * 1024

HandIns = Callable[[Connection, CourseId, str], frozenset[UnitId]]
"""Which units have handed in an assignment: what the exchange knows and reviews ask."""


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

    def record(
        self, kind: str, *, subject: str | None = None, data: Mapping[str, object] | None = None
    ) -> None:
        """Append an event of this act to the course's journal: ids and counts, never names."""
        journal.append(
            self.tx,
            self.course,
            at=self.clock.now(),
            actor=self.actor.label,
            kind=kind,
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
    `max_body` bounds, in bytes, what is read of a request at all.
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

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.method != "GET"
