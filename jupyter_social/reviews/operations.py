"""The use cases of reviewer allocation: assign or repair, verify, status, reveal."""

from __future__ import annotations

from jupyter_social.core import pseudonyms
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.permissions import Action
from jupyter_social.reviews import store
from jupyter_social.reviews.assigning import assign
from jupyter_social.reviews.desk import operations as desk
from jupyter_social.reviews.marks import operations as marks
from jupyter_social.reviews.rounds import operations as rounds
from jupyter_social.reviews.safety import operations as safety
from jupyter_social.reviews.situation import Situation, situation_of
from jupyter_social.reviews.store import TaskState
from jupyter_social.reviews.verification import verify_assignment
from jupyter_social.reviews.views import (
    AssignReviews,
    PairsRevealed,
    RevealPairs,
    ReviewsAssigned,
    ReviewStatus,
    ReviewStatusShown,
    ReviewsVerified,
    VerifyReviews,
)


def verify(act: Act, request: VerifyReviews) -> ReviewsVerified:
    """Replay every run from its seed and inputs, and hold the tasks against the last one."""
    assignment = act.files.course.assignment(request.assignment)
    return verify_assignment(act.tx, act.course, assignment.name)


def status(act: Act, request: ReviewStatus) -> ReviewStatusShown:
    """Count where the reviews of an assignment stand, and say what to do next."""
    assignment = act.files.course.assignment(request.assignment)
    situation = situation_of(act, assignment)
    counts = {state: sum(task.state is state for task in situation.tasks) for state in TaskState}
    return ReviewStatusShown(
        assignment=assignment.name,
        handed_in=len(situation.active),
        runs=len(situation.runs),
        reviews=situation.last.inputs.reviews if situation.last else None,
        open=counts[TaskState.OPEN],
        begun=counts[TaskState.BEGUN],
        finished=counts[TaskState.FINISHED],
        newcomers=len(situation.newcomers),
        left=len(situation.left),
        next_step=_next_step(situation),
    )


def reveal_pairs(act: Act, request: RevealPairs) -> PairsRevealed:
    """Name who reviews whom, with a reason, and write down that it was asked."""
    assignment = act.files.course.assignment(request.assignment)
    tasks = store.tasks(act.tx, act.course, assignment.name)
    names = pseudonyms.reveal(
        act.tx,
        act.course,
        assignment.name,
        [unit for task in tasks for unit in (task.reviewer, task.author)],
        reason=request.reason,
        actor=act.actor.label,
        at=act.clock.now(),
    )
    pairs = sorted((names[task.reviewer], names[task.author]) for task in tasks)
    return PairsRevealed(assignment=assignment.name, pairs=pairs)


def _next_step(situation: Situation) -> str:
    name = situation.assignment.name
    if not situation.active:
        return f"Nobody has handed in yet: jupyter social submissions import {name} submitted"
    if situation.last is None:
        return f"Assign reviewers: jupyter social reviews assign {name} --reviews 3"
    if situation.newcomers or situation.left:
        reviews = situation.last.inputs.reviews
        return f"Somebody came or left: jupyter social reviews assign {name} --reviews {reviews}"
    return "Everybody who handed in has reviewers."


ASSIGN = Operation(
    name="reviews.assign",
    method="POST",
    path="/assignments/{assignment}/reviews/assign",
    call=assign,
    body=AssignReviews,
    returns=ReviewsAssigned,
    needs=Action.ASSIGN_REVIEWS,
)
VERIFY = Operation(
    name="reviews.verify",
    method="GET",
    path="/assignments/{assignment}/reviews/verify",
    call=verify,
    body=VerifyReviews,
    returns=ReviewsVerified,
    needs=Action.VERIFY_REVIEWS,
)
STATUS = Operation(
    name="reviews.status",
    method="GET",
    path="/assignments/{assignment}/reviews/status",
    call=status,
    body=ReviewStatus,
    returns=ReviewStatusShown,
    needs=Action.SEE_REVIEW_STATUS,
)
REVEAL = Operation(
    name="reviews.reveal",
    method="POST",
    path="/assignments/{assignment}/reviews/reveal",
    call=reveal_pairs,
    body=RevealPairs,
    returns=PairsRevealed,
    needs=Action.REVEAL,
    repeated=reveal_pairs,
)
OPERATIONS = (
    ASSIGN,
    VERIFY,
    STATUS,
    REVEAL,
    *rounds.OPERATIONS,
    *desk.OPERATIONS,
    *marks.OPERATIONS,
    *safety.OPERATIONS,
)
