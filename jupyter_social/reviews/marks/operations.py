"""Staff's use cases: marks under pseudonyms, one work in full, overrides, own reviews."""

from __future__ import annotations

from collections.abc import Sequence

from jupyter_social.core import anonymous_notebooks
from jupyter_social.core.anonymous_notebooks import NotebookShown
from jupyter_social.core.course import Assignment, Criterion
from jupyter_social.core.errors import NOTHING_HERE, Conflict, Invalid, NotFound, NotNow
from jupyter_social.core.events import EventKind
from jupyter_social.core.ids import new_id
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.owners import my_unit
from jupyter_social.core.people import UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.core.phases import Phase, phase_of
from jupyter_social.core.views import Page
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.desk.rules import in_words
from jupyter_social.reviews.desk.store import Review
from jupyter_social.reviews.desk.submitting import enter_submitted, refuse_unready
from jupyter_social.reviews.desk.views import MAX_REVIEW, CriterionView, ReviewBody
from jupyter_social.reviews.marks import exporting, feedback, releasing, store
from jupyter_social.reviews.marks.book import book_of
from jupyter_social.reviews.marks.releasing import works
from jupyter_social.reviews.marks.store import Override
from jupyter_social.reviews.marks.views import (
    CriterionMarkView,
    ListMarks,
    MarkList,
    MarkRow,
    OverrideMark,
    ReadWork,
    ReviewedBy,
    ShowStaffWork,
    StaffReview,
    WorkReview,
    WorkShown,
    by_key,
    shown,
)
from jupyter_social.reviews.marks.words import how


def list_marks(act: Act, request: ListMarks) -> MarkList:
    """List the marks of all works under their pseudonyms, with what to look at."""
    assignment = act.assignment(request.assignment)
    book = book_of(act, assignment)
    rows = []
    for work in works(act, assignment):
        mark = book.mark(work)
        done, expected, _ = book.reviewing(work)
        rows.append(
            MarkRow(
                work=work,
                reviews=mark.reviews,
                mark=shown(mark.mark),
                criteria=by_key(mark),
                reviews_done=done,
                reviews_expected=expected,
                flags=book.flags(work, mark),
            )
        )
    return MarkList(
        assignment=assignment.name,
        policy=assignment.marks.value,
        most=assignment.most / 100,
        marks=rows,
        practice=act.trust.practice_notice,
    )


def read_work(act: Act, request: ReadWork | OverrideMark | StaffReview) -> WorkShown:
    """Return one work's mark and reviews, as staff see them."""
    assignment = act.assignment(request.assignment)
    work, submission = _work(act, assignment, request.work)
    book = book_of(act, assignment)
    mark = book.mark(work)
    received = book.received.get(work, [])
    said = store.helpfulness(act.tx, [review.id for review in received])
    entries = desk.entries(act.tx, [review.id for review in received])
    override = book.overrides.get(work)
    return WorkShown(
        assignment=assignment.name,
        work=work,
        notebooks=act.hand_ins.notebook_names(act.tx, [submission])[submission],
        mark=shown(mark.mark),
        most=mark.most / 100,
        criteria=[CriterionMarkView.of(c, how(c, assignment.marks)) for c in mark.criteria],
        rubric=[CriterionView.of(criterion) for criterion in assignment.criteria],
        override_reason=override.reason if override else None,
        reviews=[
            WorkReview(
                review=review.id,
                by=ReviewedBy.PEER if review.reviewer else ReviewedBy.STAFF,
                body=ReviewBody.of(entries[review.id].text),
                hidden=review.hidden,
                reported=review.waiting,
                helpful=said[review.id].helpful if review.id in said else None,
            )
            for review in received
        ],
    )


def work_notebook(act: Act, request: ShowStaffWork) -> NotebookShown:
    """Return a notebook of a work, as its reviewers get it."""
    return anonymous_notebooks.shown(_notebooks(act, request), request.notebook)


def work_page(act: Act, request: ShowStaffWork) -> Page:
    """Show a notebook of a work as the page that its reviewers see."""
    notebooks = _notebooks(act, request)
    return anonymous_notebooks.page(notebooks, request.notebook, language=act.files.course.language)


def override(act: Act, request: OverrideMark) -> WorkShown:
    """Set criteria of a work's mark, with a reason; what reviews gave stays beside it."""
    assignment = act.assignment(request.assignment)
    work, _ = _work(act, assignment, request.work)
    _refuse_before_review(act, assignment)
    _refuse_own(act, assignment, work)
    points = {key: round(value * 100) for key, value in request.points.items()}
    _refuse_out_of_range(points, assignment.criteria)
    new = Override(points, request.reason)
    if store.overrides(act.tx, act.course, assignment.name).get(work) != new:
        store.add_override(act.tx, act.course, assignment.name, work, new, at=act.clock.now())
        act.record(
            EventKind.MARK_OVERRIDDEN,
            subject=work,
            data={"assignment": assignment.name, "points": points, "reason": request.reason},
        )
    return read_work(act, request)


def staff_review(act: Act, request: StaffReview) -> WorkShown:
    """Review a work as staff: it counts as one review, and the newest of a person holds."""
    assignment = act.assignment(request.assignment)
    work, submission = _work(act, assignment, request.work)
    _refuse_before_review(act, assignment)
    _refuse_own(act, assignment, work)
    if act.actor.person is None:
        raise Invalid("A review needs somebody who wrote it: add --as NAME.")
    text = request.body.text()
    refuse_unready(text, assignment, act.hand_ins.anonymous_notebooks(act.tx, submission))
    before = next(
        (
            review
            for review in desk.reviews(act.tx, act.course, assignment.name).values()
            if review.author == work and review.staff == act.actor.person
        ),
        None,
    )
    review = before or Review(new_id(act.random), work, submission, staff=act.actor.person)
    if before is None:
        desk.add_review(act.tx, act.course, assignment.name, review)
        if store.last_release(act.tx, act.course, assignment.name):
            store.name_feedback(act.tx, [review.id], random=act.random)
    elif before.submission != submission:
        desk.rebind(act.tx, review.id, submission)
    entry = desk.entries(act.tx, [review.id]).get(review.id)
    if entry is None or entry.text != text:
        enter_submitted(act, assignment, review.id, text, after=entry)
        act.record(EventKind.REVIEW_BY_STAFF, subject=work, data={"assignment": assignment.name})
    return read_work(act, request)


def _work(act: Act, assignment: Assignment, work: str) -> tuple[UnitId, str]:
    """Return the pseudonym and the submission that stands, or refuse what is no work here."""
    standing = act.hand_ins.standing(act.tx, act.course, assignment.name)
    unit = UnitId(work)
    if unit not in standing:
        raise NotFound(NOTHING_HERE)
    return unit, standing[unit]


def _notebooks(act: Act, request: ShowStaffWork) -> dict[str, bytes]:
    _, submission = _work(act, act.assignment(request.assignment), request.work)
    return act.hand_ins.anonymous_notebooks(act.tx, submission)


def _refuse_before_review(act: Act, assignment: Assignment) -> None:
    phase = phase_of(act.tx, act.course, assignment.name)
    if phase in (Phase.SET_UP, Phase.SUBMISSION):
        raise NotNow(f"{assignment.name} is still open for hand-ins. Marks come after that.")
    if phase is Phase.CLOSED:
        raise NotNow(
            "This round is closed. Open it again first: jupyter social round switch "
            f"{assignment.name} released"
        )


def _refuse_own(act: Act, assignment: Assignment, work: UnitId) -> None:
    """Staff who handed in when they were students do not mark that themselves (threats D20)."""
    if my_unit(act, assignment) == work:
        raise Conflict(
            "This is your own work, from when you were a student here. Let a colleague mark it."
        )


def _refuse_out_of_range(points: dict[str, int], criteria: Sequence[Criterion]) -> None:
    known = {criterion.key: criterion for criterion in criteria}
    for key, value in sorted(points.items()):
        if key not in known:
            choices = ", ".join(known) or "none"
            raise Invalid(f"The rubric has no criterion {key[:80]!r}. There are: {choices}.")
        if value > known[key].most:
            raise Invalid(f"{key} brings at most {in_words(known[key].most)} points.")


LIST = Operation(
    name="marks.list",
    method="GET",
    path="/assignments/{assignment}/marks",
    call=list_marks,
    body=ListMarks,
    returns=MarkList,
    needs=Action.SEE_MARKS,
)
READ_WORK = Operation(
    name="marks.work",
    method="GET",
    path="/assignments/{assignment}/works/{work}",
    call=read_work,
    body=ReadWork,
    returns=WorkShown,
    needs=Action.READ_REVIEWS,
)
WORK_NOTEBOOK = Operation(
    name="marks.work-notebook",
    method="GET",
    path="/assignments/{assignment}/works/{work}/notebooks/{notebook}",
    call=work_notebook,
    body=ShowStaffWork,
    returns=NotebookShown,
    needs=Action.READ_WORKS,
)
WORK_PAGE = Operation(
    name="marks.work-page",
    method="GET",
    path="/assignments/{assignment}/works/{work}/pages/{notebook}",
    call=work_page,
    body=ShowStaffWork,
    returns=Page,
    needs=Action.READ_WORKS,
)
OVERRIDE = Operation(
    name="marks.override",
    method="PUT",
    path="/assignments/{assignment}/works/{work}/override",
    call=override,
    body=OverrideMark,
    returns=WorkShown,
    needs=Action.OVERRIDE_MARK,
    repeated=read_work,
)
STAFF_REVIEW = Operation(
    name="marks.review",
    method="PUT",
    path="/assignments/{assignment}/works/{work}/staff-review",
    call=staff_review,
    body=StaffReview,
    returns=WorkShown,
    needs=Action.REVIEW_AS_STAFF,
    repeated=read_work,
    max_body=MAX_REVIEW,
)
OPERATIONS = (
    *feedback.OPERATIONS,
    *releasing.OPERATIONS,
    LIST,
    READ_WORK,
    WORK_NOTEBOOK,
    WORK_PAGE,
    OVERRIDE,
    STAFF_REVIEW,
    *exporting.OPERATIONS,
)
