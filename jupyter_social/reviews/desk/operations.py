"""The reviewer's use cases: see what is to do, read the work, draft, submit, take back.

Who has a task is looked up in the same transaction as the deed. A review that somebody has done is
never refused because its task went to somebody else meanwhile; two tabs, or two members of a
group, are told when the other has saved first.
"""

from __future__ import annotations

from jupyter_social.core import anonymous_notebooks
from jupyter_social.core.anonymous_notebooks import NotebookShown
from jupyter_social.core.errors import Conflict
from jupyter_social.core.events import EventKind
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.permissions import Action
from jupyter_social.core.views import Page
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.desk import store
from jupyter_social.reviews.desk.desk import Desk, desk_of, refuse_unless_open
from jupyter_social.reviews.desk.rules import EntryKind, ReviewText, refuse_unfit
from jupyter_social.reviews.desk.store import Draft, Entry
from jupyter_social.reviews.desk.submitting import enter_submitted, refuse_unready
from jupyter_social.reviews.desk.views import (
    MAX_REVIEW,
    CriterionView,
    MyReviewRow,
    MyReviews,
    MyReviewsShown,
    ReadReview,
    ReviewBody,
    ReviewShown,
    ReviewState,
    SaveDraft,
    ShowWork,
    SubmitReview,
    TakeBackReview,
)
from jupyter_social.reviews.store import TaskState


class StaleVersion(Conflict):
    """Somebody saved the same text first; both texts are in the answer."""

    code = "stale-version"
    title = "This was changed meanwhile"


def my_reviews(act: Act, request: MyReviews) -> MyReviewsShown:
    """List the reviews one has to do, in an order that tells nothing."""
    assignment = act.assignment(request.assignment)
    desk = desk_of(act, assignment)
    works = {review: desk.submission(review) for review in desk.listed()}
    names = act.hand_ins.notebook_names(act.tx, [work for work in works.values() if work])
    rows = [
        MyReviewRow(review=review, state=desk.state(review), notebooks=names[work] if work else [])
        for review, work in works.items()
    ]
    needed = [row for row in rows if row.state is not ReviewState.NOT_NEEDED]
    return MyReviewsShown(
        assignment=assignment.name,
        title=assignment.title,
        phase=desk.phase,
        due=desk.due,
        can_review=desk.is_open,
        expected=len(needed),
        done=sum(row.state is ReviewState.SUBMITTED for row in needed),
        reviews=rows,
        practice=act.trust.practice_notice,
    )


def read(act: Act, request: ReadReview | SaveDraft | SubmitReview | TakeBackReview) -> ReviewShown:
    """Return one of one's reviews with the rubric it is written by."""
    assignment = act.assignment(request.assignment)
    desk = desk_of(act, assignment)
    desk.find(request.review)
    draft = store.draft(act.tx, request.review)
    state = desk.state(request.review)
    work = desk.submission(request.review)
    names = act.hand_ins.notebook_names(act.tx, [work] if work else [])
    return ReviewShown(
        assignment=assignment.name,
        review=request.review,
        state=state,
        version=draft.version if draft else 0,
        rubric=[CriterionView.of(criterion) for criterion in assignment.criteria],
        notebooks=names[work] if work else [],
        body=ReviewBody.of(draft.text if draft else ReviewText()),
        due=desk.due,
        can_change=desk.is_open and state is not ReviewState.NOT_NEEDED,
    )


def work_notebook(act: Act, request: ShowWork) -> NotebookShown:
    """Return an anonymous notebook of the work under review."""
    return anonymous_notebooks.shown(_notebooks(act, request), request.notebook)


def work_page(act: Act, request: ShowWork) -> Page:
    """Show an anonymous notebook of the work under review, for a script-less frame."""
    notebooks = _notebooks(act, request)
    return anonymous_notebooks.page(notebooks, request.notebook, language=act.files.course.language)


def save(act: Act, request: SaveDraft) -> ReviewShown:
    """Save a review as a draft; raises `StaleVersion` if another was saved since `version`."""
    assignment = act.assignment(request.assignment)
    desk = desk_of(act, assignment)
    desk.find(request.review)
    text = request.body.text()
    refuse_unless_open(desk)
    refuse_unfit(text, assignment.criteria)
    entry = desk.entries.get(request.review)
    if entry is not None and entry.kind is EntryKind.SUBMITTED:
        raise Conflict("This review is submitted. Take it back first, then change it.")
    _save(act, desk, request.review, text, version=request.version)
    return read(act, request)


def submit(act: Act, request: SubmitReview) -> ReviewShown:
    """Submit a review as it stands in the request; the same once more changes nothing."""
    assignment = act.assignment(request.assignment)
    desk = desk_of(act, assignment)
    desk.find(request.review)
    text = request.body.text()
    entry = desk.entries.get(request.review)
    if entry is not None and entry.kind is EntryKind.SUBMITTED:
        if entry.text == text:
            return read(act, request)
        raise Conflict(
            "This review is submitted already. Take it back first, then submit the new one."
        )
    refuse_unless_open(desk)
    refuse_unready(text, assignment, desk.notebooks(act, request.review))
    _save(act, desk, request.review, text, version=request.version)
    enter_submitted(act, assignment, request.review, text, after=entry)
    _note(act, desk, request.review, EventKind.REVIEW_SUBMITTED, TaskState.FINISHED)
    return read(act, request)


def take_back(act: Act, request: TakeBackReview) -> ReviewShown:
    """Take a submitted review back until the deadline; its text stays as a draft."""
    assignment = act.assignment(request.assignment)
    desk = desk_of(act, assignment)
    desk.find(request.review)
    entry = desk.entries.get(request.review)
    if entry is None or entry.kind is EntryKind.TAKEN_BACK:
        return read(act, request)
    refuse_unless_open(desk)
    new = Entry(request.review, entry.number + 1, EntryKind.TAKEN_BACK, entry.rubric, ReviewText())
    store.add_entry(act.tx, new, at=act.clock.now())
    _note(act, desk, request.review, EventKind.REVIEW_TAKEN_BACK, TaskState.BEGUN)
    return read(act, request)


def _notebooks(act: Act, request: ShowWork) -> dict[str, bytes]:
    desk = desk_of(act, act.assignment(request.assignment))
    desk.find(request.review)
    return desk.notebooks(act, request.review)


def _save(act: Act, desk: Desk, review: str, text: ReviewText, *, version: int) -> None:
    stored = store.draft(act.tx, review)
    if stored is not None and stored.text == text:
        return
    if version != (stored.version if stored else 0):
        raise _stale(stored, text)
    if review not in desk.reviews:
        store.add_review(act.tx, act.course, desk.assignment.name, desk.begun(review))
        _note(act, desk, review, EventKind.REVIEW_BEGUN, TaskState.BEGUN)
    if not store.save_draft(act.tx, review, text, version=version + 1):
        raise _stale(store.draft(act.tx, review), text)


def _stale(stored: Draft | None, text: ReviewText) -> StaleVersion:
    return StaleVersion(
        "This review was saved from another window or by a group-mate meanwhile. Both texts are "
        "kept here: put them together and save again.",
        stored=ReviewBody.of(stored.text if stored else ReviewText()).model_dump(
            mode="json", by_alias=True
        ),
        yours=ReviewBody.of(text).model_dump(mode="json", by_alias=True),
        version=stored.version if stored else 0,
    )


def _note(act: Act, desk: Desk, review: str, kind: EventKind, state: TaskState) -> None:
    name = desk.assignment.name
    if review in desk.tasks:
        allocation.set_state(act.tx, act.course, name, desk.tasks[review].pair, state)
    act.record(kind, subject=review, data={"assignment": name}, unit=desk.unit)


MINE = Operation(
    name="reviews.mine",
    method="GET",
    path="/assignments/{assignment}/my-reviews",
    call=my_reviews,
    body=MyReviews,
    returns=MyReviewsShown,
    needs=Action.REVIEW,
)
READ = Operation(
    name="reviews.read",
    method="GET",
    path="/assignments/{assignment}/my-reviews/{review}",
    call=read,
    body=ReadReview,
    returns=ReviewShown,
    needs=Action.REVIEW,
)
NOTEBOOK = Operation(
    name="reviews.notebook",
    method="GET",
    path="/assignments/{assignment}/my-reviews/{review}/notebooks/{notebook}",
    call=work_notebook,
    body=ShowWork,
    returns=NotebookShown,
    needs=Action.REVIEW,
)
PAGE = Operation(
    name="reviews.page",
    method="GET",
    path="/assignments/{assignment}/my-reviews/{review}/pages/{notebook}",
    call=work_page,
    body=ShowWork,
    returns=Page,
    needs=Action.REVIEW,
)
SAVE = Operation(
    name="reviews.save",
    method="PUT",
    path="/assignments/{assignment}/my-reviews/{review}",
    call=save,
    body=SaveDraft,
    returns=ReviewShown,
    needs=Action.REVIEW,
    repeated=read,
    max_body=MAX_REVIEW,
)
SUBMIT = Operation(
    name="reviews.submit",
    method="POST",
    path="/assignments/{assignment}/my-reviews/{review}",
    call=submit,
    body=SubmitReview,
    returns=ReviewShown,
    needs=Action.REVIEW,
    repeated=read,
    max_body=MAX_REVIEW,
)
TAKE_BACK = Operation(
    name="reviews.take-back",
    method="POST",
    path="/assignments/{assignment}/my-reviews/{review}/take-back",
    call=take_back,
    body=TakeBackReview,
    returns=ReviewShown,
    needs=Action.REVIEW,
    repeated=read,
)
OPERATIONS = (MINE, READ, NOTEBOOK, PAGE, SAVE, SUBMIT, TAKE_BACK)
