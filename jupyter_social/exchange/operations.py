"""The exchange's use cases: receive a hand-in, list who handed in, withdraw."""

from __future__ import annotations

from jupyter_social.core import pseudonyms
from jupyter_social.core.errors import Conflict, NotFound
from jupyter_social.core.events import EventKind
from jupyter_social.core.ids import new_id
from jupyter_social.core.membership import everybody
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.owners import Owner, all_owners, find_owner, unit_of
from jupyter_social.core.permissions import Action
from jupyter_social.exchange import handing_in, store
from jupyter_social.exchange.anonymizing import prepare
from jupyter_social.exchange.rules import MAX_UPLOAD, content_hash, differences, usable_files
from jupyter_social.exchange.store import Version
from jupyter_social.exchange.views import (
    ListSubmissions,
    Outcome,
    ReceiveSubmission,
    SubmissionList,
    SubmissionReceived,
    SubmissionRow,
    SubmissionState,
    SubmissionWithdrawn,
    WithdrawSubmission,
    told,
)


def receive(act: Act, request: ReceiveSubmission) -> SubmissionReceived:
    """Store a hand-in as the owner's next version, with the anonymous copy that peers will get.

    The same files again change nothing, so an interrupted import is simply done again.
    """
    assignment = act.files.course.assignment(request.assignment)
    owner = find_owner(act, request.owner, assignment.by)
    files = usable_files((file.name, file.content) for file in request.files)
    unit = unit_of(act, assignment.name, owner, assignment.by)
    digest = content_hash(files)
    before = store.latest_of(act.tx, unit)
    if before is not None and before.content_hash == digest:
        outcome = Outcome.WITHDRAWN if before.withdrawn_at else Outcome.UNCHANGED
        return _received(act, owner.name, outcome, before)
    templates = act.files.notebooks(assignment.name)
    prepared = prepare(
        files,
        roster=everybody(act.tx, act.course),
        authors=owner.usernames,
        templates=templates,
        random=act.random,
    )
    version = Version(
        id=new_id(act.random),
        unit=unit,
        number=1 if before is None else before.number + 1,
        content_hash=digest,
        received_at=act.clock.now(),
        withdrawn_at=None,
        notes=tuple(prepared.notes + differences(prepared.shapes, templates)),
    )
    store.add_version(act.tx, act.course, assignment.name, version)
    store.put_contents(act.tx, version.id, files=prepared.files, notebooks=prepared.notebooks)
    act.record(
        EventKind.SUBMISSION_RECEIVED, subject=version.id, data={"assignment": assignment.name}
    )
    outcome = Outcome.NEW_VERSION if before else Outcome.NEW
    return _received(act, owner.name, outcome, version)


def received_already(act: Act, request: ReceiveSubmission) -> SubmissionReceived:
    """Answer a repeated request with the owner's newest version, whatever became of it since."""
    owner, version = _newest(act, request.assignment, request.owner)
    outcome = Outcome.WITHDRAWN if version.withdrawn_at else Outcome.UNCHANGED
    return _received(act, owner.name, outcome, version)


def list_submissions(act: Act, request: ListSubmissions) -> SubmissionList:
    """Say of everybody who hands in whether they have, and what was noted."""
    assignment = act.files.course.assignment(request.assignment)
    versions = store.latest(act.tx, act.course, assignment.name)
    names = pseudonyms.owner_names(act.tx, act.course, assignment.name)
    standings = pseudonyms.standings(act.tx, act.course, assignment.name)
    handed_in = [
        _row(names[standing.unit], versions[standing.unit], active=standing.active)
        for standing in standings
        if standing.unit in versions
    ]
    here = {row.owner for row in handed_in if row.active}
    missing = [
        _row(owner.name, None, active=True)
        for owner in all_owners(act, assignment.by)
        if owner.name not in here
    ]
    rows = sorted(handed_in + missing, key=lambda row: (row.owner, not row.active))
    return SubmissionList(assignment=assignment.name, by=assignment.by.value, submissions=rows)


def withdraw(act: Act, request: WithdrawSubmission) -> SubmissionWithdrawn:
    """Withdraw what an owner handed in last; it stays stored and can be handed in anew."""
    owner, version = _newest(act, request.assignment, request.owner)
    if version.withdrawn_at is not None:
        raise Conflict(f"{owner.name} has withdrawn {request.assignment} already.")
    store.withdraw(act.tx, version, at=act.clock.now())
    act.record(EventKind.SUBMISSION_WITHDRAWN, subject=request.assignment)
    return SubmissionWithdrawn(owner=owner.name, version=version.number)


def withdrawn_already(act: Act, request: WithdrawSubmission) -> SubmissionWithdrawn:
    """Answer a repeated request with the owner's newest version."""
    owner, version = _newest(act, request.assignment, request.owner)
    return SubmissionWithdrawn(owner=owner.name, version=version.number)


def _newest(act: Act, assignment_name: str, owner_name: str) -> tuple[Owner, Version]:
    assignment = act.files.course.assignment(assignment_name)
    owner = find_owner(act, owner_name, assignment.by)
    version = store.latest_of(act.tx, unit_of(act, assignment.name, owner, assignment.by))
    if version is None:
        raise NotFound(f"{owner.name} has not handed in {assignment.name}.")
    return owner, version


def _received(act: Act, owner: str, outcome: Outcome, version: Version) -> SubmissionReceived:
    """Answer from what is stored, so that a repeated import tells the same as the first."""
    notes = list(version.notes)
    if outcome is Outcome.WITHDRAWN:
        notes.insert(0, "withdrawn; changed files would be a new hand-in")
    removed, remaining = told(store.reports(act.tx, version.id))
    return SubmissionReceived(
        owner=owner,
        outcome=outcome,
        version=version.number,
        notes=notes,
        removed=removed,
        remaining=remaining,
    )


def _row(owner: str, version: Version | None, *, active: bool) -> SubmissionRow:
    return SubmissionRow(
        owner=owner,
        active=active,
        state=_state(version),
        versions=version.number if version else 0,
        received_at=version.received_at if version else None,
        notes=list(version.notes) if version else [],
    )


def _state(version: Version | None) -> SubmissionState:
    if version is None:
        return SubmissionState.MISSING
    return SubmissionState.WITHDRAWN if version.withdrawn_at else SubmissionState.HANDED_IN


RECEIVE = Operation(
    name="submissions.receive",
    method="POST",
    path="/assignments/{assignment}/submissions",
    call=receive,
    body=ReceiveSubmission,
    returns=SubmissionReceived,
    needs=Action.RECEIVE_SUBMISSIONS,
    repeated=received_already,
    max_body=MAX_UPLOAD,
)
LIST = Operation(
    name="submissions.list",
    method="GET",
    path="/assignments/{assignment}/submissions",
    call=list_submissions,
    body=ListSubmissions,
    returns=SubmissionList,
    needs=Action.LIST_SUBMISSIONS,
)
WITHDRAW = Operation(
    name="submissions.withdraw",
    method="POST",
    path="/assignments/{assignment}/submissions/withdraw",
    call=withdraw,
    body=WithdrawSubmission,
    returns=SubmissionWithdrawn,
    needs=Action.WITHDRAW_SUBMISSIONS,
    repeated=withdrawn_already,
)
OPERATIONS = (RECEIVE, LIST, WITHDRAW, *handing_in.OPERATIONS)
