"""Feedback as its author sees it, and marks as staff see them: under pseudonyms.

An author's view has no field for a reviewer and no time; staff lists have no name. Names stand in
the exported marks alone, beside no text.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from jupyter_social.core.phases import Phase
from jupyter_social.core.views import View
from jupyter_social.reviews.desk.views import CriterionView, Key, Points, ReviewBody
from jupyter_social.reviews.marks.rules import CriterionMark, Mark

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class CriterionMarkView(View):
    """The mark of one criterion, and the points it comes from in ascending order."""

    key: str
    title: str
    most: float
    mark: float | None
    given: list[float]
    overridden: bool
    how: str
    """How the mark came about, in words."""

    @classmethod
    def of(cls, criterion: CriterionMark, how: str) -> CriterionMarkView:
        """Return a criterion's mark in points, rounded half to even to hundredths."""
        return cls(
            key=criterion.key,
            title=criterion.title,
            most=criterion.most / 100,
            mark=shown(criterion.mark),
            given=[round(points) / 100 for points in criterion.given],
            overridden=criterion.overridden,
            how=how,
        )


def shown(points: float | None) -> float | None:
    """Return hundredths as points; rounded here, and nowhere before."""
    return None if points is None else round(points) / 100


def by_key(mark: Mark) -> dict[str, float | None]:
    """Return the mark of each criterion in points, by its key."""
    return {criterion.key: shown(criterion.mark) for criterion in mark.criteria}


class FeedbackState(StrEnum):
    """Where the feedback for an author is."""

    NOT_YET = "not yet"
    READY = "ready"
    OPENED = "opened"
    TAKEN_BACK = "taken back"


class ReviewedBy(StrEnum):
    """Who wrote a review, as far as its author may know."""

    PEER = "peer"
    STAFF = "staff"


class FeedbackReview(View):
    """One review of one's work. A reported one is hidden from who reported it."""

    review: str
    by: ReviewedBy
    body: ReviewBody
    reported: bool
    helpful: bool | None
    said: str


class MyFeedback(View):
    """Asks for the feedback on one's work."""

    assignment: str


class OpenFeedback(View):
    """Opens the feedback on one's work for the first time."""

    assignment: str


class MyFeedbackShown(View):
    """The feedback on one's work: the mark by criteria, how it came about, and the reviews."""

    assignment: str
    title: str
    state: FeedbackState
    mark: float | None
    most: float
    criteria: list[CriterionMarkView]
    rubric: list[CriterionView]
    override_reason: str | None
    reviews: list[FeedbackReview]
    reviews_done: int
    reviews_expected: int
    note: str
    practice: str | None


class RateFeedback(View):
    """Says whether a review helped."""

    assignment: str
    review: str
    helpful: bool
    said: Annotated[str, StringConstraints(max_length=2000)] = ""


class ReportReview(View):
    """Reports a review of one's work to staff; it is hidden from oneself at once."""

    assignment: str
    review: str
    reason: Reason


class ReleaseFeedback(View):
    """Releases all feedback of an assignment at once."""

    assignment: str


class TakeBackRelease(View):
    """Takes a release back, with a reason that its authors are told."""

    assignment: str
    reason: Reason


class ReleaseShown(View):
    """What is released, to how many, and what to look at."""

    assignment: str
    phase: Phase
    number: int
    works: int
    reviews: int
    without_reviews: int
    few_reviews: int
    opened: int
    can_take_back: bool
    notes: list[str]


class ListMarks(View):
    """Asks for the marks of an assignment, under pseudonyms."""

    assignment: str


class MarkRow(View):
    """The mark of one work. `work` is a pseudonym: a reveal alone tells whose it is."""

    work: str
    reviews: int
    mark: float | None
    criteria: dict[str, float | None]
    reviews_done: int
    reviews_expected: int
    flags: list[str]


class MarkList(View):
    """All works with their marks."""

    assignment: str
    policy: str
    most: float
    marks: list[MarkRow]
    practice: str | None


class ReadWork(View):
    """Asks for one work's reviews, under pseudonyms."""

    assignment: str
    work: str


class WorkReview(View):
    """One review of a work, as staff see it."""

    review: str
    by: ReviewedBy
    body: ReviewBody
    hidden: bool
    reported: bool
    helpful: bool | None


class WorkShown(View):
    """One work: its notebooks' names, its mark, and all its reviews."""

    assignment: str
    work: str
    notebooks: list[str]
    mark: float | None
    most: float
    criteria: list[CriterionMarkView]
    rubric: list[CriterionView]
    override_reason: str | None
    reviews: list[WorkReview]


class ShowStaffWork(View):
    """Asks for a notebook of a work, as its reviewers get it."""

    assignment: str
    work: str
    notebook: str


class OverrideMark(View):
    """Sets criteria of a work's mark; no points at all take the override back."""

    assignment: str
    work: str
    points: Annotated[dict[Key, Points], Field(max_length=50)]
    reason: Reason


class StaffReview(View):
    """Staff's own review of a work; it counts as one, and the newest one holds."""

    assignment: str
    work: str
    body: ReviewBody


class ExportMarks(View):
    """Asks for the marks by person, to be taken out of the course."""

    assignment: str


class ExportedRow(View):
    """One person's marks; `owner` is the user or group name whose hand-in it is."""

    owner: str
    username: str
    handed_in: bool
    reviews: int
    mark: float | None
    criteria: dict[str, float | None]
    unrounded: dict[str, float | None]
    """The points of `criteria` before they are rounded, for whoever scales them first."""
    reviews_done: int
    reviews_expected: int
    reviewing: float | None
    flags: list[str]


class ExportedCriterion(View):
    """A criterion of the export, and the graded cell that takes its mark."""

    key: str
    title: str
    most: float
    cell: str | None


class MarksExported(View):
    """The marks of an assignment by person, sorted by name."""

    assignment: str
    policy: str
    most: float
    criteria: list[ExportedCriterion]
    rows: list[ExportedRow]
    practice: str | None
