"""The mark book of an assignment: everything marks follow from, read in a few statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jupyter_social.core.course import Assignment, Criterion
from jupyter_social.core.operations import Act
from jupyter_social.core.people import UnitId
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.desk.rules import EntryKind
from jupyter_social.reviews.desk.store import Entry, Review
from jupyter_social.reviews.marks import store
from jupyter_social.reviews.marks.rules import Given, Mark, mark_of, reviewing_mark
from jupyter_social.reviews.marks.store import Override
from jupyter_social.reviews.safety import store as safety
from jupyter_social.reviews.store import Task


@dataclass(frozen=True)
class Book:
    """What is known of an assignment's reviews; marks are computed from it, never stored."""

    assignment: Assignment
    tasks: tuple[Task, ...]
    reviews: Mapping[str, Review]
    entries: Mapping[str, Entry]
    hidden: frozenset[str]
    overrides: Mapping[UnitId, Override]
    rubrics: Mapping[int, tuple[Criterion, ...]]

    @cached_property
    def submitted(self) -> dict[UnitId, list[str]]:
        """The submitted reviews of each work, hidden ones included, by id."""
        found: dict[UnitId, list[str]] = {}
        for id, review in self.reviews.items():
            entry = self.entries.get(id)
            if entry is not None and entry.kind is EntryKind.SUBMITTED:
                found.setdefault(review.author, []).append(id)
        return found

    @cached_property
    def _done(self) -> dict[UnitId, int]:
        done: dict[UnitId, int] = {}
        for ids in self.submitted.values():
            for id in ids:
                reviewer = self.reviews[id].reviewer
                if reviewer is not None:
                    done[reviewer] = done.get(reviewer, 0) + 1
        return done

    @cached_property
    def _expected(self) -> dict[UnitId, int]:
        expected: dict[UnitId, int] = {}
        for task in self.tasks:
            expected[task.reviewer] = expected.get(task.reviewer, 0) + 1
        return expected

    def counted(self, author: UnitId) -> list[str]:
        """Return the reviews of a work that its mark comes from."""
        return [id for id in self.submitted.get(author, ()) if id not in self.hidden]

    def mark(self, author: UnitId) -> Mark:
        """Return the mark of a work."""
        override = self.overrides.get(author)
        return mark_of(
            self.assignment.criteria,
            [self._given(id) for id in self.counted(author)],
            policy=self.assignment.marks,
            overrides=override.points if override else {},
        )

    def reviewing(self, reviewer: UnitId) -> tuple[int, int, float | None]:
        """Return how many reviews a unit has done, how many are expected, and the mark of it."""
        done, expected = self._done.get(reviewer, 0), self._expected.get(reviewer, 0)
        return done, expected, reviewing_mark(done=done, expected=expected)

    def _given(self, review: str) -> Given:
        entry = self.entries[review]
        rubric = {criterion.key: criterion for criterion in self.rubrics[entry.rubric]}
        return Given(entry.text.scores, rubric)


def book_of(act: Act, assignment: Assignment) -> Book:
    """Read the mark book of an assignment."""
    tx, course, name = act.tx, act.course, assignment.name
    return Book(
        assignment=assignment,
        tasks=tuple(allocation.tasks(tx, course, name)),
        reviews=desk.reviews(tx, course, name),
        entries=desk.all_entries(tx, course, name),
        hidden=safety.hidden(tx, course, name),
        overrides=store.overrides(tx, course, name),
        rubrics=desk.rubrics(tx, course, name),
    )
