"""A write with a key is done once, and its answer is told again, to whoever may still ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import Classroom, as_bytes, notebook, teacher
from played_rounds import BY_NAME, PlayedCourse, a_played_course, fields_of
from sqlalchemy import func, select

from jupyter_social.core import journal, tables
from jupyter_social.core.errors import NOTHING_HERE, Conflict, Invalid, NotFound
from jupyter_social.core.membership import Caller
from jupyter_social.core.pauses import Paused
from jupyter_social.core.people import Role, RosterEntry
from jupyter_social.core.permissions import PERMISSIONS
from jupyter_social.exchange.operations import RECEIVE, WITHDRAW
from jupyter_social.exchange.views import FileView, ReceiveSubmission, WithdrawSubmission
from jupyter_social.operations import OPERATIONS
from jupyter_social.reviews.operations import ASSIGN, REVEAL
from jupyter_social.reviews.views import AssignReviews, RevealPairs
from jupyter_social.roster.operations import REPLACE
from jupyter_social.roster.views import EntryView, ReplaceRoster

TEACHER = Caller("teacher", on_behalf=True)
DRAW = AssignReviews(assignment="ps1", reviews=2)
OTHER = AssignReviews(assignment="ps1", reviews=3)


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    return a_course(database_url).with_students(6).who_all_hand_in()


def stored_answers(room: Classroom) -> list[Any]:
    query = select(tables.answer.c.operation, tables.answer.c.body)
    return room.app.database.read(lambda tx: list(tx.execute(query)))


def events(room: Classroom, kind: str) -> int:
    return len(
        room.app.database.read(
            lambda tx: journal.read_since(tx, room.app.course, 0, kinds=[kind], limit=10_000)
        )
    )


def hand_in(username: str, text: str = "x = 1") -> ReceiveSubmission:
    file = FileView(name="work.ipynb", content=as_bytes(notebook(text)))
    return ReceiveSubmission(assignment="ps1", owner=username, files=[file])


def test_the_same_key_gets_the_same_answer_and_has_no_second_effect(room: Classroom) -> None:
    first = room.app.perform(ASSIGN, DRAW, key="once")
    tasks = room.tasks()
    again = room.app.perform(ASSIGN, DRAW, key="once")
    assert again == first
    assert room.tasks() == tasks
    assert events(room, "reviews.assigned") == 1


def test_another_key_is_another_act(room: Classroom) -> None:
    for request, key in ((DRAW, "one"), (OTHER, "two"), (DRAW, "three")):
        last = room.app.perform(ASSIGN, request, key=key)
    assert (last.run, events(room, "reviews.assigned")) == (3, 3)


def test_a_key_tells_the_old_answer_whatever_has_happened_since(room: Classroom) -> None:
    first = room.app.perform(ASSIGN, DRAW, key="one")
    room.app.perform(ASSIGN, OTHER, key="two")
    assert room.app.perform(ASSIGN, DRAW, key="one") == first
    assert len(room.tasks()) == 18


def test_without_a_key_each_request_is_an_act_of_its_own(room: Classroom) -> None:
    for request in (DRAW, OTHER, DRAW):
        room.app.perform(ASSIGN, request)
    assert events(room, "reviews.assigned") == 3


def test_a_key_survives_a_restart(room: Classroom) -> None:
    first = room.app.perform(ASSIGN, DRAW, key="once")
    assert room.reopened().app.perform(ASSIGN, DRAW, key="once") == first


def test_a_key_is_refused_for_another_request(room: Classroom) -> None:
    room.app.perform(ASSIGN, DRAW, key="once")
    with pytest.raises(Conflict, match="This key was used for another request"):
        room.app.perform(ASSIGN, OTHER, key="once")
    assert len(room.tasks()) == 12


def test_a_key_belongs_to_one_caller_and_one_operation(room: Classroom) -> None:
    room.app.perform(ASSIGN, DRAW, key="once")
    room.app.perform(ASSIGN, OTHER, key="once", caller=TEACHER)
    room.app.perform(RECEIVE, hand_in("student000"), key="once")
    assert events(room, "reviews.assigned") == 2


def test_a_refused_request_leaves_its_key_free(room: Classroom) -> None:
    with pytest.raises(Conflict):
        room.app.perform(ASSIGN, AssignReviews(assignment="ps1", reviews=50), key="once")
    assert room.app.perform(ASSIGN, DRAW, key="once").run == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_of_unusable_length_is_refused(room: Classroom, key: str) -> None:
    with pytest.raises(Invalid, match="1 to 255 characters"):
        room.app.perform(ASSIGN, DRAW, key=key)


def test_a_repeated_hand_in_with_its_key_is_no_new_version(room: Classroom) -> None:
    first = room.app.perform(RECEIVE, hand_in("student000"), key="k1")
    assert room.app.perform(RECEIVE, hand_in("student000"), key="k1").version == first.version
    query = select(func.max(tables.metadata.tables["submission"].c.version))
    assert room.app.database.read(lambda tx: tx.execute(query).scalar_one()) == 2


def test_a_repeated_reveal_answers_again_and_is_written_down_again(room: Classroom) -> None:
    room.app.perform(ASSIGN, DRAW)
    request = RevealPairs(assignment="ps1", reason="a complaint")
    first = room.app.perform(REVEAL, request, key="once")
    assert room.app.perform(REVEAL, request, key="once") == first
    assert events(room, "identity.revealed") == 2


def test_the_answer_of_a_reveal_is_not_stored(room: Classroom) -> None:
    room.app.perform(ASSIGN, DRAW)
    room.app.perform(REVEAL, RevealPairs(assignment="ps1", reason="a complaint"), key="once")
    bodies = [row.body for row in stored_answers(room) if row.operation == REVEAL.name]
    assert bodies == [None]


def test_no_answer_with_a_name_is_stored(room: Classroom) -> None:
    room.app.perform(REPLACE, ReplaceRoster(entries=[EntryView.of(e) for e in room.people[1:]]))
    room.app.perform(RECEIVE, hand_in("student003", "# by Given3 Family3\nGiven3 = 4"), key="a")
    room.app.perform(WITHDRAW, WithdrawSubmission(assignment="ps1", owner="student004"), key="b")
    room.app.perform(ASSIGN, DRAW, key="c")
    stored = stored_answers(room)
    assert any(row.body for row in stored), "some answers are kept"
    named = {row.operation for row in stored if row.body and "student0" in row.body}
    assert named == set()


def test_a_dropped_person_cannot_have_an_answer_again(room: Classroom) -> None:
    room.app.perform(ASSIGN, DRAW, key="once", caller=TEACHER)
    room.without("teacher")
    with pytest.raises(NotFound, match="Nobody in this course"):
        room.app.perform(ASSIGN, DRAW, key="once", caller=TEACHER)


def test_a_demoted_person_cannot_have_an_answer_again(room: Classroom) -> None:
    room.app.perform(ASSIGN, DRAW, key="once", caller=TEACHER)
    others = [entry for entry in room.people if entry.identity != teacher()]
    room.replace_roster([*others, RosterEntry(teacher(), Role.ASSISTANT)])
    with pytest.raises(NotFound):
        room.app.perform(ASSIGN, DRAW, key="once", caller=TEACHER)


def test_a_stranger_with_the_same_user_name_cannot_have_the_answer(room: Classroom) -> None:
    first = room.app.perform(ASSIGN, DRAW, key="once", caller=TEACHER)
    everybody = room.people
    room.without("teacher")
    stranger = teacher().__class__("teacher", "Somebody Else", "else@uni.test")
    room.replace_roster([*everybody[:-1], RosterEntry(stranger, Role.INSTRUCTOR)])
    second = room.app.perform(ASSIGN, OTHER, key="once", caller=TEACHER)
    assert (first.run, second.run) == (1, 2)


# In which phase, and by whom, each write is something new.
WRITES = {
    "roster.replace": ("submission", "teacher"),
    "submissions.receive": ("submission", "teacher"),
    "submissions.withdraw": ("submission", "teacher"),
    "submissions.preview": ("submission", "author"),
    "submissions.hand-in": ("submission", "author"),
    "submissions.withdraw-mine": ("submission", "author"),
    "rounds.switch": ("submission", "teacher"),
    "rounds.extend": ("submission", "teacher"),
    "reviews.assign": ("submission", "teacher"),
    "reviews.reveal": ("review", "teacher"),
    "reviews.save": ("review", "author"),
    "reviews.submit": ("review", "author"),
    "reviews.take-back": ("review", "author"),
    "feedback.release": ("review", "teacher"),
    "feedback.open": ("released", "peer"),
    "feedback.rate": ("released", "author"),
    "feedback.report": ("released", "author"),
    "feedback.take-back": ("released", "teacher"),
    "marks.override": ("released", "teacher"),
    "marks.review": ("released", "teacher"),
    "marks.export": ("released", "teacher"),
    "safety.decide": ("released", "teacher"),
    "safety.hide": ("released", "teacher"),
    "safety.pause": ("released", "teacher"),
    "people.export": ("released", None),
    "people.erase": ("released", None),
}
FOR_STUDENTS = frozenset({Role.STUDENT})


@pytest.fixture
def a_played_class(tmp_path: Path, database_url: str) -> Iterator[Callable[[str], PlayedCourse]]:
    """A class whose rounds are in a phase."""
    played: list[PlayedCourse] = []

    def play(phase: str) -> PlayedCourse:
        played.append(a_played_course(tmp_path / "played", database_url, phase))
        return played[-1]

    yield play
    for course in played:
        course.room.close()


def request_of(course: PlayedCourse, operation: Any) -> Any:
    known = course.ids_of("author", "ps1")
    people = course.roster_now()[1:]
    return operation.body.model_validate(fields_of(operation.name, known, course.phase, people))


def test_the_writes_are_all_here() -> None:
    assert {operation.name for operation in OPERATIONS if operation.writes} == WRITES.keys()


@pytest.mark.parametrize(
    "operation", [op for op in OPERATIONS if op.writes], ids=lambda op: op.name
)
def test_every_write_can_be_repeated_with_its_key(
    a_played_class: Callable[[str], PlayedCourse], operation: Any
) -> None:
    phase, who = WRITES[operation.name]
    course = a_played_class(phase)
    room, caller = course.room, Caller(who)
    request = request_of(course, operation)
    at_first = dump(room)
    first = room.app.perform(operation, request, caller=caller, key="same")
    before = dump(room)
    assert before["answer"] != at_first["answer"], "it is a write"
    assert changed(at_first, before) - {"answer"}, "it has an effect"

    second = room.app.perform(operation, request, caller=caller, key="same")
    assert type(second) is type(first)
    assert changed(before, dump(room)) == ({"journal"} if operation is REVEAL else set())
    if operation.repeated is None:
        assert second == first

    kept = [row.body for row in stored_answers(room) if row.operation == operation.name][-1]
    if operation.repeated or PERMISSIONS[operation.needs] == FOR_STUDENTS:
        assert kept is None, "beside a student's name, no answer is kept"
    elif kept is not None:
        names = [f'"{entry.identity.username}"' for entry in course.roster()]
        assert not [name for name in names if name in kept]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "name", [name for name, (_, who) in WRITES.items() if who not in (None, "teacher")]
)
def test_a_paused_or_dropped_student_cannot_have_an_answer_again(
    a_played_class: Callable[[str], PlayedCourse], name: str
) -> None:
    phase, who = WRITES[name]
    course = a_played_class(phase)
    operation, caller = BY_NAME[name], Caller(who)
    request = request_of(course, operation)
    course.app.perform(operation, request, caller=caller, key="same")
    course.do("teacher", "safety.pause", paused=True, reason="a test")
    with pytest.raises(Paused):
        course.app.perform(operation, request, caller=caller, key="same")
    course.do("teacher", "safety.pause", paused=False, reason="a test")
    course.room.without(who)
    with pytest.raises(NotFound) as refused:
        course.app.perform(operation, request, caller=caller, key="same")
    assert refused.value.detail == NOTHING_HERE


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> set[str]:
    return {name for name in after if after[name] != before[name]}


def dump(room: Classroom) -> dict[str, list[str]]:
    return {
        table.name: room.app.database.read(
            lambda tx, t=table: sorted(map(str, tx.execute(select(t))))
        )
        for table in tables.metadata.sorted_tables
        if table.name != "course"
    }
