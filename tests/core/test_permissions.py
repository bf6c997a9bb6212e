"""Who may do what, written down twice: here by hand, and in the program's table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from builders import Classroom, student, teacher
from command_line import run

from jupyter_social.core.errors import Invalid, NotFound, Problem
from jupyter_social.core.membership import Caller
from jupyter_social.core.operations import Operation
from jupyter_social.core.people import OPERATOR, Actor, Identity, PersonId, Role, RosterEntry
from jupyter_social.core.permissions import PERMISSIONS, Action, may, require
from jupyter_social.exchange.operations import LIST as LIST_SUBMISSIONS
from jupyter_social.exchange.views import ListSubmissions
from jupyter_social.operations import OPERATIONS

EXPECTED = """\
action                student  assistant  instructor  operator
replace-roster        -        -          yes         yes
read-roster           -        yes        yes         yes
receive-submissions   -        yes        yes         yes
list-submissions      -        yes        yes         yes
withdraw-submissions  -        -          yes         yes
assign-reviews        -        -          yes         yes
verify-reviews        -        yes        yes         yes
see-review-status     -        yes        yes         yes
reveal                -        -          yes         yes
read-audit-log        -        -          yes         yes
see-my-round          yes      -          -           -
hand-in               yes      -          -           -
see-my-submission     yes      -          -           -
review                yes      -          -           -
read-my-feedback      yes      -          -           -
rate-feedback         yes      -          -           -
report-review         yes      -          -           -
see-round             -        yes        yes         yes
switch-phase          -        -          yes         yes
extend-deadline       -        -          yes         yes
read-reviews          -        yes        yes         yes
read-works            -        yes        yes         yes
review-as-staff       -        yes        yes         -
see-marks             -        yes        yes         yes
override-mark         -        -          yes         yes
release               -        -          yes         yes
export-marks          -        -          yes         yes
moderate              -        yes        yes         yes
pause-course          -        -          yes         yes
export-person         -        -          -           yes
erase-person          -        -          -           yes
"""
HIDDEN = "There is nothing of that name here that you can open."

REVIEW = {"assignment": "ps1", "review": "r"}
WORK = {"assignment": "ps1", "work": "w"}
PREVIEW = {"assignment": "ps1", "preview": "p"}
NOTEBOOK = {"notebook": "work.ipynb"}
PS1 = {"assignment": "ps1"}
WHY = {"reason": "a test"}

# A request of each operation; what it names need not exist, but the assignment does.
REQUESTS: dict[str, dict[str, Any]] = {
    "roster.replace": {"entries": []},
    "roster.list": {},
    "submissions.receive": {**PS1, "owner": "student000", "files": []},
    "submissions.list": PS1,
    "submissions.withdraw": {**PS1, "owner": "student000"},
    "submissions.preview": {**PS1, "files": []},
    "submissions.preview-notebook": {**PREVIEW, **NOTEBOOK},
    "submissions.preview-page": {**PREVIEW, **NOTEBOOK},
    "submissions.hand-in": PREVIEW,
    "submissions.mine": PS1,
    "submissions.my-notebook": {**PS1, **NOTEBOOK},
    "submissions.my-page": {**PS1, **NOTEBOOK},
    "submissions.withdraw-mine": PS1,
    "reviews.assign": {**PS1, "reviews": 2},
    "reviews.verify": PS1,
    "reviews.status": PS1,
    "reviews.reveal": {**PS1, **WHY},
    "rounds.show": PS1,
    "rounds.switch": {**PS1, "phase": "submission"},
    "rounds.extend": {**PS1, "username": "student000"},
    "rounds.mine": {},
    "reviews.mine": PS1,
    "reviews.read": REVIEW,
    "reviews.notebook": {**REVIEW, **NOTEBOOK},
    "reviews.page": {**REVIEW, **NOTEBOOK},
    "reviews.save": {**REVIEW, "version": 0, "body": {}},
    "reviews.submit": {**REVIEW, "version": 0, "body": {}},
    "reviews.take-back": REVIEW,
    "feedback.mine": PS1,
    "feedback.open": PS1,
    "feedback.rate": {**REVIEW, "helpful": True},
    "feedback.report": {**REVIEW, **WHY},
    "feedback.release": PS1,
    "feedback.take-back": {**PS1, **WHY},
    "marks.list": PS1,
    "marks.work": WORK,
    "marks.work-notebook": {**WORK, **NOTEBOOK},
    "marks.work-page": {**WORK, **NOTEBOOK},
    "marks.override": {**WORK, "points": {}, **WHY},
    "marks.review": {**WORK, "body": {}},
    "marks.export": PS1,
    "safety.reports": {},
    "safety.decide": {"report": "r", "decision": "hide", "note": "a test"},
    "safety.hide": {**REVIEW, "hidden": True, **WHY},
    "safety.pause": {"paused": True, **WHY},
    "people.export": {"username": "student001"},
    "people.erase": {"username": "student001", **WHY},
    "audit.read": {},
}


def expected() -> dict[tuple[str, str], bool]:
    head, *rows = (line.split() for line in EXPECTED.splitlines())
    return {
        (row[0], role): cell == "yes"
        for row in rows
        for role, cell in zip(head[1:], row[1:], strict=True)
    }


def cells(table: Mapping[Action, frozenset[Role]]) -> dict[tuple[str, str], bool]:
    return {(action, role): role in table.get(action, ()) for action in Action for role in Role}


def actor(role: Role) -> Actor:
    return OPERATOR if role is Role.OPERATOR else Actor(PersonId("p"), role)


def request_of(operation: Operation[Any, Any], **instead: str) -> Any:
    return operation.body.model_validate({**REQUESTS[operation.name], **instead})


def may_call(operation: Operation[Any, Any], room: Classroom, caller: Caller) -> bool:
    """Whether the operation lets the caller in; what it does then is not asked here.

    Most of what these requests name is hidden from everybody, since it does not exist, so it is
    the use case's place that tells whether somebody came as far.
    """
    reached = Mock(side_effect=Invalid("It was called."))
    with pytest.raises(Problem) as refused:
        room.app.rehearse(replace(operation, call=reached), request_of(operation), caller=caller)
    if not reached.called:
        assert refused.value.details() == NotFound(HIDDEN).details()
    return reached.called


def whoever_may(operation: Operation[Any, Any]) -> str:
    """The user name of somebody of the roster who may call the operation."""
    return next(
        name for name, role in CALLERS.items() if name and expected()[operation.needs, role]
    )


@pytest.fixture
def a_staffed_course(a_course: Callable[..., Classroom]) -> Classroom:
    room = a_course()
    room.replace_roster(
        [
            student(0),
            student(1),
            RosterEntry(Identity("helper", "Hel Per", "h@uni.test"), Role.ASSISTANT),
            RosterEntry(teacher(), Role.INSTRUCTOR),
        ]
    )
    return room


CALLERS = {
    "student000": "student",
    "helper": "assistant",
    "teacher": "instructor",
    None: "operator",
}
OF_AN_ASSIGNMENT = [op for op in OPERATIONS if "assignment" in op.body.model_fields]
FOR_STAFF = [op for op in OPERATIONS if not expected()[op.needs, "student"]]


def test_the_table_is_the_one_written_down_here() -> None:
    assert cells(PERMISSIONS) == expected()


@pytest.mark.parametrize("cell", sorted(expected()))
def test_flipping_any_one_cell_is_caught(cell: tuple[str, str]) -> None:
    action, role = Action(cell[0]), Role(cell[1])
    flipped = {**PERMISSIONS, action: PERMISSIONS[action] ^ {role}}
    assert cells(flipped) != expected()


def test_the_table_cannot_be_changed_while_the_program_runs() -> None:
    with pytest.raises(TypeError):
        PERMISSIONS[Action.REVEAL] = frozenset(Role)  # type: ignore[index]


@pytest.mark.parametrize("role", list(Role))
def test_an_action_that_is_not_in_the_table_is_denied_to_everybody(
    role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert may(actor(role), "grow-wings") is False  # type: ignore[arg-type]


def test_a_role_that_nobody_knows_may_nothing() -> None:
    stranger = Actor(PersonId("p"), "visitor")  # type: ignore[arg-type]
    assert not [action for action in Action if may(stranger, action)]


def test_a_refusal_reads_like_something_that_does_not_exist() -> None:
    with pytest.raises(NotFound) as refused:
        require(actor(Role.STUDENT), Action.REVEAL)
    assert refused.value.detail == HIDDEN
    assert refused.value.status == 404


def test_every_operation_needs_an_action_of_the_table() -> None:
    assert {operation.needs for operation in OPERATIONS} <= PERMISSIONS.keys()


def test_every_action_is_needed_by_an_operation() -> None:
    assert {operation.needs for operation in OPERATIONS} == set(Action)


def test_every_operation_has_a_name_and_a_path_of_its_own() -> None:
    names = [operation.name for operation in OPERATIONS]
    routes = [(operation.method, operation.path) for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert len(set(routes)) == len(routes)
    assert set(names) == REQUESTS.keys(), "a new operation needs a row in this test"


@pytest.mark.parametrize("username", CALLERS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_asks_the_table(
    a_staffed_course: Classroom, operation: Operation[Any, Any], username: str | None
) -> None:
    for on_behalf in (True, False) if username else (False,):
        allowed = may_call(operation, a_staffed_course, Caller(username, on_behalf=on_behalf))
        assert allowed is expected()[operation.needs, CALLERS[username]]


@pytest.mark.parametrize("operation", OF_AN_ASSIGNMENT, ids=lambda operation: operation.name)
def test_a_student_learns_nothing_from_asking_for_what_does_not_exist(
    a_staffed_course: Classroom, operation: Operation[Any, Any]
) -> None:
    """Whichever operation it is, and however near the name is to that of an assignment."""
    for on_behalf in (True, False):
        for assignment in ("no-such-assignment", "ps2", "PS1", "ps1 ", "", "\x00", "%"):
            with pytest.raises(NotFound) as refused:
                a_staffed_course.app.perform(
                    operation,
                    request_of(operation, assignment=assignment),
                    caller=Caller("student000", on_behalf=on_behalf),
                )
            assert refused.value.details() == NotFound(HIDDEN).details()


@pytest.mark.parametrize("operation", FOR_STAFF, ids=lambda operation: operation.name)
def test_a_student_learns_nothing_from_what_is_for_staff(
    a_staffed_course: Classroom, operation: Operation[Any, Any]
) -> None:
    with pytest.raises(NotFound) as refused:
        a_staffed_course.app.perform(operation, request_of(operation), caller=Caller("student000"))
    assert refused.value.details() == NotFound(HIDDEN).details()


def test_staff_do_learn_that_an_assignment_does_not_exist(a_staffed_course: Classroom) -> None:
    request = ListSubmissions(assignment="ps2")
    with pytest.raises(NotFound, match="Did you mean ps1"):
        a_staffed_course.app.perform(
            LIST_SUBMISSIONS, request, caller=Caller("helper", on_behalf=True)
        )


@pytest.mark.parametrize(
    "operation",
    [op for op in OPERATIONS if PERMISSIONS[op.needs] != {Role.OPERATOR}],
    ids=lambda operation: operation.name,
)
def test_somebody_who_was_dropped_a_moment_ago_is_nobody(
    a_staffed_course: Classroom, operation: Operation[Any, Any]
) -> None:
    name = whoever_may(operation)
    assert may_call(operation, a_staffed_course, Caller(name))
    a_staffed_course.without(name)
    for on_behalf, sentence in (
        (False, HIDDEN),
        (True, f"Nobody in this course has the user name '{name}'"),
    ):
        with pytest.raises(NotFound) as refused:
            a_staffed_course.app.perform(
                operation, request_of(operation), caller=Caller(name, on_behalf=on_behalf)
            )
        assert refused.value.detail.startswith(sentence)


def test_an_instructor_who_became_an_assistant_may_no_longer_assign(
    a_staffed_course: Classroom,
) -> None:
    assign = next(operation for operation in OPERATIONS if operation.name == "reviews.assign")
    assert may_call(assign, a_staffed_course, Caller("teacher", on_behalf=True))
    a_staffed_course.replace_roster([student(0), RosterEntry(teacher(), Role.ASSISTANT)])
    assert not may_call(assign, a_staffed_course, Caller("teacher", on_behalf=True))


def test_the_role_in_one_course_says_nothing_about_another(
    a_course: Callable[..., Classroom],
) -> None:
    room = a_course().with_students(2)
    file = room.folder / "course.toml"
    file.write_text(file.read_text().replace('"testing"', '"another"'))
    other = room.reopened()
    with pytest.raises(NotFound, match="Nobody in this course"):
        other.app.perform(
            LIST_SUBMISSIONS,
            ListSubmissions(assignment="ps1"),
            caller=Caller("teacher", on_behalf=True),
        )


@pytest.mark.parametrize(
    ("command", "role_may"),
    [
        (("roster", "list"), {"helper", "teacher"}),
        (("submissions", "list", "ps1"), {"helper", "teacher"}),
        (("reviews", "status", "ps1"), {"helper", "teacher"}),
        (("audit",), {"teacher"}),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_as_acts_with_the_rights_of_that_person(
    a_staffed_course: Classroom, command: tuple[str, ...], role_may: set[str]
) -> None:
    room = a_staffed_course
    room.close()
    for username in ("student000", "helper", "teacher"):
        done = run(*command, "--as", username, f"--database={room.url}", cwd=room.folder)
        assert done.code == (0 if username in role_may else 1), (username, done.err)
        assert (done.err == f"{HIDDEN}\n") is (username not in role_may)


def test_as_nobody_of_the_course_is_refused(a_staffed_course: Classroom) -> None:
    room = a_staffed_course
    room.close()
    done = run("roster", "list", "--as", "mallory", f"--database={room.url}", cwd=room.folder)
    assert done.code == 1
    assert "Nobody in this course has the user name 'mallory'" in done.err
