"""The proof of an allocation: every run is replayed and held against what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection

from jupyter_social.core import journal
from jupyter_social.core.errors import NotFound
from jupyter_social.core.events import EventKind
from jupyter_social.core.people import CourseId
from jupyter_social.reviews import store
from jupyter_social.reviews.allocation import ALGORITHM, Infeasible
from jupyter_social.reviews.rules import Pair, RunKind, input_hash, output_hash, replay
from jupyter_social.reviews.store import Run
from jupyter_social.reviews.views import ReviewsVerified, RunVerified

MAX_EVENTS = 100_000


def verify_assignment(tx: Connection, course: CourseId, assignment: str) -> ReviewsVerified:
    """Verify what is stored of an assignment; raises `NotFound` where nothing was assigned."""
    try:
        chain = store.runs(tx, course, assignment)
    except ValueError as error:
        problem = f"A stored run cannot be read: {error}."
        return ReviewsVerified(assignment=assignment, holds=False, runs=[], problems=[problem])
    if not chain:
        raise NotFound(f"No reviews of {assignment} have been assigned yet.")
    tasks = store.tasks(tx, course, assignment)
    verified = verify_chain(assignment, chain, [task.pair for task in tasks])
    if _journalled(tx, course, assignment) == [run.output_hash for run in chain]:
        return verified
    problem = "The journal tells of other runs than those stored."
    return verified.model_copy(update={"holds": False, "problems": [*verified.problems, problem]})


def _journalled(tx: Connection, course: CourseId, assignment: str) -> list[str]:
    events = journal.read_since(
        tx, course, 0, kinds=[EventKind.REVIEWS_ASSIGNED.value], limit=MAX_EVENTS
    )
    return [event.data["output_hash"] for event in events if event.subject == assignment]


def verify_chain(assignment: str, chain: Sequence[Run], tasks: Iterable[Pair]) -> ReviewsVerified:
    """Replay each run and check that it follows from the one before and leads to the tasks."""
    verified = []
    before: Run | None = None
    for run in chain:
        verified.append(
            RunVerified(
                run=run.number,
                kind=run.inputs.kind,
                seed=run.inputs.seed,
                input_hash=run.input_hash,
                output_hash=run.output_hash,
                problems=list(_problems(run, before)),
            )
        )
        before = run
    problems = []
    if output_hash(tasks) != chain[-1].output_hash:
        problems.append("The reviews to do are not those of the last run.")
    return ReviewsVerified(
        assignment=assignment,
        holds=not problems and not any(run.problems for run in verified),
        runs=verified,
        problems=problems,
    )


def _problems(run: Run, before: Run | None) -> Iterator[str]:
    inputs = run.inputs
    if input_hash(inputs) != run.input_hash:
        yield "The stored inputs do not match their hash."
    if inputs.previous != (before.output_hash if before else None):
        yield "It does not follow from the run before it."
    started_from = output_hash((*inputs.begun, *inputs.open))
    if before and inputs.kind is RunKind.REPAIR and started_from != before.output_hash:
        yield "The reviews it started from are not those of the run before it."
    if run.algorithm != ALGORITHM:
        yield f"It was made by algorithm {run.algorithm}, which this version cannot replay."
        return
    try:
        if output_hash(replay(inputs).pairs) != run.output_hash:
            yield "Replayed, it comes to other reviews than those stored."
    except (Infeasible, ValueError, KeyError) as error:
        yield f"It cannot be replayed: {error}"
