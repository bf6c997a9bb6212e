"""Builds a running application from its configuration: the only wiring.

An `Application` is one course's folder and one database. `perform` runs one operation as one
caller: admission, permission, idempotency key and the use case itself share a transaction, so
nothing can change between the question "may they?" and the deed.
"""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import Connection

from jupyter_social.core import idempotency, membership
from jupyter_social.core.clock import Clock, SystemClock
from jupyter_social.core.course import CourseFiles
from jupyter_social.core.database import Database, open_database
from jupyter_social.core.errors import Invalid
from jupyter_social.core.idempotency import Repeatable
from jupyter_social.core.ids import RandomSource, SystemRandomSource
from jupyter_social.core.membership import Caller
from jupyter_social.core.operations import Act, Operation, Trust
from jupyter_social.core.pauses import refuse_while_paused
from jupyter_social.core.people import DEADLINE, Actor, CourseId
from jupyter_social.core.permissions import require
from jupyter_social.core.views import View
from jupyter_social.exchange import store as hand_ins
from jupyter_social.reviews.rounds.deadlines import due_switches, switch_due
from jupyter_social.reviews.store import assigned
from jupyter_social.reviews.verification import verify_assignment

Request = TypeVar("Request", bound=View)
Answer = TypeVar("Answer", bound=View)

MAX_KEY_LENGTH = 255
OPERATOR = Caller()
PRACTICE = Trust()


class Application:
    """A course at work; `close` it when done."""

    def __init__(
        self,
        files: CourseFiles,
        database: Database,
        *,
        clock: Clock,
        random: RandomSource,
        trust: Trust = PRACTICE,
    ) -> None:
        self.files = files
        self.database = database
        self.clock = clock
        self.random = random
        self.trust = trust
        self.course = self._enter_course(files.course.name)

    def perform(
        self,
        operation: Operation[Request, Answer],
        request: Request,
        *,
        caller: Caller = OPERATOR,
        key: str | None = None,
    ) -> Answer:
        """Run an operation and return its answer.

        A write with a `key` is done once: the same request with the same key changes nothing and
        gets the stored answer, or where answers hold names, one that tells how things stand.
        Raises a `Problem` for whatever is refused.
        """
        if not operation.writes:
            return self.database.read(lambda tx: self._call(tx, operation, request, caller))
        if key is not None and not 0 < len(key) <= MAX_KEY_LENGTH:
            raise Invalid(f"An idempotency key has 1 to {MAX_KEY_LENGTH} characters.")
        answer = self.database.write(lambda tx: self._once(tx, operation, request, caller, key))
        if operation.forgets:
            self.database.forget()
        return answer

    def rehearse(
        self, operation: Operation[Request, Answer], request: Request, *, caller: Caller = OPERATOR
    ) -> Answer:
        """Return what `perform` would, and change nothing."""
        return self.database.rehearse(lambda tx: self._call(tx, operation, request, caller))

    def advance(self) -> int:
        """Switch the phases whose deadline has come; returns how many. Asked every few seconds."""
        if not self.database.read(lambda tx: due_switches(self._act(tx, DEADLINE))):
            return 0
        return self.database.write(self._advance)

    def broken_proofs(self, tx: Connection) -> list[str]:
        """Return the assignments whose allocation does not follow from its stored runs."""
        return [
            f"The reviews of {name} are not what their runs come to."
            for name in assigned(tx, self.course)
            if not verify_assignment(tx, self.course, name).holds
        ]

    def close(self) -> None:
        """Give the database back."""
        self.database.close()

    def _advance(self, tx: Connection) -> int:
        membership.lock_course(tx, self.course)
        return switch_due(self._act(tx, DEADLINE))

    def _once(
        self,
        tx: Connection,
        operation: Operation[Request, Answer],
        request: Request,
        caller: Caller,
        key: str | None,
    ) -> Answer:
        membership.lock_course(tx, self.course)
        act = self._admit(tx, operation, caller)
        if key is None:
            return operation.call(act, request)
        sent = Repeatable(act.actor.label, operation.name, key, request.model_dump_json())
        done = idempotency.recall(tx, self.course, sent)
        if done is not None and done.body is not None:
            return operation.returns.model_validate_json(done.body)
        if done is not None and operation.repeated is not None:
            return operation.repeated(act, request)
        answer = operation.call(act, request)
        body = None if operation.repeated else answer.model_dump_json()
        idempotency.keep(tx, self.course, sent, body=body, at=self.clock.now())
        return answer

    def _call(
        self,
        tx: Connection,
        operation: Operation[Request, Answer],
        request: Request,
        caller: Caller,
    ) -> Answer:
        return operation.call(self._admit(tx, operation, caller), request)

    def _admit(self, tx: Connection, operation: Operation[Request, Answer], caller: Caller) -> Act:
        actor = membership.admit(tx, self.course, caller)
        require(actor, operation.needs)
        refuse_while_paused(tx, self.course, actor)
        return self._act(tx, actor)

    def _act(self, tx: Connection, actor: Actor) -> Act:
        return Act(
            tx,
            actor,
            self.course,
            files=self.files,
            hand_ins=hand_ins,
            clock=self.clock,
            random=self.random,
            trust=self.trust,
        )

    def _enter_course(self, name: str) -> CourseId:
        found = self.database.read(lambda tx: membership.course_id(tx, name))
        if found is not None:
            return found
        return self.database.write(
            lambda tx: membership.enter_course(tx, name, at=self.clock.now(), random=self.random)
        )


def open_application(
    files: CourseFiles,
    url: str,
    *,
    clock: Clock | None = None,
    random: RandomSource | None = None,
    trust: Trust = PRACTICE,
) -> Application:
    """Open the database at `url` for the course in `files`."""
    clock = clock or SystemClock()
    # A course that cannot be read is refused before a database file is made for it.
    _ = files.course
    database = open_database(url, now=clock.now())
    try:
        return Application(
            files, database, clock=clock, random=random or SystemRandomSource(), trust=trust
        )
    except BaseException:
        database.close()
        raise
