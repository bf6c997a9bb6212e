"""The use cases of reviewer allocation: assign or repair, verify, status, reveal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_social.core import pseudonyms
from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Conflict
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.people import UnitId
from jupyter_social.core.permissions import Action
from jupyter_social.core.pseudonyms import Standing
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
from jupyter_social.reviews.store import Run, Task, TaskState
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

SEED_BYTES = 4
NAMES_SHOWN = 8


class ImpossibleAllocation(Conflict):
    """No allocation keeps all rules; the sentence says who is in the way."""

    code = "impossible-allocation"
    title = "These reviews cannot be assigned"


@dataclass(frozen=True)
class Situation:
    """Everything that is known when a run begins."""

    assignment: Assignment
    standings: Sequence[Standing]
    active: frozenset[str]
    runs: Sequence[Run]
    tasks: Sequence[Task]

    @property
    def last(self) -> Run | None:
        """The newest run."""
        return self.runs[-1] if self.runs else None

    @property
    def begun(self) -> list[Task]:
        """The reviews that have begun, finished ones included."""
        return [task for task in self.tasks if task.state is not TaskState.OPEN]

    @property
    def newcomers(self) -> frozenset[str]:
        """Active units that the last run did not know as active."""
        return self.active - frozenset(self.last.inputs.active) if self.last else frozenset()

    @property
    def left(self) -> frozenset[str]:
        """Units of the last run that are active no more."""
        return frozenset(self.last.inputs.active) - self.active if self.last else frozenset()


def assign(act: Act, request: AssignReviews) -> ReviewsAssigned:
    """Draw who reviews whom; where reviews are assigned already, repair with the least change."""
    assignment = act.files.course.assignment(request.assignment)
    declared = conflict_pairs(act, assignment, request.conflicts)
    store.declare_conflicts(act.tx, act.course, assignment.name, declared)
    situation = _situation(act, assignment)
    inputs = _inputs(act, situation, request)
    if situation.last is not None and _is_settled(inputs, situation.last):
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
    situation = _situation(act, assignment)
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


def _situation(act: Act, assignment: Assignment) -> Situation:
    standings = pseudonyms.standings(act.tx, act.course, assignment.name)
    handed_in = act.hand_ins(act.tx, act.course, assignment.name)
    return Situation(
        assignment=assignment,
        standings=standings,
        # Hand-ins from before the assignment changed between persons and groups take no part.
        active=frozenset(
            s.unit for s in standings if s.active and s.by is assignment.by and s.unit in handed_in
        ),
        runs=store.runs(act.tx, act.course, assignment.name),
        tasks=store.tasks(act.tx, act.course, assignment.name),
    )


def _inputs(act: Act, situation: Situation, request: AssignReviews) -> RunInputs:
    last = situation.last
    if not situation.active:
        raise ImpossibleAllocation(
            f"Nobody has handed in {request.assignment} yet. First: jupyter social submissions "
            f"import {request.assignment} submitted."
        )
    other_draw = last is not None and (
        last.inputs.reviews != request.reviews
        or (request.seed is not None and request.seed != last.inputs.seed)
    )
    if last is not None and other_draw and situation.begun:
        raise Conflict(
            f"{len(situation.begun)} reviews have begun, so the number of reviews "
            f"({last.inputs.reviews}) and the seed ({last.inputs.seed}) stay as they are. Run it "
            f"again with --reviews {last.inputs.reviews} to repair after late or missing work."
        )
    if last is None or other_draw:
        return _draw_inputs(act, situation, request)
    return _repair_inputs(act, situation, request, last)


def _draw_inputs(act: Act, situation: Situation, request: AssignReviews) -> RunInputs:
    last = situation.last
    seed = request.seed
    if seed is None:
        seed = int.from_bytes(act.random.token_bytes(SEED_BYTES), "big")
    units = tuple(sorted(situation.active))
    return RunInputs(
        kind=RunKind.DRAW,
        reviews=request.reviews,
        seed=seed,
        avoid_groups=_avoids_groups(request, last),
        avoid_reciprocal=_avoids_reciprocal(request, last),
        units=units,
        groups=_groups(situation, units),
        conflicts=_conflicts(act, situation, units),
        active=units,
        previous=last.output_hash if last else None,
    )


def _repair_inputs(act: Act, situation: Situation, request: AssignReviews, last: Run) -> RunInputs:
    in_tasks = {unit for task in situation.tasks for unit in task.pair}
    units = tuple(sorted(situation.active | in_tasks))
    finished = [t.pair for t in situation.tasks if t.state is TaskState.FINISHED]
    return RunInputs(
        kind=RunKind.REPAIR,
        reviews=last.inputs.reviews,
        seed=last.inputs.seed,
        avoid_groups=_avoids_groups(request, last),
        avoid_reciprocal=_avoids_reciprocal(request, last),
        units=units,
        groups=_groups(situation, units),
        conflicts=_conflicts(act, situation, units),
        active=tuple(sorted(situation.active)),
        begun=tuple(sorted(task.pair for task in situation.begun)),
        finished=tuple(sorted(finished)),
        open=tuple(sorted(t.pair for t in situation.tasks if t.state is TaskState.OPEN)),
        previous=last.output_hash,
    )


def _is_settled(inputs: RunInputs, last: Run) -> bool:
    """Tell whether a repair would start from the very situation that the last run left."""
    if inputs.kind is RunKind.DRAW or inputs.active != last.inputs.active:
        return False
    known = dict(zip(last.inputs.units, last.inputs.groups, strict=True))
    same_groups = all(known.get(u) == g for u, g in zip(inputs.units, inputs.groups, strict=True))
    return (
        inputs.conflicts == last.inputs.conflicts
        and inputs.avoid_groups == last.inputs.avoid_groups
        and inputs.avoid_reciprocal == last.inputs.avoid_reciprocal
        and (same_groups or not inputs.avoid_groups)
    )


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
        begun=len(run.inputs.begun),
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
        for pair in inputs.begun
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


def _groups(situation: Situation, units: tuple[str, ...]) -> tuple[str | None, ...]:
    group = {standing.unit: standing.group for standing in situation.standings}
    return tuple(group[UnitId(unit)] for unit in units)


def _conflicts(
    act: Act, situation: Situation, units: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    here = frozenset(units)
    declared = store.declared_conflicts(act.tx, act.course, situation.assignment.name)
    return tuple(sorted(pair for pair in declared if here.issuperset(pair)))


def _avoids_groups(request: AssignReviews, last: Run | None) -> bool:
    if request.avoid_groups is not None:
        return request.avoid_groups
    return last is not None and last.inputs.avoid_groups


def _avoids_reciprocal(request: AssignReviews, last: Run | None) -> bool:
    if request.reciprocal is not None:
        return request.reciprocal == "avoid"
    return last is None or last.inputs.avoid_reciprocal


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
