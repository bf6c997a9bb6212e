"""A course as its files describe it: assignments, deadlines and rubrics.

The files in the course folder are the truth for everything here; the database holds what happened.
Instants are aware and in UTC, and a period is half-open: an act at the very instant of a deadline
is late. Points are whole hundredths, so that no mark depends on how a machine rounds.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from jupyter_social.core.errors import NotFound


class HandInBy(StrEnum):
    """Who hands in an assignment: each person, or each group of the roster."""

    PERSON = "person"
    GROUP = "group"


class MarkPolicy(StrEnum):
    """How the mark of a criterion comes from several reviews."""

    MEDIAN = "median"
    MEAN = "mean"


class Switch(StrEnum):
    """Whether a phase ends at its deadline by itself, or when staff say so."""

    DEADLINE = "deadline"
    HAND = "hand"


@dataclass(frozen=True)
class Level:
    """One step of a criterion; `points` in hundredths of a point."""

    points: int
    title: str
    description: str = ""


@dataclass(frozen=True)
class Criterion:
    """One question the reviewer answers, about a graded cell, a notebook or the whole hand-in.

    `gradebook` names the graded cell that takes the mark of a criterion without a `grade_id`.
    """

    key: str
    title: str
    levels: tuple[Level, ...]
    description: str = ""
    grade_id: str | None = None
    notebook: str | None = None
    gradebook: str | None = None

    @property
    def most(self) -> int:
        """The most points it can bring, in hundredths."""
        return max(level.points for level in self.levels)


@dataclass(frozen=True)
class Assignment:
    """What is to be handed in, by whom and until when.

    `opens`, `due`, `review_due` and `closes` end the phases one after the other; `switch` says
    whether they do so by themselves, `release` the same of what peers wrote. `reviews` is how
    many reviews everybody gives where reviewers are assigned at the deadline. `graded` asks that
    marks count, which a server without isolation cannot promise.
    """

    name: str
    title: str
    by: HandInBy = HandInBy.PERSON
    opens: datetime | None = None
    due: datetime | None = None
    review_due: datetime | None = None
    closes: datetime | None = None
    switch: Switch = Switch.DEADLINE
    release: Switch = Switch.HAND
    reviews: int | None = None
    marks: MarkPolicy = MarkPolicy.MEDIAN
    graded: bool = False
    criteria: tuple[Criterion, ...] = ()

    @property
    def most(self) -> int:
        """The most points there are, in hundredths."""
        return sum(criterion.most for criterion in self.criteria)


@dataclass(frozen=True)
class NotebookTemplate:
    """What the instructor's version of a notebook says of its cells.

    `grade_ids` are nbgrader's names of graded cells; they are public to the class, so the
    anonymous copy of a submission may keep them.
    """

    name: str
    grade_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Course:
    """A course: its short name, which identifies it in the database, and its assignments."""

    name: str
    title: str
    timezone: ZoneInfo
    language: str = "en"
    assignments: Mapping[str, Assignment] = field(default_factory=dict)

    def assignment(self, name: str) -> Assignment:
        """Return the assignment of this name, or say which names there are."""
        if name in self.assignments:
            return self.assignments[name]
        near = difflib.get_close_matches(name, self.assignments, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {_listed(self.assignments)}."
        raise NotFound(f"course.toml has no assignment {name!r}. {hint}")


class CourseFiles(Protocol):
    """Where a running application reads the course from: its folder, read afresh when asked."""

    @property
    def course(self) -> Course:
        """The course as `course.toml` and `rubric.toml` describe it."""
        ...

    def notebooks(self, assignment: str) -> tuple[NotebookTemplate, ...]:
        """The instructor's notebooks of an assignment; empty where there are none."""
        ...


def _listed(names: Mapping[str, Assignment]) -> str:
    return ", ".join(sorted(names)) or "none yet"
