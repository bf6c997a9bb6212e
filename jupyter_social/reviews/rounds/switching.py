"""Entering a phase, with what belongs to it: reviewers are assigned when reviews begin."""

from __future__ import annotations

from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Conflict, Problem
from jupyter_social.core.events import EventKind
from jupyter_social.core.operations import Act
from jupyter_social.core.phases import Phase, enter_phase, is_past, phase_of
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.assigning import assign
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.rounds.rules import BY_HAND
from jupyter_social.reviews.rounds.trust import refuse_untrusted
from jupyter_social.reviews.views import AssignReviews


def switch_by_hand(act: Act, assignment: Assignment, phase: Phase) -> list[str]:
    """Enter a phase as staff ask; returns what they should know. Raises `Conflict`."""
    now = phase_of(act.tx, act.course, assignment.name)
    if phase is now:
        return [f"It is in the phase {phase.value} already."]
    _refuse_unless_next(assignment, now, phase)
    _refuse_going_back_in_time(act, assignment, now, phase)
    refuse_untrusted(act, assignment)
    return enter(act, assignment, phase)


def enter(act: Act, assignment: Assignment, phase: Phase) -> list[str]:
    """Enter a phase; where reviews begin, assign reviewers if the course says how many."""
    enter_phase(act.tx, act.course, assignment.name, phase, at=act.clock.now())
    act.record(EventKind.ROUND_SWITCHED, subject=assignment.name, data={"phase": phase.value})
    if phase is not Phase.REVIEW or assignment.reviews is None:
        return []
    if allocation.runs(act.tx, act.course, assignment.name):
        return []
    return _assign(act, assignment, assignment.reviews)


def _assign(act: Act, assignment: Assignment, reviews: int) -> list[str]:
    try:
        with act.tx.begin_nested():
            made = assign(act, AssignReviews(assignment=assignment.name, reviews=reviews))
    except Problem as refused:
        return [f"Reviewers are not assigned yet: {refused.detail}"]
    return made.notes


def _refuse_unless_next(assignment: Assignment, now: Phase, phase: Phase) -> None:
    if phase in BY_HAND[now]:
        return
    if (now, phase) == (Phase.REVIEW, Phase.RELEASED):
        raise Conflict(
            f"Feedback is released as a whole: jupyter social reviews release {assignment.name}"
        )
    if (now, phase) == (Phase.RELEASED, Phase.REVIEW):
        raise Conflict(
            "Take the release back: jupyter social reviews take-back-release "
            f"{assignment.name} --reason …"
        )
    choices = " or ".join(sorted(choice.value for choice in BY_HAND[now]))
    raise Conflict(f"{assignment.name} is in the phase {now.value}; next comes {choices}.")


def _refuse_going_back_in_time(act: Act, assignment: Assignment, now: Phase, phase: Phase) -> None:
    if (now, phase) == (Phase.REVIEW, Phase.SUBMISSION):
        # Those of staff and of given-away tasks count as well: they are bound to what stands.
        begun = len(desk.reviews(act.tx, act.course, assignment.name))
        if begun:
            raise Conflict(
                f"{begun} reviews have begun, so hand-ins stay closed. Give single people more "
                f"time instead: jupyter social round extend {assignment.name} NAME --due TIME"
            )
    key, deadline = {
        (Phase.SUBMISSION, Phase.SET_UP): ("opens", assignment.opens),
        (Phase.REVIEW, Phase.SUBMISSION): ("due", assignment.due),
        (Phase.CLOSED, Phase.RELEASED): ("closes", assignment.closes),
    }.get((now, phase), ("", None))
    if is_past(deadline, act.clock.now()):
        raise Conflict(
            f"The date {key!r} of {assignment.name} has passed. Set a later one in course.toml "
            "first, then switch."
        )
