"""Staff's planner: each phase's tasks, done or to do, and the command that does them."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_social.core import pauses
from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Problem
from jupyter_social.core.membership import members
from jupyter_social.core.operations import Act
from jupyter_social.core.owners import all_owners
from jupyter_social.core.phases import Phase, extensions, phase_of
from jupyter_social.reviews.marks import store as marks
from jupyter_social.reviews.marks.releasing import opened_by
from jupyter_social.reviews.marks.words import small_class
from jupyter_social.reviews.rounds.trust import refuse_untrusted
from jupyter_social.reviews.rounds.views import ExtensionRow, PlannerTask, RoundShown
from jupyter_social.reviews.safety import store as safety
from jupyter_social.reviews.situation import Situation, situation_of
from jupyter_social.reviews.store import TaskState


def planner(act: Act, assignment: Assignment, *, notes: list[str]) -> RoundShown:
    """Return the planner of an assignment; `notes` stand before what it finds itself."""
    situation = situation_of(act, assignment)
    return RoundShown(
        assignment=assignment.name,
        title=assignment.title,
        phase=phase_of(act.tx, act.course, assignment.name),
        opens=assignment.opens,
        due=assignment.due,
        review_due=assignment.review_due,
        closes=assignment.closes,
        tasks=[
            *_set_up(act, assignment),
            *_submission(act, assignment, situation),
            *_review(assignment, situation),
            *_released(act, assignment, situation),
        ],
        extensions=_extensions(act, assignment),
        paused=pauses.is_paused(act.tx, act.course),
        notes=[*notes, *_notes(act, assignment, situation)],
        practice=act.trust.practice_notice,
    )


def _set_up(act: Act, assignment: Assignment) -> Iterator[PlannerTask]:
    name, phase = assignment.name, Phase.SET_UP
    yield PlannerTask(
        phase=phase,
        what="Write the rubric",
        done=bool(assignment.criteria),
        how="edit rubric.toml",
    )
    yield PlannerTask(
        phase=phase,
        what="Set the deadlines",
        done=assignment.due is not None and assignment.review_due is not None,
        how="edit course.toml",
    )
    yield PlannerTask(
        phase=phase,
        what="Put the notebooks in place",
        done=bool(act.files.notebooks(name)),
        how=f"source/{name}/",
    )
    yield PlannerTask(
        phase=phase,
        what="Import the roster",
        done=bool(all_owners(act, assignment.by)),
        how="jupyter social roster import roster.csv",
    )


def _submission(act: Act, assignment: Assignment, situation: Situation) -> Iterator[PlannerTask]:
    expected, here = len(all_owners(act, assignment.by)), len(situation.active)
    yield PlannerTask(
        phase=Phase.SUBMISSION,
        what="Hand-ins",
        done=0 < expected <= here,
        count=here,
        of=expected,
        how=f"jupyter social submissions list {assignment.name}",
    )


def _review(assignment: Assignment, situation: Situation) -> Iterator[PlannerTask]:
    name = assignment.name
    last = situation.last
    each = last.inputs.reviews if last else assignment.reviews or 3
    settled = last is not None and not situation.newcomers and not situation.left
    yield PlannerTask(
        phase=Phase.REVIEW,
        what="Assign reviewers" if last is None else "Repair for who came or left",
        done=settled,
        how=f"jupyter social reviews assign {name} --reviews {each}",
    )
    finished = sum(task.state is TaskState.FINISHED for task in situation.tasks)
    yield PlannerTask(
        phase=Phase.REVIEW,
        what="Reviews",
        done=0 < len(situation.tasks) <= finished,
        count=finished,
        of=len(situation.tasks),
        how=f"jupyter social reviews status {name}",
    )


def _released(act: Act, assignment: Assignment, situation: Situation) -> Iterator[PlannerTask]:
    name = assignment.name
    last = marks.last_release(act.tx, act.course, name)
    stands = last is not None and last.taken_back_at is None
    yield PlannerTask(
        phase=Phase.RELEASED,
        what="Release the feedback",
        done=stands,
        how=f"jupyter social reviews release {name}",
    )
    if last is not None and stands:
        opened = opened_by(act, assignment, last.number)
        yield PlannerTask(
            phase=Phase.RELEASED,
            what="Authors who have opened it",
            done=opened >= len(situation.active),
            count=opened,
            of=len(situation.active),
        )
    waiting = sum(report.decision is None for report in safety.reports(act.tx, act.course))
    yield PlannerTask(
        phase=Phase.RELEASED,
        what="Look at reported reviews",
        done=waiting == 0,
        count=waiting,
        how="jupyter social reports list",
    )


def _extensions(act: Act, assignment: Assignment) -> list[ExtensionRow]:
    given = extensions(act.tx, act.course, assignment.name)
    return [
        ExtensionRow(
            username=member.username,
            due=given[member.person][0],
            review_due=given[member.person][1],
        )
        for member in members(act.tx, act.course)
        if member.active and member.person in given
    ]


def _notes(act: Act, assignment: Assignment, situation: Situation) -> Iterator[str]:
    try:
        refuse_untrusted(act, assignment)
    except Problem as refused:
        yield refused.detail
    if situation.active:
        yield from small_class(len(situation.active))
