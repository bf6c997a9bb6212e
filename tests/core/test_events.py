"""The table of events is what the journal holds: each kind once done, and each as described."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from builders import Classroom, as_bytes, code, notebook

from jupyter_social.audit.operations import READ
from jupyter_social.audit.views import ReadAudit
from jupyter_social.core import journal
from jupyter_social.core.events import EVENTS, EventKind, Recorded
from jupyter_social.core.journal import Event
from jupyter_social.core.membership import Caller, members
from jupyter_social.core.people import Role
from jupyter_social.operations import OPERATIONS

BY_NAME = {operation.name: operation for operation in OPERATIONS}
PS1 = {"assignment": "ps1"}
BODY = {"scores": {"clear": 4, "whole": 1.5}}


def test_every_kind_is_described() -> None:
    assert set(EVENTS) == set(EventKind)


def test_whatever_happens_is_recorded_as_described(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(5)
    everything_happens(room)
    events = room.app.database.read(lambda tx: journal.read_since(tx, room.app.course, 0))
    assert {event.kind for event in events} == set(EventKind)
    staff = {
        member.person
        for member in room.app.database.read(lambda tx: members(tx, room.app.course))
        if member.role is not Role.STUDENT
    }
    for event in events:
        described = EVENTS[EventKind(event.kind)]
        assert set(event.data) == set(described.data), event.kind
        assert (event.subject is not None) == bool(described.subject), event.kind
        assert recorded(event, staff) in under(described.under), event.kind


def test_the_audit_log_shows_what_is_marked(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(5)
    everything_happens(room)
    shown = {entry.kind for entry in room.app.perform(READ, ReadAudit()).entries}
    assert shown == {kind for kind, event in EVENTS.items() if event.audited}


def test_nothing_under_a_pseudonym_is_audited() -> None:
    marked = [event.under for event in EVENTS.values() if event.audited]
    assert Recorded.UNIT not in marked


def recorded(event: Event, staff: set[Any]) -> str:
    """What the event's actor is."""
    first = event.actor.split()[0]
    return "staff" if event.actor in staff else first


def under(described: Recorded) -> set[str]:
    if described is Recorded.UNIT:
        return {"unit"}
    if described is Recorded.OPERATOR:
        return {"operator"}
    return {"staff", *(["operator"] if described is not Recorded.STAFF_PERSON else [])}


def everything_happens(room: Classroom) -> None:
    """One act of every kind, or more."""

    def do(who: str | None, name: str, **fields: Any) -> Any:
        row = BY_NAME[name]
        caller = Caller(who) if who else Caller()
        return room.app.perform(row, row.body.model_validate(fields), caller=caller)

    *here, absent = room.students
    first, second, *_ = here
    do("teacher", "rounds.switch", **PS1, phase="submission")
    for who in here:
        made = do(who, "submissions.preview", **PS1, files=files(who))
        do(who, "submissions.hand-in", **PS1, preview=made.preview)
    do(first, "submissions.withdraw-mine", **PS1)
    do("teacher", "submissions.receive", **PS1, owner=first, files=files("again"))
    do("teacher", "submissions.receive", **PS1, owner=second, files=files("other"))
    do("teacher", "submissions.withdraw", **PS1, owner=second)
    do("teacher", "rounds.switch", **PS1, phase="review")
    do("teacher", "reviews.assign", **PS1, reviews=2)
    do("teacher", "rounds.extend", **PS1, username=first, review_due="2026-02-01T12:00:00Z")
    do("teacher", "reviews.reveal", **PS1, reason="to show it")
    for who in (found for found in here if found != second):
        for row in do(who, "reviews.mine", **PS1).reviews:
            one = {**PS1, "review": row.review}
            do(who, "reviews.submit", **one, version=0, body=BODY)
            do(who, "reviews.take-back", **one)
            do(who, "reviews.submit", **one, version=1, body=BODY)
    do("teacher", "feedback.release", **PS1)
    mine = do(first, "feedback.open", **PS1)
    do(first, "feedback.report", **PS1, review=mine.reviews[0].review, reason="rude")
    report = do("teacher", "safety.reports").reports[0]
    do("teacher", "safety.decide", report=report.report, decision="keep", note="it is fine")
    for hidden in (True, False):
        reason = {"hidden": hidden, "reason": "to look"}
        do("teacher", "safety.hide", **PS1, review=report.review, **reason)
    points = {"points": {"clear": 3.5}, "reason": "looked again"}
    do("teacher", "marks.override", **PS1, work=report.work, **points)
    do("teacher", "marks.review", **PS1, work=report.work, body=BODY)
    do("teacher", "marks.export", **PS1)
    do("teacher", "feedback.take-back", **PS1, reason="a slip")
    do("teacher", "safety.pause", paused=True, reason="a name")
    do("teacher", "safety.pause", paused=False, reason="it is gone")
    do(None, "people.export", username=first)
    do(None, "people.erase", username=absent, reason="asked for it")


def files(text: str) -> list[dict[str, Any]]:
    cell = code(f"answer = {text!r}", id="q1", nbgrader={"grade_id": "q1"})
    return [{"name": "work.ipynb", "content": as_bytes(notebook(cell))}]
