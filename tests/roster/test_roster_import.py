"""A new roster replaces the old one; people who stay, leave and come back keep what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from builders import Classroom, student, teacher
from sqlalchemy import select

from jupyter_social.core import journal, tables
from jupyter_social.core.errors import Invalid
from jupyter_social.core.membership import Member, members
from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.exchange.operations import LIST as LIST_SUBMISSIONS
from jupyter_social.exchange.views import ListSubmissions
from jupyter_social.roster.operations import LIST, REPLACE
from jupyter_social.roster.rules import Kind
from jupyter_social.roster.views import EntryView, ListRoster, ReplaceRoster, RosterReplaced


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    return a_course(database_url).with_students(4)


def everybody(room: Classroom) -> list[Member]:
    return room.app.database.read(lambda tx: members(tx, room.app.course))


def ids(room: Classroom, username: str) -> list[str]:
    """The ids of the active and the former members of this user name, the active one first."""
    return [member.person for member in everybody(room) if member.username == username]


def listed(room: Classroom) -> list[str]:
    return [m.username for m in room.app.perform(LIST, ListRoster()).members]


def told(answer: RosterReplaced) -> list[tuple[Kind, str]]:
    return [(change.kind, change.username) for change in answer.changes]


def dump(room: Classroom) -> dict[str, list[Any]]:
    names = ("person", "member", "roster_group", "journal", "answer")
    return {
        name: room.app.database.read(
            lambda tx, n=name: sorted(map(str, tx.execute(select(tables.metadata.tables[n])).all()))
        )
        for name in names
    }


def changed(room: Classroom, username: str, /, **fields: Any) -> list[RosterEntry]:
    """The roster with some fields of one person changed."""
    identity = {k: v for k, v in fields.items() if k in ("username", "name", "email")}
    rest = {k: v for k, v in fields.items() if k in ("role", "group")}
    return [
        replace(entry, identity=replace(entry.identity, **identity), **rest)
        if entry.identity.username == username
        else entry
        for entry in room.people
    ]


def test_a_first_roster_makes_everybody_a_member(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url)
    answer = room.replace_roster([student(1), student(0)])
    assert told(answer) == [(Kind.JOINED, "student000"), (Kind.JOINED, "student001")]
    assert (answer.active, answer.unchanged) == (2, 0)
    assert listed(room) == ["student000", "student001"]


def test_the_same_roster_again_changes_nothing_and_is_no_event(room: Classroom) -> None:
    before = dump(room)
    answer = room.replace_roster(room.people)
    assert (answer.active, answer.unchanged, answer.changes) == (5, 5, [])
    after = dump(room)
    assert {n: after[n] for n in ("person", "member", "journal")} == {
        n: before[n] for n in ("person", "member", "journal")
    }


def test_people_who_stay_keep_their_ids(room: Classroom) -> None:
    before = {member.username: member.person for member in everybody(room)}
    room.replace_roster([*room.people, student(9)])
    after = {member.username: member.person for member in everybody(room)}
    assert before.items() <= after.items()
    assert after["student009"] not in before.values()


def test_somebody_who_left_is_inactive_and_keeps_the_work(room: Classroom) -> None:
    room.who_all_hand_in()
    answer = room.replace_roster([e for e in room.people if e.identity.username != "student002"])
    assert told(answer) == [(Kind.LEFT, "student002")]
    assert "student002" not in listed(room)
    assert [m.active for m in everybody(room) if m.username == "student002"] == [False]
    rows = room.app.perform(LIST_SUBMISSIONS, ListSubmissions(assignment="ps1")).submissions
    row = next(row for row in rows if row.owner == "student002")
    assert (row.active, row.versions) == (False, 1)


def test_who_comes_back_with_the_same_e_mail_is_the_same_person(room: Classroom) -> None:
    before, everyone = ids(room, "student002"), room.people
    room.without("student002")
    answer = room.replace_roster(everyone)
    assert told(answer) == [(Kind.RETURNED, "student002")]
    assert ids(room, "student002") == before
    found = next(m for m in everybody(room) if m.username == "student002")
    assert found.active


def test_capital_letters_in_an_e_mail_make_nobody_new(room: Classroom) -> None:
    before, everyone = ids(room, "student002"), changed(room, "student002", email="S2@Uni.Test")
    room.without("student002")
    assert told(room.replace_roster(everyone)) == [(Kind.RETURNED, "student002")]
    assert ids(room, "student002") == before


@pytest.mark.parametrize(
    ("email", "why"),
    [("other@uni.test", "another e-mail than before"), ("", "no e-mail")],
)
def test_a_user_name_that_comes_back_otherwise_is_a_new_person(
    room: Classroom, email: str, why: str
) -> None:
    room.who_all_hand_in()
    before, everyone = ids(room, "student002"), changed(room, "student002", email=email)
    room.without("student002")
    answer = room.replace_roster(everyone)
    assert told(answer) == [(Kind.JOINED, "student002")]
    assert why in answer.changes[0].note
    after = ids(room, "student002")
    assert len(after) == 2
    assert after[0] not in before, "the active one is new"
    assert after[1] == before[0], "the former one keeps id and work"
    rows = room.app.perform(LIST_SUBMISSIONS, ListSubmissions(assignment="ps1")).submissions
    found = [(row.active, row.versions) for row in rows if row.owner == "student002"]
    assert found == [(True, 0), (False, 1)], "and the stranger inherits nothing"


def test_two_people_without_e_mail_are_never_taken_for_one(room: Classroom) -> None:
    everyone = changed(room, "student002", email="")
    room.replace_roster(everyone)
    before = ids(room, "student002")
    room.without("student002")
    room.replace_roster(everyone)
    assert ids(room, "student002")[0] not in before


def test_the_former_owner_of_a_name_is_found_among_several(room: Classroom) -> None:
    """Three people had the name in turn; the first comes back and is the first."""
    first, everyone = ids(room, "student002")[0], room.people
    second = changed(room, "student002", email="second@uni.test", name="Second")
    third = changed(room, "student002", email="third@uni.test", name="Third")
    for people in (second, third):
        room.without("student002")
        room.replace_roster(people)
    room.without("student002")
    assert told(room.replace_roster(everyone)) == [(Kind.RETURNED, "student002")]
    assert ids(room, "student002")[0] == first
    assert len(ids(room, "student002")) == 3


def test_a_former_owner_does_not_take_over_the_person_who_has_the_name_now(
    room: Classroom,
) -> None:
    """In one roster the second owner of the name goes and the first comes back."""
    first, everyone = ids(room, "student002")[0], room.people
    room.without("student002")
    room.replace_roster(
        [*room.people, RosterEntry(Identity("student002", "New", "new@uni.test"), Role.STUDENT)]
    )
    second = ids(room, "student002")[0]
    assert second != first
    room.replace_roster(everyone)
    assert ids(room, "student002")[0] == first


def test_the_same_user_name_with_all_else_new_is_kept_and_asked_about(room: Classroom) -> None:
    before = ids(room, "student002")
    answer = room.replace_roster(changed(room, "student002", email="x@y.test", name="Other Name"))
    assert "still the same person?" in answer.changes[0].note
    assert ids(room, "student002") == before


def test_changes_of_name_e_mail_role_and_group_are_told(room: Classroom) -> None:
    answer = room.replace_roster(
        changed(room, "student002", name="New Name", group="blue", role=Role.ASSISTANT)
    )
    assert told(answer) == [(Kind.CHANGED, "student002")]
    note = answer.changes[0].note
    assert "name: Given2 Family2 → New Name" in note
    assert "role: student → assistant" in note
    assert "group: none → blue" in note
    found = next(m for m in everybody(room) if m.username == "student002")
    assert (found.identity.name, found.role, found.group) == ("New Name", Role.ASSISTANT, "blue")


def test_a_group_is_left_and_entered(room: Classroom) -> None:
    for group in ("red", "blue", None, "red"):
        room.replace_roster(changed(room, "student002", group=group))
        found = next(m for m in everybody(room) if m.username == "student002")
        assert found.group == group
    rows = room.app.database.read(
        lambda tx: sorted(tx.execute(select(tables.roster_group.c.name)).scalars())
    )
    assert rows == ["blue", "red"], "a group that comes back is the same group"


def test_the_answer_lists_everybody_who_changed_by_user_name(room: Classroom) -> None:
    people = [student(7), *changed(room, "student003", name="X")[2:]]
    answer = room.replace_roster(people)
    assert told(answer) == [
        (Kind.LEFT, "student000"),
        (Kind.LEFT, "student001"),
        (Kind.CHANGED, "student003"),
        (Kind.JOINED, "student007"),
    ]
    assert (answer.active, answer.unchanged) == (4, 2)


def test_an_event_counts_the_changes_and_names_nobody(room: Classroom) -> None:
    room.replace_roster([student(7), *room.people[1:]])
    event = room.app.database.read(lambda tx: journal.read_since(tx, room.app.course, 0))[-1]
    assert event.kind == "roster.replaced"
    assert event.data == {"joined": 1, "returned": 0, "changed": 0, "left": 1}


def test_a_dry_run_tells_the_same_and_changes_nothing(room: Classroom) -> None:
    people = [student(7), *changed(room, "student003", group="blue")[1:]]
    request = ReplaceRoster(entries=[EntryView.of(entry) for entry in people])
    before = dump(room)
    rehearsed = room.app.rehearse(REPLACE, request)
    assert dump(room) == before
    assert room.app.perform(REPLACE, request) == rehearsed
    assert dump(room) != before, "the real run does change something"


def test_an_empty_roster_sends_everybody_home_and_they_can_come_back(room: Classroom) -> None:
    before, everyone = sorted(m.person for m in everybody(room)), room.people
    room.replace_roster([])
    assert listed(room) == []
    room.replace_roster(everyone)
    assert sorted(m.person for m in everybody(room)) == before


def test_somebody_twice_in_a_request_is_refused(room: Classroom) -> None:
    """A file with a user name twice never comes here; a program may send one."""
    twice = [student(0), replace(student(0), role=Role.INSTRUCTOR)]
    request = ReplaceRoster(entries=[EntryView.of(entry) for entry in twice])
    with pytest.raises(Invalid, match="student000"):
        room.app.perform(REPLACE, request)


def test_no_request_can_make_an_operator(room: Classroom) -> None:
    people = [RosterEntry(teacher(), Role.OPERATOR)]
    with pytest.raises((Invalid, ValueError)):
        room.app.perform(REPLACE, ReplaceRoster(entries=[EntryView.of(e) for e in people]))
    assert {m.role for m in everybody(room)} == {Role.STUDENT, Role.INSTRUCTOR}


@pytest.mark.parametrize("field", ["username", "name", "email"])
def test_a_field_longer_than_a_column_is_refused_alike_on_both_databases(
    room: Classroom, field: str
) -> None:
    people = changed(room, "student000", **{field: "x" * 300})
    with pytest.raises((Invalid, ValueError)):
        room.app.perform(REPLACE, ReplaceRoster(entries=[EntryView.of(e) for e in people]))


def test_people_of_another_course_are_not_touched(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(3)
    file = room.folder / "course.toml"
    text = file.read_text()
    file.write_text(text.replace('"testing"', '"another"'))
    other = room.reopened()
    assert listed(other) == []
    other.replace_roster([student(1), student(5)])
    file.write_text(text)
    assert listed(room.reopened()) == ["student000", "student001", "student002", "teacher"]


def test_a_whole_faculty_is_replaced(room: Classroom) -> None:
    people = [student(number, group=f"g{number // 4}") for number in range(1000)]
    answer = room.replace_roster(people)
    assert answer.active == 1000
    assert len(listed(room)) == 1000
