"""The mark book of an assignment: everything marks follow from, read in a few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jupyter_social.core.course import Assignment, Criterion
from jupyter_social.core.operations import Act
from jupyter_social.core.people import UnitId
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.marks import store
from jupyter_social.reviews.marks.rules import Given, Mark, mark_of, reviewing_mark
from jupyter_social.reviews.marks.store import Override, Submitted
from jupyter_social.reviews.marks.words import flags
from jupyter_social.reviews.store import Task


@dataclass(frozen=True)
class Book:
    """What is known of an assignment's reviews; marks are computed from it, never stored."""

    assignment: Assignment
    tasks: tuple[Task, ...]
    reviews: Mapping[str, Submitted]
    overrides: Mapping[UnitId, Override]
    rubrics: Mapping[int, Mapping[str, Criterion]]

    @cached_property
    def received(self) -> dict[UnitId, list[Submitted]]:
        """The submitted reviews of each work, hidden ones included."""
        found: dict[UnitId, list[Submitted]] = {}
        for review in self.reviews.values():
            found.setdefault(review.author, []).append(review)
        return found

    @cached_property
    def wanted(self) -> Counter[UnitId]:
        """How many reviews each work is to get."""
        return Counter(task.author for task in self.tasks)

    @cached_property
    def _expected(self) -> Counter[UnitId]:
        return Counter(task.reviewer for task in self.tasks)

    @cached_property
    def _done(self) -> Counter[UnitId]:
        return Counter(r.reviewer for r in self.reviews.values() if r.reviewer is not None)

    def counted(self, author: UnitId) -> list[Submitted]:
        """Return the reviews of a work that its mark comes from."""
        return [review for review in self.received.get(author, ()) if not review.hidden]

    def mark(self, author: UnitId) -> Mark:
        """Return the mark of a work."""
        override = self.overrides.get(author)
        return mark_of(
            self.assignment.criteria,
            [Given(review.scores, self.rubrics[review.rubric]) for review in self.counted(author)],
            policy=self.assignment.marks,
            overrides=override.points if override else {},
        )

    def flags(self, author: UnitId, mark: Mark) -> list[str]:
        """Return what staff should look at before the mark of a work counts."""
        received = self.received.get(author, [])
        return flags(
            mark,
            wanted=self.wanted[author] or None,
            hidden=sum(review.hidden for review in received),
            reported=sum(review.waiting for review in received),
        )

    def reviewing(self, reviewer: UnitId) -> tuple[int, int, float | None]:
        """Return how many reviews a unit has done, how many are expected, and the mark of it."""
        done, expected = self._done[reviewer], self._expected[reviewer]
        return done, expected, reviewing_mark(done=done, expected=expected)


def book_of(act: Act, assignment: Assignment) -> Book:
    """Read the mark book of an assignment."""
    tx, course, name = act.tx, act.course, assignment.name
    return Book(
        assignment=assignment,
        tasks=tuple(allocation.tasks(tx, course, name)),
        reviews=store.submitted(tx, course, name),
        overrides=store.overrides(tx, course, name),
        rubrics={
            version: {criterion.key: criterion for criterion in criteria}
            for version, criteria in desk.rubrics(tx, course, name).items()
        },
    )
