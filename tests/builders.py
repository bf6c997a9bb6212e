"""Builders: a classroom in a sentence, with a clock and a random source of its own.

`Classroom.new(folder, url).with_students(12).who_all_hand_in("ps1")` is a course whose twelve
students have handed in a notebook each, on a real database.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from jupyter_social.app import Application, open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.exchange import store as hand_ins
from jupyter_social.exchange.operations import RECEIVE, WITHDRAW
from jupyter_social.exchange.views import (
    FileView,
    ReceiveSubmission,
    SubmissionReceived,
    WithdrawSubmission,
)
from jupyter_social.reviews import store
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.desk.rules import EntryKind, ReviewText
from jupyter_social.reviews.desk.store import Entry, Review
from jupyter_social.reviews.operations import ASSIGN
from jupyter_social.reviews.store import TaskState
from jupyter_social.reviews.views import AssignReviews, ReviewsAssigned
from jupyter_social.roster.operations import REPLACE
from jupyter_social.roster.views import EntryView, ReplaceRoster, RosterReplaced

COURSE_TOML = """\
[course]
name = "testing"
title = "Testing"
timezone = "Europe/Berlin"

[assignments.ps1]
title = "First"
due = 2026-01-16T23:59:00
review_due = 2026-01-23T23:59:00

[assignments.team]
title = "Together"
by = "group"
"""


RUBRIC_TOML = """\
[[assignments.ps1.criteria]]
key = "clear"
title = "Clear"
grade_id = "q1"
levels = [
  { points = 0, title = "Not yet" }, { points = 2, title = "Mostly" }, { points = 4, title = "Yes" }
]

[[assignments.ps1.criteria]]
key = "whole"
title = "The whole"
levels = [{ points = 0, title = "Not yet" }, { points = 1.5, title = "Yes" }]

[[assignments.team.criteria]]
key = "together"
title = "Together"
levels = [{ points = 0, title = "Not yet" }, { points = 3, title = "Yes" }]
"""


class TestClock:
    """A clock that stands still until it is told to go on."""

    __test__ = False

    def __init__(self, start: datetime = datetime(2026, 1, 10, 12, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **by: float) -> None:
        self._now += timedelta(**by)


class SeededRandom:
    """A random source that can be replayed."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def token_bytes(self, nbytes: int, /) -> bytes:
        return self._random.randbytes(nbytes)


def notebook(*cells: str | dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """A notebook of nbformat 4.5; a string is the source of a code cell."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": metadata,
        "cells": [
            code(cell, id=f"cell-{number}") if isinstance(cell, str) else cell
            for number, cell in enumerate(cells)
        ],
    }


def code(
    source: str,
    *,
    id: str = "code",
    outputs: Any = (),
    **metadata: Any,
) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": id,
        "metadata": metadata,
        "source": source,
        "outputs": list(outputs),
        "execution_count": None,
    }


def as_bytes(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()


@dataclass
class Classroom:
    """A course folder and the application that runs it."""

    folder: Path
    url: str
    app: Application
    clock: TestClock
    people: list[RosterEntry] = field(default_factory=list)

    @classmethod
    def new(cls, folder: Path, url: str, *, seed: int = 0) -> Classroom:
        cls.write(folder)
        clock = TestClock()
        app = open_application(CourseFolder(folder), url, clock=clock, random=SeededRandom(seed))
        return cls(folder, url, app, clock)

    @staticmethod
    def write(folder: Path) -> None:
        """Write the course's files."""
        source = folder / "source" / "ps1"
        source.mkdir(parents=True)
        (folder / "course.toml").write_text(COURSE_TOML, encoding="utf-8")
        (folder / "rubric.toml").write_text(RUBRIC_TOML, encoding="utf-8")
        graded = code("answer = 42", id="q1", nbgrader={"grade_id": "q1"})
        (source / "work.ipynb").write_bytes(as_bytes(notebook(graded)))

    def close(self) -> None:
        self.app.close()

    def reopened(self) -> Classroom:
        """The same course after a restart of the program."""
        self.app.close()
        self.app = open_application(
            CourseFolder(self.folder), self.url, clock=self.clock, random=SeededRandom(99)
        )
        return self

    def with_students(self, number: int, *, groups_of: int = 0) -> Classroom:
        students = [
            student(i, group=f"group-{i // groups_of}" if groups_of else None)
            for i in range(number)
        ]
        self.replace_roster([*students, RosterEntry(teacher(), Role.INSTRUCTOR)])
        return self

    def replace_roster(self, entries: list[RosterEntry]) -> RosterReplaced:
        self.people = entries
        request = ReplaceRoster(entries=[EntryView.of(entry) for entry in entries])
        return self.app.perform(REPLACE, request)

    def without(self, *usernames: str) -> Classroom:
        """The same class after some have left."""
        self.replace_roster([p for p in self.people if p.identity.username not in usernames])
        return self

    @property
    def students(self) -> list[str]:
        return [p.identity.username for p in self.people if p.role is Role.STUDENT]

    def hand_in(
        self,
        username: str,
        text: str = "",
        *,
        assignment: str = "ps1",
        key: str | None = None,
        **files: bytes,
    ) -> SubmissionReceived:
        """Hand in one notebook (`work.ipynb`) with this text in it, or the files given."""
        if not files:
            cell = code(text or f"print({username!r})", id="q1", nbgrader={"grade_id": "q1"})
            contents = {"work.ipynb": as_bytes(notebook(cell))}
        else:
            contents = {f"{name}.ipynb": data for name, data in files.items()}
        views = [FileView(name=name, content=data) for name, data in contents.items()]
        request = ReceiveSubmission(assignment=assignment, owner=username, files=views)
        return self.app.perform(RECEIVE, request, key=key)

    def who_all_hand_in(self, assignment: str = "ps1") -> Classroom:
        for username in self.students:
            self.hand_in(username, assignment=assignment)
        return self

    def withdraw(self, username: str, *, assignment: str = "ps1") -> None:
        self.app.perform(WITHDRAW, WithdrawSubmission(assignment=assignment, owner=username))

    def assign(self, reviews: int = 3, **options: Any) -> ReviewsAssigned:
        request = AssignReviews(**{"assignment": "ps1", "reviews": reviews, **options})
        return self.app.perform(ASSIGN, request)

    def tasks(self, assignment: str = "ps1") -> list[store.Task]:
        return self.app.database.read(lambda tx: store.tasks(tx, self.app.course, assignment))

    def begin_reviews(self, share: float, *, seed: int = 1, assignment: str = "ps1") -> int:
        """Let a share of the open reviews begin, chosen at random; returns how many."""
        open_tasks = [t for t in self.tasks(assignment) if t.state is TaskState.OPEN]
        chosen = random.Random(seed).sample(open_tasks, round(share * len(open_tasks)))
        self.app.database.write(lambda tx: [self._begin(tx, assignment, task) for task in chosen])
        return len(chosen)

    def finish_review(self, task: store.Task, *, assignment: str = "ps1") -> None:
        """Let an open review be submitted, with the lowest points of each criterion."""
        criteria = self.app.files.course.assignment(assignment).criteria
        text = ReviewText({criterion.key: criterion.levels[0].points for criterion in criteria})

        def finish(tx: Connection) -> None:
            course, now = self.app.course, self.clock.now()
            self._begin(tx, assignment, task)
            desk.save_draft(tx, task.id, text, version=2)
            rubric = desk.rubric_version(tx, course, assignment, criteria, at=now)
            desk.add_entry(tx, Entry(task.id, 1, EntryKind.SUBMITTED, rubric, text), at=now)
            store.set_state(tx, course, assignment, task.pair, TaskState.FINISHED)

        self.app.database.write(finish)

    def _begin(self, tx: Connection, assignment: str, task: store.Task) -> None:
        course = self.app.course
        work = hand_ins.standing(tx, course, assignment)[task.author]
        review = Review(task.id, task.author, work, reviewer=task.reviewer)
        desk.add_review(tx, course, assignment, review)
        desk.save_draft(tx, task.id, ReviewText(), version=1)
        store.set_state(tx, course, assignment, task.pair, TaskState.BEGUN)


def student(number: int, *, group: str | None = None) -> RosterEntry:
    who = Identity(f"student{number:03d}", f"Given{number} Family{number}", f"s{number}@uni.test")
    return RosterEntry(who, Role.STUDENT, group)


def teacher() -> Identity:
    return Identity("teacher", "Terry Teacher", "terry@uni.test")
