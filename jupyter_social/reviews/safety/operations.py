"""Staff's use cases for people's safety: the queue of reports, hiding a review, the pause."""

from __future__ import annotations

from jupyter_social.core import pauses
from jupyter_social.core.errors import NOTHING_HERE, NotFound
from jupyter_social.core.events import EventKind
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.permissions import Action
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.desk.rules import ReviewText
from jupyter_social.reviews.desk.views import ReviewBody
from jupyter_social.reviews.safety import store
from jupyter_social.reviews.safety.rules import Decision
from jupyter_social.reviews.safety.store import Report
from jupyter_social.reviews.safety.views import (
    CoursePaused,
    DecideReport,
    HideReview,
    ListReports,
    PauseCourse,
    ReportList,
    ReportRow,
    ReviewHidden,
)


def list_reports(act: Act, request: ListReports | DecideReport) -> ReportList:
    """List what was reported, those that wait first, under pseudonyms."""
    found = store.reports(act.tx, act.course)
    ids = [report.review for report in found]
    reviews, entries = desk.reviews_by(act.tx, ids), desk.entries(act.tx, ids)
    return ReportList(
        waiting=sum(report.decision is None for report in found),
        reports=[
            ReportRow(
                report=report.id,
                assignment=report.assignment,
                review=report.review,
                work=reviews[report.review].author,
                reason=report.reason,
                body=ReviewBody.of(
                    entries[report.review].text if report.review in entries else ReviewText()
                ),
                decision=report.decision,
                note=report.note,
            )
            for report in found
        ],
    )


def decide(act: Act, request: DecideReport) -> ReportList:
    """Hide a reported review for good, or show it to its author again."""
    report = _report(act, request.report)
    if report.decision is request.decision:
        return list_reports(act, request)
    store.decide(act.tx, report.id, decision=request.decision, note=request.note)
    hides = request.decision is Decision.HIDE
    if hides or report.decision is not None:
        store.set_hidden(
            act.tx, report.review, hidden=hides, reason=request.note, at=act.clock.now()
        )
    act.record(
        EventKind.REPORT_DECIDED,
        subject=report.id,
        data={"decision": request.decision.value, "note": request.note},
    )
    return list_reports(act, request)


def hide(act: Act, request: HideReview) -> ReviewHidden:
    """Hide a review from its author and leave it out of the mark, or show it again."""
    assignment = act.assignment(request.assignment)
    if request.review not in desk.reviews(act.tx, act.course, assignment.name):
        raise NotFound(NOTHING_HERE)
    if store.is_hidden(act.tx, request.review) != request.hidden:
        store.set_hidden(
            act.tx,
            request.review,
            hidden=request.hidden,
            reason=request.reason,
            at=act.clock.now(),
        )
        act.record(
            EventKind.REVIEW_HIDDEN if request.hidden else EventKind.REVIEW_SHOWN,
            subject=request.review,
            data={"assignment": assignment.name, "reason": request.reason},
        )
    return ReviewHidden(assignment=assignment.name, review=request.review, hidden=request.hidden)


def pause(act: Act, request: PauseCourse) -> CoursePaused:
    """Pause the course for its students at once, or let it go on."""
    if pauses.is_paused(act.tx, act.course) != request.paused:
        if request.paused:
            pauses.pause(act.tx, act.course, at=act.clock.now())
        else:
            pauses.resume(act.tx, act.course)
        kind = EventKind.COURSE_PAUSED if request.paused else EventKind.COURSE_RESUMED
        act.record(kind, data={"reason": request.reason})
    return CoursePaused(paused=request.paused)


def _report(act: Act, report_id: str) -> Report:
    for report in store.reports(act.tx, act.course):
        if report.id == report_id:
            return report
    raise NotFound(NOTHING_HERE)


REPORTS = Operation(
    name="safety.reports",
    method="GET",
    path="/reports",
    call=list_reports,
    body=ListReports,
    returns=ReportList,
    needs=Action.MODERATE,
)
DECIDE = Operation(
    name="safety.decide",
    method="POST",
    path="/reports/{report}",
    call=decide,
    body=DecideReport,
    returns=ReportList,
    needs=Action.MODERATE,
    repeated=list_reports,
)
HIDE = Operation(
    name="safety.hide",
    method="POST",
    path="/assignments/{assignment}/reviews/{review}/hide",
    call=hide,
    body=HideReview,
    returns=ReviewHidden,
    needs=Action.MODERATE,
)
PAUSE = Operation(
    name="safety.pause",
    method="POST",
    path="/pause",
    call=pause,
    body=PauseCourse,
    returns=CoursePaused,
    needs=Action.PAUSE_COURSE,
)
OPERATIONS = (REPORTS, DECIDE, HIDE, PAUSE)
