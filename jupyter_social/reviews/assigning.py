"""Assigning reviewers: draw who reviews whom, or repair with the least change."""

from __future__ import annotations

from jupyter_social.core import pseudonyms
from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import NotNow
from jupyter_social.core.events import EventKind
from jupyter_social.core.operations import Act
from jupyter_social.core.people import UnitId
from jupyter_social.core.phases import Phase, phase_of
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
from jupyter_social.reviews.store import Run
from jupyter_social.reviews.views import AssignReviews, ReviewsAssigned

NAMES_SHOWN = 8


def assign(act: Act, request: AssignReviews) -> ReviewsAssigned:
    """Draw who reviews whom; where reviews are assigned already, repair with the least change."""
    assignment = act.files.course.assignment(request.assignment)
    if phase_of(act.tx, act.course, assignment.name) in (Phase.RELEASED, Phase.CLOSED):
        raise NotNow(f"The feedback of {assignment.name} is out; no more reviews are assigned.")
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
        EventKind.REVIEWS_ASSIGNED,
        subject=assignment.name,
        data={"run": run.number, "kind": run.inputs.kind.value, "output_hash": run.output_hash},
    )
    return _assigned(situation, run, result)


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
