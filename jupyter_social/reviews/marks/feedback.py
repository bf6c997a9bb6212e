"""The author's use cases: open the feedback, say whether a review helped, report one.

Nothing here moves before the release: the answer is the same whether three reviews are in or none
(threats D10, D11).
"""

from __future__ import annotations

from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import NOTHING_HERE, NotFound, NotNow
from jupyter_social.core.events import EventKind
from jupyter_social.core.ids import new_id
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.owners import my_unit
from jupyter_social.core.people import UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.core.phases import Phase, phase_of
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.desk.rules import ReviewText
from jupyter_social.reviews.desk.views import CriterionView, ReviewBody
from jupyter_social.reviews.marks import store
from jupyter_social.reviews.marks.book import Book, book_of
from jupyter_social.reviews.marks.rules import Mark
from jupyter_social.reviews.marks.store import Helpfulness, Release
from jupyter_social.reviews.marks.views import (
    CriterionMarkView,
    FeedbackReview,
    FeedbackState,
    MyFeedback,
    MyFeedbackShown,
    OpenFeedback,
    RateFeedback,
    ReportReview,
    ReviewedBy,
    shown,
)
from jupyter_social.reviews.marks.words import how
from jupyter_social.reviews.safety import store as safety

_NOTES = {
    FeedbackState.NOT_YET: "Your feedback comes when your teachers release it to everybody.",
    FeedbackState.READY: "Your feedback is here. Open it when you like.",
    FeedbackState.OPENED: "",
    FeedbackState.TAKEN_BACK: (
        "Your teachers have taken the feedback back to put something right. It comes again."
    ),
}


def my_feedback(
    act: Act, request: MyFeedback | OpenFeedback | RateFeedback | ReportReview
) -> MyFeedbackShown:
    """Return the feedback on one's work as far as it is opened, and where it stands."""
    assignment = act.assignment(request.assignment)
    unit = my_unit(act, assignment)
    state, release = _state(act, assignment, unit)
    note = _NOTES[state]
    if state is FeedbackState.TAKEN_BACK and release is not None and release.reason:
        note = f"{note} They say: {release.reason}"
    if state is not FeedbackState.OPENED or unit is None:
        return _shown(act, assignment, state, note=note)
    return _opened(act, assignment, unit)


def my_feedback_state(act: Act, assignment: Assignment) -> FeedbackState:
    """Return where the feedback on one's work stands."""
    return _state(act, assignment, my_unit(act, assignment))[0]


def open_feedback(act: Act, request: OpenFeedback) -> MyFeedbackShown:
    """Open the feedback; that it was opened decides whether the release can be taken back."""
    assignment = act.assignment(request.assignment)
    unit = my_unit(act, assignment)
    state, release = _state(act, assignment, unit)
    if state is FeedbackState.READY and unit is not None and release is not None:
        store.note_opened(act.tx, act.course, assignment.name, release.number, unit)
    return my_feedback(act, request)


def rate(act: Act, request: RateFeedback) -> MyFeedbackShown:
    """Say whether a review helped; this can be changed until the round is closed."""
    assignment = act.assignment(request.assignment)
    review = _released_review(act, assignment, request.review)
    _refuse_closed(act, assignment)
    store.rate(act.tx, review, said=Helpfulness(request.helpful, request.said))
    return my_feedback(act, request)


def report(act: Act, request: ReportReview) -> MyFeedbackShown:
    """Report a review: it is hidden from oneself at once, and staff are asked to look."""
    assignment = act.assignment(request.assignment)
    review = _released_review(act, assignment, request.review)
    if review not in {found.review for found in safety.reports(act.tx, act.course)}:
        new = new_id(act.random)
        safety.report(act.tx, new, review, reason=request.reason)
        act.record(
            EventKind.REVIEW_REPORTED,
            subject=new,
            data={"assignment": assignment.name},
            unit=my_unit(act, assignment),
        )
    return my_feedback(act, request)


def _state(
    act: Act, assignment: Assignment, unit: UnitId | None
) -> tuple[FeedbackState, Release | None]:
    phase = phase_of(act.tx, act.course, assignment.name)
    release = store.last_release(act.tx, act.course, assignment.name)
    if unit is None or release is None or not _has_work(act, assignment, unit):
        return FeedbackState.NOT_YET, None
    if release.taken_back_at is not None:
        return FeedbackState.TAKEN_BACK, release
    if phase not in (Phase.RELEASED, Phase.CLOSED):
        return FeedbackState.NOT_YET, release
    opened = store.opened(act.tx, act.course, assignment.name, release.number)
    return (FeedbackState.OPENED if unit in opened else FeedbackState.READY), release


def _has_work(act: Act, assignment: Assignment, unit: UnitId) -> bool:
    """Whether there is or was something to review: a preview alone is no hand-in."""
    if unit in act.hand_ins.standing(act.tx, act.course, assignment.name):
        return True
    reviews = desk.reviews(act.tx, act.course, assignment.name).values()
    return any(review.author == unit for review in reviews)


def _released_review(act: Act, assignment: Assignment, feedback_id: str) -> str:
    """Return the review behind the author's id for it, or refuse as if it did not exist."""
    unit = my_unit(act, assignment)
    state, _ = _state(act, assignment, unit)
    if unit is not None and state is FeedbackState.OPENED:
        ids = store.feedback_ids(act.tx, act.course, assignment.name)
        for review in book_of(act, assignment).counted(unit):
            if review.id in ids and ids[review.id][1] == feedback_id:
                return review.id
    raise NotFound(NOTHING_HERE)


def _refuse_closed(act: Act, assignment: Assignment) -> None:
    if phase_of(act.tx, act.course, assignment.name) is Phase.CLOSED:
        raise NotNow("This round is closed, so nothing changes any more.")


def _opened(act: Act, assignment: Assignment, unit: UnitId) -> MyFeedbackShown:
    book = book_of(act, assignment)
    override = book.overrides.get(unit)
    return _shown(
        act,
        assignment,
        FeedbackState.OPENED,
        mark=book.mark(unit),
        override_reason=override.reason if override else None,
        reviews=_reviews(act, book, unit),
        reviewing=book.reviewing(unit)[:2],
    )


def _reviews(act: Act, book: Book, unit: UnitId) -> list[FeedbackReview]:
    ids = store.feedback_ids(act.tx, act.course, book.assignment.name)
    mine = {review.id: review for review in book.counted(unit) if review.id in ids}
    said = store.helpfulness(act.tx, mine)
    entries = desk.entries(act.tx, mine)
    return [
        FeedbackReview(
            review=ids[id][1],
            by=ReviewedBy.PEER if mine[id].reviewer else ReviewedBy.STAFF,
            body=ReviewBody.of(ReviewText() if mine[id].reported else entries[id].text),
            reported=mine[id].reported,
            helpful=said[id].helpful if id in said else None,
            said=said[id].text if id in said else "",
        )
        for id in sorted(mine, key=lambda review: ids[review])
    ]


def _shown(
    act: Act,
    assignment: Assignment,
    state: FeedbackState,
    *,
    mark: Mark | None = None,
    override_reason: str | None = None,
    reviews: list[FeedbackReview] | None = None,
    reviewing: tuple[int, int] = (0, 0),
    note: str = "",
) -> MyFeedbackShown:
    criteria = mark.criteria if mark else ()
    return MyFeedbackShown(
        assignment=assignment.name,
        title=assignment.title,
        state=state,
        mark=shown(mark.mark) if mark else None,
        most=assignment.most / 100,
        criteria=[CriterionMarkView.of(found, how(found, assignment.marks)) for found in criteria],
        rubric=[CriterionView.of(criterion) for criterion in assignment.criteria],
        override_reason=override_reason,
        reviews=reviews or [],
        reviews_done=reviewing[0],
        reviews_expected=reviewing[1],
        note=note,
        practice=act.trust.practice_notice,
    )


MINE = Operation(
    name="feedback.mine",
    method="GET",
    path="/assignments/{assignment}/my-feedback",
    call=my_feedback,
    body=MyFeedback,
    returns=MyFeedbackShown,
    needs=Action.READ_MY_FEEDBACK,
)
OPEN = Operation(
    name="feedback.open",
    method="POST",
    path="/assignments/{assignment}/my-feedback",
    call=open_feedback,
    body=OpenFeedback,
    returns=MyFeedbackShown,
    needs=Action.READ_MY_FEEDBACK,
    repeated=my_feedback,
)
RATE = Operation(
    name="feedback.rate",
    method="PUT",
    path="/assignments/{assignment}/my-feedback/{review}/helpful",
    call=rate,
    body=RateFeedback,
    returns=MyFeedbackShown,
    needs=Action.RATE_FEEDBACK,
    repeated=my_feedback,
)
REPORT = Operation(
    name="feedback.report",
    method="POST",
    path="/assignments/{assignment}/my-feedback/{review}/report",
    call=report,
    body=ReportReview,
    returns=MyFeedbackShown,
    needs=Action.REPORT_REVIEW,
    repeated=my_feedback,
)
OPERATIONS = (MINE, OPEN, RATE, REPORT)
