"""What goes in and out of the safety operations, for staff."""

from __future__ import annotations

from jupyter_social.core.views import View
from jupyter_social.reviews.desk.views import ReviewBody
from jupyter_social.reviews.marks.views import Reason
from jupyter_social.reviews.safety.rules import Decision


class ListReports(View):
    """Asks for the reports of the course."""


class ReportRow(View):
    """A reported review, and what was decided; None while it waits."""

    report: str
    assignment: str
    review: str
    work: str
    reason: str
    body: ReviewBody
    decision: Decision | None
    note: str | None


class ReportList(View):
    """All reports, those that wait first."""

    waiting: int
    reports: list[ReportRow]


class DecideReport(View):
    """Decides about a report; the note stays with staff."""

    report: str
    decision: Decision
    note: Reason


class HideReview(View):
    """Hides a review from its author and leaves it out of the mark, or shows it again."""

    assignment: str
    review: str
    hidden: bool
    reason: Reason


class ReviewHidden(View):
    """Whether a review is hidden now."""

    assignment: str
    review: str
    hidden: bool


class PauseCourse(View):
    """Pauses the course for its students, or lets it go on."""

    paused: bool
    reason: Reason


class CoursePaused(View):
    """Whether the course is paused now."""

    paused: bool
