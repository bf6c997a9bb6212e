"""The use cases of reviewer allocation: assign or repair, verify, status, reveal."""

from __future__ import annotations

from jupyter_social.core import pseudonyms
from jupyter_social.core.course import Assignment
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.people import UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.reviews import store
from jupyter_social.reviews.allocation import ALGORITHM, Certificate, Infeasible
from jupyter_social.reviews.allocation.certificate import counted
from jupyter_social.reviews.conflicts import conflict_pairs
from jupyter_social.reviews.rules import (
    RunInputs,
    RunKind,
    RunResult,
    input_hash,
    is_connected,
    output_hash,
    reciprocal_pairs,
    replay,
)
from jupyter_social.reviews.situation import (
    ImpossibleAllocation,
    Situation,
    is_settled,
    run_inputs,
    situation_of,
)
from jupyter_social.reviews.store import Run, TaskState
from jupyter_social.reviews.verification import ASSIGNED, verify_assignment
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

NAMES_SHOWN = 8


def assign(act: Act, request: AssignReviews) -> ReviewsAssigned:
    """Draw who reviews whom; where reviews are assigned already, repair with the least change."""
    assignment = act.files.course.assignment(request.assignment)
    declared = conflict_pairs(act, assignment, request.conflicts)
    store.declare_conflicts(act.tx, act.course, assignment.name, declared)
    situation = situation_of(act, assignment)
    inputs = run_inputs(act, situation, request)
    if situation.last is not None and is_settled(inputs, situation.last):
        pairs = tuple(sorted(task.pair for task in situation.tasks))
        note = "Nothing has changed since, so nothing was done."
        return _assigned(situation, situation.last, RunResult(pairs, notes=(note,)))
    try:
        result = replay(inputs)
    except Infeasible as refused:
        raise _impossible(act, assignment, inputs, refused.certificate) from None
    run = Run(
        number=len(situation.runs) + 1,
        algorithm=ALGORITHM,
        inputs=inputs,
        input_hash=input_hash(inputs),
        output_hash=output_hash(result.pairs),
        at=act.clock.now(),
    )
    store.add_run(act.tx, act.course, assignment.name, run)
    store.replace_open_tasks(
        act.tx,
        act.course,
        assignment.name,
        run=run.number,
        pairs=result.pairs,
        random=act.random,
    )
    act.record(
        ASSIGNED,
        subject=assignment.name,
        data={"run": run.number, "kind": run.inputs.kind.value, "output_hash": run.output_hash},
    )
    return _assigned(situation, run, result)


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


def _impossible(
    act: Act, assignment: Assignment, inputs: RunInputs, certificate: Certificate
) -> ImpossibleAllocation:
    have = len(inputs.active)
    if certificate.reason == "too-few":
        return ImpossibleAllocation(
            f"{inputs.reviews} reviews each need at least {inputs.reviews + 1} hand-ins; "
            f"{assignment.name} has {have}. Choose --reviews {max(have - 1, 1)} or fewer, or wait "
            "for more."
        )
    names = pseudonyms.owner_names(act.tx, act.course, assignment.name)

    def named(indices: tuple[int, ...]) -> str:
        shown = sorted(names[UnitId(inputs.units[i])] for i in indices)
        more = len(shown) - NAMES_SHOWN
        return ", ".join(shown[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")

    return ImpossibleAllocation(
        f"The rules leave too few reviewers. Reviewers: {named(certificate.reviewers)}. "
        f"Works: {named(certificate.submissions)}. {certificate.detail} "
        "Take back a conflict, allow group-mates, or choose fewer reviews."
    )


def _assigned(situation: Situation, run: Run, result: RunResult) -> ReviewsAssigned:
    notes = [*result.notes, *_broken_by_begun(situation, run)]
    if situation.last not in (None, run) and run.inputs.kind is RunKind.DRAW:
        notes.append("This replaces the draw before it; no review had begun.")
    connected = is_connected(result.pairs, run.inputs.active)
    if not connected:
        notes.append("The reviews do not connect the whole class; marks compare less well.")
    return ReviewsAssigned(
        assignment=situation.assignment.name,
        reviews=run.inputs.reviews,
        seed=run.inputs.seed,
        input_hash=run.input_hash,
        output_hash=run.output_hash,
        run=run.number,
        kind=run.inputs.kind,
        algorithm=run.algorithm,
        units=len(run.inputs.active),
        tasks=len(result.pairs),
        begun=len(situation.begun),
        newcomers=len(situation.newcomers),
        left=len(situation.left),
        changes=result.changes,
        lower_bound=result.lower_bound,
        reciprocal_pairs=reciprocal_pairs(result.pairs),
        connected=connected,
        notes=notes,
    )


def _broken_by_begun(situation: Situation, run: Run) -> list[str]:
    """Say how many begun reviews break a rule that came after them; they stay all the same."""
    inputs = run.inputs
    group = dict(zip(inputs.units, inputs.groups, strict=True))
    conflicts = set(inputs.conflicts)
    broken = sum(
        pair in conflicts
        or (inputs.avoid_groups and group[pair[0]] is not None and group[pair[0]] == group[pair[1]])
        for pair in (task.pair for task in situation.begun)
    )
    if not broken:
        return []
    return [f"Begun before a rule that now forbids them, and kept: {counted(broken, 'review')}."]


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
OPERATIONS = (ASSIGN, VERIFY, STATUS, REVEAL)
