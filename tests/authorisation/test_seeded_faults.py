"""The matrix is a test of the program; this is the test of the matrix: it sees each seeded fault.

A fault is seeded, the cells that it could touch are asked again, and one at least must differ.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest
from asking import IN_ROLE, Worlds, the_matrix
from expectations import Cell
from sqlalchemy import literal_column, select

from jupyter_social import app
from jupyter_social.core import membership, operations, owners, pauses, permissions, phases
from jupyter_social.core.errors import NotFound
from jupyter_social.core.people import OPERATOR, Actor, PersonId, Role
from jupyter_social.core.permissions import PERMISSIONS, Action
from jupyter_social.core.pseudonyms import standings
from jupyter_social.core.tables import member
from jupyter_social.exchange import handing_in
from jupyter_social.exchange import store as hand_ins
from jupyter_social.operations import OPERATIONS
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.desk import desk
from jupyter_social.reviews.desk import operations as desk_operations
from jupyter_social.reviews.desk import store as reviews
from jupyter_social.reviews.marks import feedback
from jupyter_social.reviews.marks import operations as marks
from jupyter_social.reviews.marks import store as mark_store
from jupyter_social.reviews.marks.views import FeedbackState
from jupyter_social.reviews.safety import operations as safety_operations
from jupyter_social.reviews.safety import store as safety
from jupyter_social.reviews.safety.rules import Decision

MATRIX = the_matrix()
NEEDED = {operation.needs for operation in OPERATIONS}
# The operator is no person, so there is no feedback of theirs to be hidden; the table itself is
# held against a second one in tests/core/test_permissions.py.
NOTHING_TO_SEE = {
    (Action.RATE_FEEDBACK, Role.OPERATOR),
    (Action.REPORT_REVIEW, Role.OPERATOR),
}
# SQL of one table in which every course is this course.
ANY_COURSE: Any = literal_column("course_id")
Patch = pytest.MonkeyPatch


def first_difference(worlds: Worlds, cells: Iterable[Cell]) -> Cell | None:
    return next((cell for cell in cells if worlds[cell.phase].answer(cell) != MATRIX[cell]), None)


def cells_of(
    operations: Collection[str], actors: Collection[str] = (), ids: Collection[str] = ()
) -> list[Cell]:
    return [
        cell
        for cell in MATRIX
        if cell.operation in operations
        and (not actors or cell.actor in actors)
        and (not ids or cell.ids in ids)
    ]


def everywhere(patch: Patch, real: Any, fake: Any) -> None:
    """Put a fake in the place of a function wherever the program has imported it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("jupyter_social"):
            for attribute, value in list(vars(module).items()):
                if value is real:
                    patch.setattr(module, attribute, fake)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("action", sorted(NEEDED))
def test_the_matrix_sees_each_flipped_rule(
    sqlite_worlds: Worlds, monkeypatch: Patch, action: Action, role: Role
) -> None:
    flipped = {**PERMISSIONS, action: PERMISSIONS[action] ^ {role}}
    monkeypatch.setattr(permissions, "PERMISSIONS", flipped)
    touched = {operation.name for operation in OPERATIONS if operation.needs is action}
    seen = first_difference(sqlite_worlds, cells_of(touched, IN_ROLE[role], ["own"]))
    assert (seen is None) is ((action, role) in NOTHING_TO_SEE)


def no_check(*_: Any, **__: Any) -> None:
    """What a check is that was forgotten."""


def dropped_from_sql(real: Callable[..., Any]) -> Callable[[Patch], None]:
    """The fault of a query that has lost its course."""

    def any_course(tx: Any, course: Any, *rest: Any, **named: Any) -> Any:
        return real(tx, ANY_COURSE, *rest, **named)

    return lambda patch: everywhere(patch, real, any_course)


def skipped(real: Callable[..., Any]) -> Callable[[Patch], None]:
    return lambda patch: everywhere(patch, real, no_check)


def every_task_is_mine(patch: Patch) -> None:
    def tasks_of(tx: Any, course: Any, assignment: str, reviewer: Any) -> Any:
        return {task.id: task for task in allocation.tasks(tx, course, assignment)}

    patch.setattr(allocation, "tasks_of", tasks_of)


def former_members_are_let_in(patch: Patch) -> None:
    def admit(tx: Any, course: Any, caller: Any) -> Actor:
        if caller.username is None:
            return OPERATOR
        here = (member.c.course_id == course, member.c.username == caller.username)
        row = tx.execute(select(member.c.person_id, member.c.role).where(*here)).one_or_none()
        if row is None:
            raise NotFound(permissions.NOTHING_HERE)
        return Actor(PersonId(row.person_id), Role(row.role), caller.on_behalf)

    patch.setattr(membership, "admit", admit)


def whoever_acts_for_somebody_keeps_the_operators_rights(patch: Patch) -> None:
    real = membership.admit

    def admit(tx: Any, course: Any, caller: Any) -> Actor:
        return OPERATOR if caller.on_behalf else real(tx, course, caller)

    patch.setattr(membership, "admit", admit)


def my_unit_is_anothers(patch: Patch) -> None:
    real = owners.my_unit

    def my_unit(act: Any, assignment: Any) -> Any:
        mine = real(act, assignment)
        units = [found.unit for found in standings(act.tx, act.course, assignment.name)]
        return next((unit for unit in units if unit != mine), mine)

    everywhere(patch, real, my_unit)


def desks_are_open_in_every_phase(patch: Patch) -> None:
    patch.setattr(desk, "_READING", tuple(phases.Phase))


def feedback_is_always_open(patch: Patch) -> None:
    patch.setattr(feedback, "_state", lambda *_: (FeedbackState.OPENED, None))


def any_preview_of_mine_will_do(patch: Patch) -> None:
    def mine(act: Any, unit: Any, preview: str) -> Any:
        return hand_ins.preview_of(act.tx, unit)

    patch.setattr(handing_in, "_my_preview", mine)


def any_feedback_is_mine(patch: Patch) -> None:
    def released(act: Any, assignment: Any, feedback_id: str) -> str:
        ids = mark_store.feedback_ids(act.tx, act.course, assignment.name)
        return next(review for review, (_, name) in ids.items() if name == feedback_id)

    patch.setattr(feedback, "_released_review", released)


def students_are_told_which_assignments_there_are(patch: Patch) -> None:
    def assignment(act: Any, name: str) -> Any:
        return act.files.course.assignment(name)

    patch.setattr(operations.Act, "assignment", assignment)


def refusals_have_a_sentence_of_their_own(patch: Patch) -> None:
    patch.setattr(permissions, "NOTHING_HERE", "This is for staff only.")


def strangers_have_a_sentence_of_their_own(patch: Patch) -> None:
    patch.setattr(membership, "NOTHING_HERE", "You are not in this course.")


def no_desk_has_a_sentence_of_its_own(patch: Patch) -> None:
    patch.setattr(desk, "NOTHING_HERE", "This review is somebody else's.")


def every_work_is_of_this_assignment(patch: Patch) -> None:
    patch.setattr(marks, "_work", lambda act, assignment, work: (work, "no-submission"))


def hand_ins_can_always_be_taken_back(patch: Patch) -> None:
    patch.setattr(handing_in._Window, "can_withdraw", True)


def every_report_is_of_this_course(patch: Patch) -> None:
    real = safety_operations._report

    def report(act: Any, report_id: str) -> Any:
        try:
            return real(act, report_id)
        except NotFound:
            return safety.Report(report_id, "ps1", "r", "why", Decision.HIDE, None)

    patch.setattr(safety_operations, "_report", report)


FAULTS: dict[str, Callable[[Patch], None]] = {
    "a review id is not looked up": lambda p: p.setattr(desk.Desk, "find", no_check),
    "every task is mine": every_task_is_mine,
    "the pause is forgotten": lambda p: p.setattr(app, "refuse_while_paused", no_check),
    "the permission is not asked": lambda p: p.setattr(app, "require", no_check),
    "former members are let in": former_members_are_let_in,
    "on behalf of means as the operator": whoever_acts_for_somebody_keeps_the_operators_rights,
    "my unit is another's": my_unit_is_anothers,
    "desks are open in every phase": desks_are_open_in_every_phase,
    "reviews are open in every phase": skipped(desk.refuse_unless_open),
    "hand-ins are open in every phase": skipped(handing_in._refuse_unless_open),
    "hand-ins can always be taken back": hand_ins_can_always_be_taken_back,
    "marks can be set in every phase": skipped(marks._refuse_before_review),
    "closed rounds are not closed": skipped(feedback._refuse_closed),
    "feedback is always open": feedback_is_always_open,
    "a preview id is not looked up": any_preview_of_mine_will_do,
    "any feedback is mine": any_feedback_is_mine,
    "every work is of this assignment": every_work_is_of_this_assignment,
    "every report is of this course": every_report_is_of_this_course,
    "students are told names of assignments": students_are_told_which_assignments_there_are,
    "refusals have a sentence of their own": refusals_have_a_sentence_of_their_own,
    "strangers have a sentence of their own": strangers_have_a_sentence_of_their_own,
    "desks have a sentence of their own": no_desk_has_a_sentence_of_its_own,
    "members of any course": dropped_from_sql(membership.admit),
    "a pause of any course": dropped_from_sql(pauses.is_paused),
    "phases of any course": dropped_from_sql(phases.phase_of),
    "hand-ins of any course": dropped_from_sql(hand_ins.latest),
    "reviews of any course": dropped_from_sql(reviews.reviews),
    "reports of any course": dropped_from_sql(safety.reports),
    "tasks of any course": dropped_from_sql(allocation.tasks),
    "names of any course": dropped_from_sql(membership.members),
}
# The actors that are asked: together they show every fault.
TELLING = ("author", "paused", "dropped", "other-student", "instructor", "for-author", "operator")


@pytest.mark.parametrize("fault", FAULTS)
def test_the_matrix_sees_each_seeded_fault(
    sqlite_worlds: Worlds, monkeypatch: Patch, fault: str
) -> None:
    FAULTS[fault](monkeypatch)
    telling = (cell for cell in MATRIX if cell.actor in TELLING)
    cells = sorted(telling, key=lambda cell: (TELLING.index(cell.actor), cell))
    assert first_difference(sqlite_worlds, cells), "no cell differs"


def test_without_a_fault_no_cell_differs(sqlite_worlds: Worlds) -> None:
    cells = cells_of({"reviews.read", "feedback.rate", "marks.work"}, TELLING)
    assert first_difference(sqlite_worlds, cells) is None


def test_a_check_that_is_skipped_is_skipped_wherever_it_is_used(monkeypatch: Patch) -> None:
    skipped(desk.refuse_unless_open)(monkeypatch)
    assert desk_operations.refuse_unless_open is no_check
