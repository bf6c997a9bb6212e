"""The job that switches phases whose deadline has come.

It is asked every few seconds, and may be asked by two processes at once: what it does follows from
the phase that stands in the database, in a transaction that holds the course.
"""

from __future__ import annotations

from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import Problem
from jupyter_social.core.operations import Act
from jupyter_social.core.phases import Phase, extensions, phases
from jupyter_social.reviews.marks import store
from jupyter_social.reviews.marks.book import book_of
from jupyter_social.reviews.marks.releasing import release_now
from jupyter_social.reviews.rounds.rules import next_by_deadline
from jupyter_social.reviews.rounds.switching import enter
from jupyter_social.reviews.rounds.trust import refuse_untrusted

MAX_STEPS = 4


def due_switches(act: Act) -> list[tuple[Assignment, Phase]]:
    """Return the assignments whose deadline has come, with the phase that follows."""
    now, known = act.clock.now(), phases(act.tx, act.course)
    found = []
    for assignment in act.files.course.assignments.values():
        phase = next_by_deadline(assignment, known.get(assignment.name, Phase.SET_UP), now)
        if phase is not None and _is_possible(act, assignment, phase):
            found.append((assignment, phase))
    return found


def switch_due(act: Act) -> int:
    """Switch them, step by step; returns how many switches there were."""
    switched = 0
    for _ in range(MAX_STEPS):
        due = due_switches(act)
        for assignment, phase in due:
            if phase is Phase.RELEASED:
                release_now(act, assignment)
            else:
                enter(act, assignment, phase)
        switched += len(due)
        if not due:
            break
    return switched


def _is_possible(act: Act, assignment: Assignment, phase: Phase) -> bool:
    """Whether the switch would be refused by hand as well; the planner tells staff why."""
    try:
        refuse_untrusted(act, assignment)
    except Problem:
        return False
    return phase is not Phase.RELEASED or _is_releasable(act, assignment)


def _is_releasable(act: Act, assignment: Assignment) -> bool:
    """Whether a deadline may release: something, and never anew what staff have taken back.

    Who was given more time for reviews is waited for.
    """
    given = extensions(act.tx, act.course, assignment.name).values()
    if any(until is not None and act.clock.now() < until for _, until in given):
        return False
    if store.last_release(act.tx, act.course, assignment.name) is not None:
        return False
    return bool(book_of(act, assignment).reviews)
