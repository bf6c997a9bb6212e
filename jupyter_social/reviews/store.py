"""Runs and tasks in the database; everything here is in pseudonyms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from jupyter_social.core.ids import RandomSource, new_id
from jupyter_social.core.people import CourseId, UnitId
from jupyter_social.reviews import tables
from jupyter_social.reviews.desk.tables import given_away_task
from jupyter_social.reviews.rules import Pair, RunInputs


class TaskState(StrEnum):
    """How far a review is. Only an open one can be given to somebody else."""

    OPEN = "open"
    BEGUN = "begun"
    FINISHED = "finished"


@dataclass(frozen=True)
class Task:
    """One review to do; its id is the reviewer's alone and leads to nobody else."""

    reviewer: UnitId
    author: UnitId
    state: TaskState
    id: str = ""

    @property
    def pair(self) -> Pair:
        """(reviewer, author)."""
        return (self.reviewer, self.author)


@dataclass(frozen=True)
class Run:
    """A stored run: what it depended on and the hashes that prove what it came to."""

    number: int
    algorithm: str
    inputs: RunInputs
    input_hash: str
    output_hash: str
    at: datetime


def runs(tx: Connection, course: CourseId, assignment: str) -> list[Run]:
    """Return the chain of runs, first to last."""
    table = tables.allocation_run
    query = (
        select(table)
        .where(table.c.course_id == course, table.c.assignment == assignment)
        .order_by(table.c.number)
    )
    return [
        Run(
            number=row["number"],
            algorithm=row["algorithm"],
            inputs=RunInputs.from_json(row["inputs"]),
            input_hash=row["input_hash"],
            output_hash=row["output_hash"],
            at=row["at"],
        )
        for row in tx.execute(query).mappings()
    ]


def assigned(tx: Connection, course: CourseId) -> list[str]:
    """Return the assignments that have runs."""
    table = tables.allocation_run
    query = select(table.c.assignment).where(table.c.course_id == course).distinct()
    return sorted(tx.execute(query).scalars())


def tasks(tx: Connection, course: CourseId, assignment: str) -> list[Task]:
    """Return the reviews to do, in order of pseudonyms."""
    table = tables.review_task
    query = (
        select(table.c.reviewer, table.c.author, table.c.state, table.c.id)
        .where(table.c.course_id == course, table.c.assignment == assignment)
        .order_by(table.c.reviewer, table.c.author)
    )
    return [_task(row) for row in tx.execute(query)]


def tasks_of(
    tx: Connection, course: CourseId, assignment: str, reviewer: UnitId
) -> dict[str, Task]:
    """Return a reviewer's reviews to do by their ids, in order of them."""
    table = tables.review_task
    query = (
        select(table.c.reviewer, table.c.author, table.c.state, table.c.id)
        .where(
            table.c.course_id == course,
            table.c.assignment == assignment,
            table.c.reviewer == reviewer,
        )
        .order_by(table.c.id)
    )
    return {row.id: _task(row) for row in tx.execute(query)}


def add_run(tx: Connection, course: CourseId, assignment: str, run: Run) -> None:
    """Enter a run at the end of the chain."""
    tx.execute(
        insert(tables.allocation_run).values(
            course_id=course,
            assignment=assignment,
            number=run.number,
            algorithm=run.algorithm,
            inputs=run.inputs.as_json(),
            input_hash=run.input_hash,
            output_hash=run.output_hash,
            at=run.at,
        )
    )


def replace_open_tasks(
    tx: Connection,
    course: CourseId,
    assignment: str,
    *,
    run: int,
    pairs: Iterable[Pair],
    random: RandomSource,
) -> None:
    """Make the tasks those of a run's pairs; what has begun is never touched.

    A task that goes to somebody else is kept aside: who did it all the same is not refused. If it
    comes back, it has the id that its reviewer may still have before them.
    """
    table = tables.review_task
    wanted = set(pairs)
    current = tasks(tx, course, assignment)
    here = (table.c.course_id == course, table.c.assignment == assignment)
    for task in current:
        if task.state is TaskState.OPEN and task.pair not in wanted:
            tx.execute(
                insert(given_away_task).values(
                    id=task.id,
                    course_id=course,
                    assignment=assignment,
                    reviewer=task.reviewer,
                    author=task.author,
                )
            )
            tx.execute(
                delete(table).where(
                    *here, table.c.reviewer == task.reviewer, table.c.author == task.author
                )
            )
    new = sorted(wanted - {task.pair for task in current})
    known = _taken_up_again(tx, course, assignment, set(new))
    rows = [
        {
            "id": known.get((reviewer, author)) or new_id(random),
            "course_id": course,
            "assignment": assignment,
            "run": run,
            "reviewer": reviewer,
            "author": author,
            "state": TaskState.OPEN.value,
        }
        for reviewer, author in new
    ]
    if rows:
        tx.execute(insert(table), rows)


def _taken_up_again(
    tx: Connection, course: CourseId, assignment: str, pairs: set[Pair]
) -> dict[Pair, str]:
    """Return the ids of those pairs that were given away, which they are no more."""
    table = given_away_task
    here = (table.c.course_id == course, table.c.assignment == assignment)
    query = select(table.c.reviewer, table.c.author, table.c.id).where(*here)
    found = {(reviewer, author): id for reviewer, author, id in tx.execute(query)}
    known = {pair: id for pair, id in found.items() if pair in pairs}
    tx.execute(delete(table).where(table.c.id.in_(sorted(known.values()))))
    return known


def set_state(
    tx: Connection, course: CourseId, assignment: str, pair: Pair, state: TaskState
) -> None:
    """Note how far a review is."""
    table = tables.review_task
    tx.execute(
        update(table)
        .where(
            table.c.course_id == course,
            table.c.assignment == assignment,
            table.c.reviewer == pair[0],
            table.c.author == pair[1],
        )
        .values(state=state.value)
    )


def declared_conflicts(tx: Connection, course: CourseId, assignment: str) -> set[Pair]:
    """Return all conflicts ever declared for the assignment, (reviewer, author)."""
    table = tables.declared_conflict
    query = select(table.c.reviewer, table.c.author).where(
        table.c.course_id == course, table.c.assignment == assignment
    )
    return {(reviewer, author) for reviewer, author in tx.execute(query)}


def declare_conflicts(
    tx: Connection, course: CourseId, assignment: str, pairs: Iterable[Pair]
) -> None:
    """Add conflicts; a declared one stays declared for all later runs."""
    new = sorted(set(pairs) - declared_conflicts(tx, course, assignment))
    rows = [
        {"course_id": course, "assignment": assignment, "reviewer": reviewer, "author": author}
        for reviewer, author in new
    ]
    if rows:
        tx.execute(insert(tables.declared_conflict), rows)


def _task(row: Any) -> Task:
    return Task(UnitId(row.reviewer), UnitId(row.author), TaskState(row.state), row.id)
