"""The round's use cases: the planner, switching by hand, more time, and a student's own view."""

from __future__ import annotations

from datetime import UTC, datetime

from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Invalid
from jupyter_social.core.events import EventKind
from jupyter_social.core.membership import active_members
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.owners import my_owner, my_unit
from jupyter_social.core.people import PersonId
from jupyter_social.core.permissions import Action
from jupyter_social.core.phases import Phase, deadlines, extend, phases
from jupyter_social.reviews.desk.operations import my_reviews
from jupyter_social.reviews.desk.views import MyReviews
from jupyter_social.reviews.marks.feedback import my_feedback_state
from jupyter_social.reviews.marks.views import FeedbackState
from jupyter_social.reviews.rounds.planner import planner
from jupyter_social.reviews.rounds.switching import switch_by_hand
from jupyter_social.reviews.rounds.views import (
    ExtendDeadline,
    MyRound,
    MyRounds,
    MyRoundsShown,
    RoundShown,
    ShowRound,
    SwitchPhase,
)

_FAR = datetime.max.replace(tzinfo=UTC)


def show(act: Act, request: ShowRound | SwitchPhase | ExtendDeadline) -> RoundShown:
    """Show staff where the round stands, and what is to be done in each phase."""
    return planner(act, act.assignment(request.assignment), notes=[])


def switch(act: Act, request: SwitchPhase) -> RoundShown:
    """Switch the phase by hand; where reviews begin, reviewers are assigned."""
    assignment = act.assignment(request.assignment)
    return planner(act, assignment, notes=switch_by_hand(act, assignment, request.phase))


def extend_deadline(act: Act, request: ExtendDeadline) -> RoundShown:
    """Give somebody later deadlines than the class's."""
    assignment = act.assignment(request.assignment)
    member = active_members(act.tx, act.course).get(request.username)
    if member is None:
        raise Invalid(f"{request.username} is not in the roster.")
    for name, given, of_class in (
        ("due", request.due, assignment.due),
        ("review due", request.review_due, assignment.review_due),
    ):
        if given is None:
            continue
        if of_class is None:
            raise Invalid(f"{assignment.name} has no date {name!r} that could be extended.")
        if given <= of_class:
            raise Invalid(f"The new date {name!r} is not later than the class's.")
    extend(
        act.tx,
        act.course,
        assignment.name,
        member.person,
        due=request.due,
        review_due=request.review_due,
    )
    act.record(EventKind.ROUND_EXTENDED, subject=assignment.name, data={"person": member.person})
    return planner(act, assignment, notes=[])


def my_rounds(act: Act, request: MyRounds) -> MyRoundsShown:
    """Say where one's assignments stand, and what to do next."""
    course = act.files.course
    known = phases(act.tx, act.course)
    shown = [
        _my_round(act, assignment, known[assignment.name])
        for assignment in course.assignments.values()
        if known.get(assignment.name, Phase.SET_UP) is not Phase.SET_UP
    ]
    return MyRoundsShown(
        course=course.name,
        title=course.title,
        rounds=sorted(shown, key=lambda found: (found.due or _FAR, found.assignment)),
        practice=act.trust.practice_notice,
    )


def _my_round(act: Act, assignment: Assignment, phase: Phase) -> MyRound:
    unit = my_unit(act, assignment)
    handed_in = unit is not None and unit in act.hand_ins.standing(
        act.tx, act.course, assignment.name
    )
    reviews = my_reviews(act, MyReviews(assignment=assignment.name))
    dates = deadlines(act.tx, act.course, assignment, _people(act, assignment))
    feedback = my_feedback_state(act, assignment)
    return MyRound(
        assignment=assignment.name,
        title=assignment.title,
        phase=phase,
        due=dates.due,
        review_due=dates.review_due,
        handed_in=handed_in,
        reviews_done=reviews.done,
        reviews_expected=reviews.expected,
        feedback=feedback,
        next_step=_next_step(
            phase,
            handed_in=handed_in,
            to_do=reviews.expected - reviews.done if reviews.can_review else 0,
            feedback=feedback,
        ),
    )


def _people(act: Act, assignment: Assignment) -> list[PersonId]:
    """Return who shares the actor's deadlines; somebody without a group has their own."""
    try:
        return [author.person for author in my_owner(act, assignment.by).authors]
    except Invalid:
        return [act.actor.person] if act.actor.person else []


def _next_step(phase: Phase, *, handed_in: bool, to_do: int, feedback: FeedbackState) -> str:
    if feedback is FeedbackState.READY:
        return "Your feedback is here. Open it when you like."
    if to_do:
        return f"Reviews to write: {to_do}."
    if phase is Phase.SUBMISSION and not handed_in:
        return "Preview what peers would see, then hand it in."
    if phase is Phase.SUBMISSION:
        return "Handed in. You can change it until the deadline."
    if phase is Phase.REVIEW:
        return "Nothing to do now. Feedback comes when it is released to everybody."
    return "Nothing to do now."


SHOW = Operation(
    name="rounds.show",
    method="GET",
    path="/assignments/{assignment}/round",
    call=show,
    body=ShowRound,
    returns=RoundShown,
    needs=Action.SEE_ROUND,
)
SWITCH = Operation(
    name="rounds.switch",
    method="POST",
    path="/assignments/{assignment}/round/phase",
    call=switch,
    body=SwitchPhase,
    returns=RoundShown,
    needs=Action.SWITCH_PHASE,
    repeated=show,
)
EXTEND = Operation(
    name="rounds.extend",
    method="POST",
    path="/assignments/{assignment}/round/extensions",
    call=extend_deadline,
    body=ExtendDeadline,
    returns=RoundShown,
    needs=Action.EXTEND_DEADLINE,
    repeated=show,
)
MINE = Operation(
    name="rounds.mine",
    method="GET",
    path="/my-rounds",
    call=my_rounds,
    body=MyRounds,
    returns=MyRoundsShown,
    needs=Action.SEE_MY_ROUND,
)
OPERATIONS = (SHOW, SWITCH, EXTEND, MINE)
