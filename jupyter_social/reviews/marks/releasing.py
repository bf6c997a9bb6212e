"""Release: all feedback of an assignment at once, in an order that tells nothing.

A release can be taken back while fewer than half of the authors have opened it. Their pages then
say so, the round is in its review phase again, and staff can put things right and release anew.
"""

from __future__ import annotations

from jupyter_social.core import pseudonyms
from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Conflict
from jupyter_social.core.events import EventKind
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.people import UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.core.phases import Phase, enter_phase, phase_of
from jupyter_social.core.pseudonyms import Standing
from jupyter_social.reviews.marks import store
from jupyter_social.reviews.marks.book import book_of
from jupyter_social.reviews.marks.rules import may_take_back
from jupyter_social.reviews.marks.views import (
    ReleaseFeedback,
    ReleaseShown,
    TakeBackRelease,
)
from jupyter_social.reviews.marks.words import small_class
from jupyter_social.reviews.rounds.trust import refuse_untrusted


def release(act: Act, request: ReleaseFeedback) -> ReleaseShown:
    """Release the feedback of an assignment; a second time changes nothing."""
    assignment = act.assignment(request.assignment)
    phase = phase_of(act.tx, act.course, assignment.name)
    if phase in (Phase.RELEASED, Phase.CLOSED):
        return _shown(act, assignment)
    if phase is not Phase.REVIEW:
        raise Conflict(
            f"{assignment.name} is in the phase {phase.value!r}; feedback is released from the "
            "review phase."
        )
    refuse_untrusted(act, assignment)
    release_now(act, assignment)
    return _shown(act, assignment)


def release_now(act: Act, assignment: Assignment) -> None:
    """Release what is submitted, and enter the phase."""
    book = book_of(act, assignment)
    if not book.reviews:
        raise Conflict(f"No review of {assignment.name} is submitted yet: nothing to release.")
    before = store.last_release(act.tx, act.course, assignment.name)
    number = before.number + 1 if before else 1
    store.add_release(act.tx, act.course, assignment.name, number, at=act.clock.now())
    known = store.feedback_ids(act.tx, act.course, assignment.name)
    new = sorted(book.reviews.keys() - known.keys())
    store.name_feedback(act.tx, new, random=act.random)
    enter_phase(act.tx, act.course, assignment.name, Phase.RELEASED, at=act.clock.now())
    act.record(
        EventKind.FEEDBACK_RELEASED,
        subject=assignment.name,
        data={"number": number, "reviews": len(new)},
    )


def take_back(act: Act, request: TakeBackRelease) -> ReleaseShown:
    """Take a release back, while fewer than half of the authors have opened it."""
    assignment = act.assignment(request.assignment)
    last = store.last_release(act.tx, act.course, assignment.name)
    phase = phase_of(act.tx, act.course, assignment.name)
    if last is None or (last.taken_back_at is None and phase is not Phase.RELEASED):
        raise Conflict(f"There is no release of {assignment.name} that could be taken back.")
    if last.taken_back_at is not None:
        return _shown(act, assignment)
    shown = _shown(act, assignment)
    if not shown.can_take_back:
        raise Conflict(
            f"{shown.opened} of {shown.works} authors have opened their feedback already, so it "
            "stays. Overrides and hidden reviews still show at once."
        )
    store.take_back_release(
        act.tx,
        act.course,
        assignment.name,
        last.number,
        reason=request.reason,
        at=act.clock.now(),
    )
    enter_phase(act.tx, act.course, assignment.name, Phase.REVIEW, at=act.clock.now())
    act.record(
        EventKind.FEEDBACK_TAKEN_BACK,
        subject=assignment.name,
        data={"number": last.number, "reason": request.reason},
    )
    return _shown(act, assignment)


def standings(act: Act, assignment: Assignment) -> list[Standing]:
    """Return who has handed in what stands, in order of pseudonyms."""
    handed_in = act.hand_ins.standing(act.tx, act.course, assignment.name)
    return [
        standing
        for standing in pseudonyms.standings(act.tx, act.course, assignment.name)
        if standing.by is assignment.by and standing.unit in handed_in
    ]


def works(act: Act, assignment: Assignment) -> list[UnitId]:
    """Return the works of an assignment: the hand-ins that stand, in order of pseudonyms."""
    return [standing.unit for standing in standings(act, assignment)]


def opened_by(act: Act, assignment: Assignment, number: int) -> int:
    """Return how many of the authors have opened a release."""
    opened = store.opened(act.tx, act.course, assignment.name, number)
    return len(opened.intersection(works(act, assignment)))


def _shown(act: Act, assignment: Assignment) -> ReleaseShown:
    book = book_of(act, assignment)
    here = works(act, assignment)
    last = store.last_release(act.tx, act.course, assignment.name)
    opened = opened_by(act, assignment, last.number) if last is not None else 0
    counts = [len(book.counted(work)) for work in here]
    wanted = max(book.wanted.values(), default=0)
    without, few = counts.count(0), sum(0 < count < wanted for count in counts)
    return ReleaseShown(
        assignment=assignment.name,
        phase=phase_of(act.tx, act.course, assignment.name),
        number=last.number if last else 0,
        works=len(here),
        reviews=sum(counts),
        without_reviews=without,
        few_reviews=few,
        opened=opened,
        can_take_back=last is not None
        and last.taken_back_at is None
        and may_take_back(authors=len(here), opened=opened),
        notes=_notes(assignment, len(here), without, few),
    )


def _notes(assignment: Assignment, works: int, without: int, few: int) -> list[str]:
    notes = []
    if without:
        notes.append(
            f"Without any review: {without}. Find them: jupyter social reviews marks "
            f"{assignment.name}; staff review one: jupyter social reviews work {assignment.name} "
            "WORK --output DIR"
        )
    if few:
        notes.append(f"With fewer reviews than planned: {few}.")
    notes += small_class(works)
    if not assignment.criteria:
        notes.append("There is no rubric, so there are comments and no marks.")
    return notes


RELEASE = Operation(
    name="feedback.release",
    method="POST",
    path="/assignments/{assignment}/release",
    call=release,
    body=ReleaseFeedback,
    returns=ReleaseShown,
    needs=Action.RELEASE,
)
TAKE_BACK = Operation(
    name="feedback.take-back",
    method="POST",
    path="/assignments/{assignment}/release/take-back",
    call=take_back,
    body=TakeBackRelease,
    returns=ReleaseShown,
    needs=Action.RELEASE,
)
OPERATIONS = (RELEASE, TAKE_BACK)
