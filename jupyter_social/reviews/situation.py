"""What is known when a run of the allocation begins, and the inputs that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_social.core import pseudonyms
from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Conflict
from jupyter_social.core.operations import Act
from jupyter_social.core.people import UnitId
from jupyter_social.core.pseudonyms import Standing
from jupyter_social.reviews import store
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.rules import RunInputs, RunKind
from jupyter_social.reviews.store import Run, Task, TaskState
from jupyter_social.reviews.views import AssignReviews

SEED_BYTES = 4


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


def situation_of(act: Act, assignment: Assignment) -> Situation:
    """Read the situation of an assignment in the act's own transaction."""
    standings = pseudonyms.standings(act.tx, act.course, assignment.name)
    handed_in = act.hand_ins.standing(act.tx, act.course, assignment.name)
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


def run_inputs(act: Act, situation: Situation, request: AssignReviews) -> RunInputs:
    """Return the inputs of a draw, or of a repair where reviews are assigned already.

    Raises `Conflict` for another number of reviews or seed once a review has begun.
    """
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


def is_settled(inputs: RunInputs, last: Run) -> bool:
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


def _groups(situation: Situation, units: tuple[str, ...]) -> tuple[str | None, ...]:
    group = {standing.unit: standing.group for standing in situation.standings}
    return tuple(group[UnitId(unit)] for unit in units)


def _conflicts(
    act: Act, situation: Situation, units: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    here = frozenset(units)
    name = situation.assignment.name
    declared = store.declared_conflicts(act.tx, act.course, name)
    # Who did a review that was given to somebody else is not asked for it again.
    done = {
        (review.reviewer, review.author)
        for review in desk.reviews(act.tx, act.course, name).values()
        if review.reviewer is not None
    } - {task.pair for task in situation.tasks}
    return tuple(sorted(pair for pair in declared | done if here.issuperset(pair)))


def _avoids_groups(request: AssignReviews, last: Run | None) -> bool:
    if request.avoid_groups is not None:
        return request.avoid_groups
    return last is not None and last.inputs.avoid_groups


def _avoids_reciprocal(request: AssignReviews, last: Run | None) -> bool:
    if request.reciprocal is not None:
        return request.reciprocal == "avoid"
    return last is None or last.inputs.avoid_reciprocal
