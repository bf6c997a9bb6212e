"""Handing in for oneself: look at what peers will get, hand in exactly that, take it back.

The preview is stored as it will be served, so that what its author has looked at is what peers
get, byte for byte (threats rule 8, D2). Everything here is done under the author's pseudonym.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from jupyter_social.core import anonymous_notebooks
from jupyter_social.core.anonymous_notebooks import NotebookShown
from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import NOTHING_HERE, NotFound, NotNow
from jupyter_social.core.events import EventKind
from jupyter_social.core.ids import new_id
from jupyter_social.core.membership import everybody
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.owners import Owner, my_owner, my_unit, unit_of
from jupyter_social.core.people import UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.core.phases import Phase, deadlines, is_past, phase_of
from jupyter_social.core.views import Page
from jupyter_social.exchange import store
from jupyter_social.exchange.anonymizing import prepare
from jupyter_social.exchange.rules import (
    MAX_UPLOAD,
    content_hash,
    differences,
    usable_files,
)
from jupyter_social.exchange.store import Preview, Version
from jupyter_social.exchange.views import (
    HandIn,
    MySubmission,
    MySubmissionShown,
    PreviewSubmission,
    ShowMine,
    ShowPreview,
    SubmissionPreviewed,
    SubmissionState,
    WithdrawMine,
    told,
)


def preview(act: Act, request: PreviewSubmission) -> SubmissionPreviewed:
    """Store what peers would get of these files, in place of the preview before, and show it."""
    assignment = act.assignment(request.assignment)
    owner = my_owner(act, assignment.by)
    _refuse_unless_open(act, assignment, owner)
    files = usable_files((file.name, file.content) for file in request.files)
    templates = act.files.notebooks(assignment.name)
    prepared = prepare(
        files,
        roster=everybody(act.tx, act.course),
        authors=owner.usernames,
        templates=templates,
        random=act.random,
    )
    made = Preview(
        id=new_id(act.random),
        unit=unit_of(act, assignment.name, owner, assignment.by),
        content_hash=content_hash(files),
        notes=tuple(prepared.notes + differences(prepared.shapes, templates)),
    )
    store.replace_preview(
        act.tx,
        act.course,
        assignment.name,
        made,
        files=prepared.files,
        notebooks=prepared.notebooks,
    )
    return _previewed(act, assignment, owner, made)


def previewed_already(act: Act, request: PreviewSubmission) -> SubmissionPreviewed:
    """Answer a repeated request with the preview that stands."""
    assignment = act.assignment(request.assignment)
    owner = my_owner(act, assignment.by)
    unit = unit_of(act, assignment.name, owner, assignment.by)
    found = store.preview_of(act.tx, unit)
    if found is None:
        raise NotFound(NOTHING_HERE)
    return _previewed(act, assignment, owner, found)


def preview_notebook(act: Act, request: ShowPreview) -> NotebookShown:
    """Return a notebook of one's preview, as peers would get it."""
    return anonymous_notebooks.shown(_preview_notebooks(act, request), request.notebook)


def preview_page(act: Act, request: ShowPreview) -> Page:
    """Show a notebook of one's preview as the page that peers would see."""
    notebooks = _preview_notebooks(act, request)
    return anonymous_notebooks.page(notebooks, request.notebook, language=act.files.course.language)


def hand_in(act: Act, request: HandIn) -> MySubmissionShown:
    """Hand in exactly what was previewed, as the next version."""
    assignment = act.assignment(request.assignment)
    owner = my_owner(act, assignment.by)
    unit = my_unit(act, assignment)
    found = _my_preview(act, unit, request.preview)
    if found.submission is not None:
        return _mine(act, assignment)
    _refuse_unless_open(act, assignment, owner)
    before = store.latest_of(act.tx, found.unit)
    if before and not before.withdrawn_at and before.content_hash == found.content_hash:
        return _mine(act, assignment)
    version = Version(
        id=new_id(act.random),
        unit=found.unit,
        number=before.number + 1 if before else 1,
        content_hash=found.content_hash,
        received_at=act.clock.now(),
        withdrawn_at=None,
        notes=found.notes,
    )
    store.add_version(act.tx, act.course, assignment.name, version)
    store.take_preview(act.tx, found, version.id)
    act.record(
        EventKind.SUBMISSION_HANDED_IN,
        subject=version.id,
        data={"assignment": assignment.name},
        unit=found.unit,
    )
    return _mine(act, assignment)


def my_submission(act: Act, request: MySubmission | HandIn | WithdrawMine) -> MySubmissionShown:
    """Say what one has handed in, and until when that can change."""
    return _mine(act, act.assignment(request.assignment))


def my_notebook(act: Act, request: ShowMine) -> NotebookShown:
    """Return a notebook of one's newest hand-in, as peers get it."""
    return anonymous_notebooks.shown(_my_notebooks(act, request), request.notebook)


def my_page(act: Act, request: ShowMine) -> Page:
    """Show a notebook of one's newest hand-in as the page that peers see."""
    notebooks = _my_notebooks(act, request)
    return anonymous_notebooks.page(notebooks, request.notebook, language=act.files.course.language)


def withdraw_mine(act: Act, request: WithdrawMine) -> MySubmissionShown:
    """Take back what one handed in last, until the deadline; it can be handed in anew."""
    assignment = act.assignment(request.assignment)
    version = _my_version(act, assignment)
    if version is None:
        raise NotFound(f"You have not handed in {assignment.name}.")
    if version.withdrawn_at is not None:
        return _mine(act, assignment)
    if not _window(act, assignment, my_owner(act, assignment.by)).can_withdraw:
        raise NotNow(
            "The time for changes is over, so this hand-in stays. Ask your teacher to withdraw it."
        )
    store.withdraw(act.tx, version, at=act.clock.now())
    act.record(
        # Not "submission.withdrawn", which the audit log shows: beside the list of hand-ins, a
        # pseudonym there would tell whose it is.
        EventKind.SUBMISSION_TAKEN_BACK,
        subject=version.id,
        data={"assignment": assignment.name},
        unit=version.unit,
    )
    return _mine(act, assignment)


@dataclass(frozen=True)
class _Window:
    """Whether an owner may hand in now, in this phase and until this deadline of theirs."""

    phase: Phase
    due: datetime | None
    is_open: bool

    @property
    def can_withdraw(self) -> bool:
        """Whether what was handed in can be taken back: not once reviews may have begun."""
        return self.is_open and self.phase is Phase.SUBMISSION


def _window(act: Act, assignment: Assignment, owner: Owner) -> _Window:
    """Return when this owner may hand in: in the phase for it, or late with an extension."""
    phase = phase_of(act.tx, act.course, assignment.name)
    due = _due(act, assignment, owner)
    extended = due is not None and due != assignment.due
    of_phase = phase is Phase.SUBMISSION or (phase is Phase.REVIEW and extended)
    return _Window(phase, due, is_open=of_phase and not is_past(due, act.clock.now()))


def _refuse_unless_open(act: Act, assignment: Assignment, owner: Owner) -> None:
    window = _window(act, assignment, owner)
    if window.phase is Phase.SET_UP:
        raise NotNow(f"{assignment.title} is not open yet. Your teacher is still preparing it.")
    if not window.is_open:
        raise NotNow(
            f"The time to hand in {assignment.title} is over. If something held you up, ask your "
            "teacher for more time."
        )
    if window.phase is Phase.REVIEW and _stands(act, assignment):
        raise NotNow(
            "Reviews have started, and what you handed in before is among them; it stays as it is."
        )


def _stands(act: Act, assignment: Assignment) -> bool:
    version = _my_version(act, assignment)
    return version is not None and version.withdrawn_at is None


def _due(act: Act, assignment: Assignment, owner: Owner) -> datetime | None:
    people = [author.person for author in owner.authors]
    return deadlines(act.tx, act.course, assignment, people).due


def _my_preview(act: Act, unit: UnitId | None, preview_id: str) -> Preview:
    found = None if unit is None else store.preview_of(act.tx, unit)
    if found is None or found.id != preview_id:
        raise NotFound("There is no such preview. Make a new one from the files to hand in.")
    return found


def _my_version(act: Act, assignment: Assignment) -> Version | None:
    unit = my_unit(act, assignment)
    return None if unit is None else store.latest_of(act.tx, unit)


def _previewed(
    act: Act, assignment: Assignment, owner: Owner, made: Preview
) -> SubmissionPreviewed:
    before = store.latest_of(act.tx, made.unit)
    removed, remaining = told(store.preview_reports(act.tx, made.id))
    return SubmissionPreviewed(
        assignment=assignment.name,
        preview=made.id,
        notebooks=store.preview_names(act.tx, made.id),
        notes=list(made.notes),
        removed=removed,
        remaining=remaining,
        replaces=before.number if before and not before.withdrawn_at else None,
        due=_due(act, assignment, owner),
        practice=act.trust.practice_notice,
    )


def _mine(act: Act, assignment: Assignment) -> MySubmissionShown:
    owner = my_owner(act, assignment.by)
    version = _my_version(act, assignment)
    state = SubmissionState.MISSING
    if version is not None:
        state = SubmissionState.WITHDRAWN if version.withdrawn_at else SubmissionState.HANDED_IN
    window = _window(act, assignment, owner)
    frozen = window.phase is Phase.REVIEW and state is SubmissionState.HANDED_IN
    return MySubmissionShown(
        assignment=assignment.name,
        state=state,
        version=version.number if version else 0,
        received_at=version.received_at if version else None,
        notebooks=store.notebook_names(act.tx, [version.id])[version.id] if version else [],
        notes=list(version.notes) if version else [],
        due=window.due,
        can_change=window.is_open and not frozen,
        practice=act.trust.practice_notice,
    )


def _preview_notebooks(act: Act, request: ShowPreview) -> dict[str, bytes]:
    assignment = act.assignment(request.assignment)
    found = _my_preview(act, my_unit(act, assignment), request.preview)
    return store.preview_notebooks(act.tx, found.id)


def _my_notebooks(act: Act, request: ShowMine) -> dict[str, bytes]:
    version = _my_version(act, act.assignment(request.assignment))
    return {} if version is None else store.anonymous_notebooks(act.tx, version.id)


PREVIEW = Operation(
    name="submissions.preview",
    method="PUT",
    path="/assignments/{assignment}/my-submission/preview",
    call=preview,
    body=PreviewSubmission,
    returns=SubmissionPreviewed,
    needs=Action.HAND_IN,
    repeated=previewed_already,
    max_body=MAX_UPLOAD,
)
PREVIEW_NOTEBOOK = Operation(
    name="submissions.preview-notebook",
    method="GET",
    path="/assignments/{assignment}/my-submission/previews/{preview}/notebooks/{notebook}",
    call=preview_notebook,
    body=ShowPreview,
    returns=NotebookShown,
    needs=Action.HAND_IN,
)
PREVIEW_PAGE = Operation(
    name="submissions.preview-page",
    method="GET",
    path="/assignments/{assignment}/my-submission/previews/{preview}/pages/{notebook}",
    call=preview_page,
    body=ShowPreview,
    returns=Page,
    needs=Action.HAND_IN,
)
HAND_IN = Operation(
    name="submissions.hand-in",
    method="POST",
    path="/assignments/{assignment}/my-submission",
    call=hand_in,
    body=HandIn,
    returns=MySubmissionShown,
    needs=Action.HAND_IN,
    repeated=my_submission,
)
MINE = Operation(
    name="submissions.mine",
    method="GET",
    path="/assignments/{assignment}/my-submission",
    call=my_submission,
    body=MySubmission,
    returns=MySubmissionShown,
    needs=Action.SEE_MY_SUBMISSION,
)
MY_NOTEBOOK = Operation(
    name="submissions.my-notebook",
    method="GET",
    path="/assignments/{assignment}/my-submission/notebooks/{notebook}",
    call=my_notebook,
    body=ShowMine,
    returns=NotebookShown,
    needs=Action.SEE_MY_SUBMISSION,
)
MY_PAGE = Operation(
    name="submissions.my-page",
    method="GET",
    path="/assignments/{assignment}/my-submission/pages/{notebook}",
    call=my_page,
    body=ShowMine,
    returns=Page,
    needs=Action.SEE_MY_SUBMISSION,
)
WITHDRAW_MINE = Operation(
    name="submissions.withdraw-mine",
    method="POST",
    path="/assignments/{assignment}/my-submission/withdraw",
    call=withdraw_mine,
    body=WithdrawMine,
    returns=MySubmissionShown,
    needs=Action.HAND_IN,
    repeated=my_submission,
)
OPERATIONS = (
    PREVIEW,
    PREVIEW_NOTEBOOK,
    PREVIEW_PAGE,
    HAND_IN,
    MINE,
    MY_NOTEBOOK,
    MY_PAGE,
    WITHDRAW_MINE,
)
