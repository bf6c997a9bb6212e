"""The course at work behind a server: opened after start-up, tended, and closed at the end.

Opening means importing the database library and perhaps waiting for another process that owns the
file, so it happens in a thread while the server already answers; until then everybody is told to
come again. What cannot be opened is tried again: a course that is started in the folder of a
running server, or a database that a command had open, comes up by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from jupyter_social.config import SocialServer
from jupyter_social.core.errors import NotFound, Problem, Unavailable
from jupyter_social.server.addresses import Addresses
from jupyter_social.server.jobs import repeat
from jupyter_social.server.refusals import STOPPING, without_data
from jupyter_social.server.workers import Workers

if TYPE_CHECKING:
    from jupyter_social.app import Application
    from jupyter_social.server.operator_door import OperatorDoor
    from jupyter_social.server.rates import Rates

T = TypeVar("T")

OPENING = "The course is being opened. Try again in a moment."
NOT_READY = "The course cannot be opened right now; the server's log says why."


class Service:
    """One course behind one server; `start` and `stop` on its event loop."""

    def __init__(
        self, opener: Callable[[], Application], options: SocialServer, *, log: logging.Logger
    ) -> None:
        self.options = options
        self.log = log
        self.workers = Workers(threads=options.threads, waiting=options.waiting)
        # Not in the same queue: what falls due must not wait for a crowd.
        self._jobs = Workers(threads=1, waiting=0)
        self.door: OperatorDoor | None = None
        self._opener = opener
        self._application: Application | None = None
        self._refusal: Problem = Unavailable(OPENING)
        self._opening: asyncio.Future[Application] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def application(self) -> Application:
        """The open course, or the refusal that says why there is none yet."""
        if self._application is None:
            raise self._refusal
        return self._application

    @cached_property
    def addresses(self) -> Addresses:
        """Where each operation is; only asked for when the course is open."""
        from jupyter_social.operations import OPERATIONS

        return Addresses(OPERATIONS)

    @cached_property
    def rates(self) -> Rates:
        """How fast each person has asked; only asked for when the course is open."""
        from jupyter_social.server.rates import Rates

        return Rates(
            reads_per_ten_seconds=self.options.reads_per_ten_seconds,
            writes_per_minute=self.options.writes_per_minute,
        )

    def start(self) -> None:
        """Begin to open the course, and return at once."""
        self._tasks.append(asyncio.create_task(self._open()))

    async def stop(self) -> None:
        """Finish what has begun and give the database back."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.door is not None:
            await self.door.stop()
        if self._opening is not None:
            # A thread that is opening cannot be stopped: what it opens is closed again.
            with suppress(Exception):
                self._application = await self._opening
        application, self._application = self._application, None
        self._refusal = Unavailable(STOPPING)
        await asyncio.gather(self.workers.stop(), self._jobs.stop())
        if application is not None:
            await asyncio.to_thread(application.close)

    async def _open(self) -> None:
        while self._application is None:
            try:
                self._opening = asyncio.ensure_future(self.workers.run(self._opener))
                application = await asyncio.shield(self._opening)
                await self._at_work(application)
            except Problem as problem:
                self._refuse(problem)
            except Exception as error:
                self._refuse(Unavailable(NOT_READY))
                self.log.error("The course cannot be opened.\n%s", without_data(error))
            if self._application is None:
                await asyncio.sleep(self.options.retry_seconds)

    async def _at_work(self, application: Application) -> None:
        from jupyter_social.server.operator_door import open_door

        self.door = await open_door(self, application)
        _ = self.addresses, self.rates
        self._application, self._opening = application, None
        self.log.info("The course %s is open.", application.files.course.name)
        job = repeat(self._advance, seconds=self.options.job_seconds, log=self.log)
        self._tasks.append(asyncio.create_task(job))

    async def _advance(self) -> None:
        await self._jobs.run(self.application.advance)

    def _refuse(self, problem: Problem) -> None:
        self._opening = None
        # Where there is no course, whoever asks may start one; all else is for staff to see.
        refusal = problem if isinstance(problem, NotFound) else Unavailable(NOT_READY)
        if refusal.detail != self._refusal.detail and not isinstance(problem, NotFound):
            self.log.warning("The course cannot be opened: %s", problem.detail)
        self._refusal = refusal
