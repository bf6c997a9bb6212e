"""Pseudonyms derive from nobody, and only a reasoned reveal leads from them to people."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import Classroom, as_bytes, code, notebook, student
from sqlalchemy import select

from jupyter_social.core import journal, pseudonyms, tables
from jupyter_social.core.errors import Invalid
from jupyter_social.core.ids import SystemRandomSource, new_id
from jupyter_social.core.membership import Caller
from jupyter_social.core.migrations import all_tables
from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.reviews.operations import REVEAL, STATUS, VERIFY
from jupyter_social.reviews.views import RevealPairs, ReviewStatus, VerifyReviews

PRIVATE = {"member.username", "member.name", "member.email", "blob.content"}
"""The columns in which a person may be named, all of them read by staff alone."""
OF_A_HAND_IN = {
    "submission.notes",
    "submission_file.name",
    "anonymous_notebook.source",
    "anonymous_notebook.report",
}
"""Columns in which what an author wrote may name them; nothing of them reaches a peer."""

ADA = RosterEntry(Identity("adalove", "Ada Lovelace", "ada@engine.test"), Role.STUDENT, "analysts")


class CountingRandom(SystemRandomSource):
    """Notes how much was asked of it."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def token_bytes(self, nbytes: int, /) -> bytes:
        self.asked.append(nbytes)
        return super().token_bytes(nbytes)


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    """A class in which everybody signs their work, with reviews assigned and revealed."""
    room = a_course(database_url).with_students(7)
    room.replace_roster([*room.people, ADA])
    for entry in room.people:
        if entry.role is Role.STUDENT:
            who = entry.identity
            signed = code(f"# {who.name}, {who.email}\nprint('{who.username}')", id="q1")
            room.hand_in(who.username, work=as_bytes(notebook(signed)))
    room.assign(2)
    room.app.perform(REVEAL, RevealPairs(assignment="ps1", reason="a complaint"))
    room.withdraw("student003")
    return room


def rows(room: Classroom) -> Iterator[tuple[str, Any]]:
    """Every value of every row of every table, with the name of its column."""
    for table in all_tables().sorted_tables:
        found = room.app.database.read(lambda tx, t=table: list(tx.execute(select(t)).mappings()))
        for row in found:
            for column, value in row.items():
                yield f"{table.name}.{column}", value


def holding(room: Classroom, needle: str) -> set[str]:
    """The columns in which a text stands, whatever the type of the column."""
    found = set()
    for column, value in rows(room):
        text = value.decode(errors="replace") if isinstance(value, bytes) else value
        if needle in (text if isinstance(text, str) else json.dumps(text, default=str)):
            found.add(column)
    return found


def units(room: Classroom, assignment: str = "ps1") -> dict[str, str]:
    found = room.app.database.read(
        lambda tx: pseudonyms.owner_names(tx, room.app.course, assignment)
    )
    return {name: unit for unit, name in found.items()}


def person(room: Classroom, username: str) -> str:
    query = select(tables.member.c.person_id).where(tables.member.c.username == username)
    found: str = room.app.database.read(lambda tx: tx.execute(query).scalar_one())
    return found


def test_an_id_is_128_random_bits() -> None:
    random = CountingRandom()
    ids = {new_id(random) for _ in range(1000)}
    assert set(random.asked) == {16}
    assert len(ids) == 1000
    assert {len(base64.urlsafe_b64decode(id + "==")) for id in ids} == {16}


def test_every_bit_of_an_id_is_used() -> None:
    ids = [base64.urlsafe_b64decode(new_id(SystemRandomSource()) + "==") for _ in range(400)]
    for bit in range(128):
        ones = sum(found[bit // 8] >> bit % 8 & 1 for found in ids)
        assert 100 < ones < 300, f"bit {bit} is hardly random"


def test_ids_hold_nothing_but_what_the_random_source_gave(room: Classroom) -> None:
    """The same people with other chance get other ids, each of them."""
    ids = {value for column, value in rows(room) if column.endswith(".id")}
    other = Classroom.new(room.folder / "twin", f"sqlite:///{room.folder / 'twin.db'}", seed=5)
    other.with_students(7).who_all_hand_in()
    other.assign(2)
    others = {value for column, value in rows(other) if column.endswith(".id")}
    other.close()
    assert ids
    assert not ids & others


@pytest.mark.parametrize("name", ["adalove", "Ada Lovelace", "ada@engine.test"])
def test_a_name_stands_in_the_columns_made_for_it_alone(room: Classroom, name: str) -> None:
    found = holding(room, name)
    assert found & PRIVATE, "the name is really in the database"
    assert found <= PRIVATE | OF_A_HAND_IN


def test_no_name_is_in_a_column_that_is_not_marked_personal(room: Classroom) -> None:
    personal = {str(c) for t in all_tables().sorted_tables for c in t.columns if c.info["personal"]}
    for name in ("adalove", "Ada Lovelace", "ada@engine.test", "student003"):
        assert holding(room, name) <= personal


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_nothing_is_a_hash_of_a_person(room: Classroom, algorithm: str) -> None:
    who = ADA.identity
    values = {str(value) for _, value in rows(room)}
    for text in (who.username, who.name, who.email, person(room, who.username)):
        hashed = hashlib.new(algorithm, text.encode())
        for shown in (hashed.hexdigest(), base64.urlsafe_b64encode(hashed.digest()).decode()):
            assert not [value for value in values if shown[:22] in value]


def test_only_one_table_joins_a_person_to_what_they_handed_in(room: Classroom) -> None:
    ada = person(room, "adalove")
    unit = units(room)["adalove"]
    assert holding(room, ada) == {"person.id", "member.person_id", "unit.person_id"}
    assert "submission.unit_id" in holding(room, unit)
    tables_of_both = {c.split(".")[0] for c in holding(room, ada)} & {
        c.split(".")[0] for c in holding(room, unit)
    }
    assert tables_of_both == {"unit"}


def test_no_instant_joins_a_name_to_a_hand_in(room: Classroom) -> None:
    """An answer that is noted at the instant of a hand-in would lead to whose that is."""
    for number, username in enumerate(room.students):
        room.clock.advance(minutes=1)
        room.hand_in(username, f"print({number})", key=f"key {number}")
    submission, answer = all_tables().tables["submission"], tables.answer
    joined = select(answer.c.id).join(submission, submission.c.received_at == answer.c.at)
    noted = select(answer.c.body).where(answer.c.operation == "submissions.receive")
    bodies = room.app.database.read(lambda tx: list(tx.execute(noted).scalars()))
    assert len(bodies) >= len(room.students), "answers are noted"
    assert set(bodies) == {None}
    assert room.app.database.read(lambda tx: list(tx.execute(joined))) == []


def test_a_person_has_another_pseudonym_in_each_assignment(room: Classroom) -> None:
    course = room.app.course
    ada = person(room, "adalove")

    def draw(tx: Any) -> str:
        return pseudonyms.unit_of_person(tx, course, "ps2", ada, random=room.app.random)  # type: ignore[arg-type]

    second = room.app.database.write(draw)
    assert second != units(room)["adalove"]
    assert room.app.database.write(draw) == second, "and keeps it"


def test_a_person_who_left_and_came_back_has_the_same_pseudonym(room: Classroom) -> None:
    before, everybody = units(room)["adalove"], room.people
    room.without("adalove")
    room.replace_roster(everybody)
    assert units(room)["adalove"] == before


def test_a_stranger_with_the_same_user_name_gets_another_pseudonym(room: Classroom) -> None:
    before = units(room)["adalove"]
    room.without("adalove")
    stranger = replace(ADA, identity=Identity("adalove", "Adam Love", "adam@uni.test"))
    room.replace_roster([*room.people, stranger])
    room.hand_in("adalove", "print('another')")
    found = room.app.database.read(
        lambda tx: pseudonyms.owner_names(tx, room.app.course, "ps1").items()
    )
    assert len({unit for unit, name in found if name == "adalove"} | {before}) == 2


def test_an_allocation_knows_units_in_an_order_that_says_nothing(room: Classroom) -> None:
    standings = room.app.database.read(lambda tx: pseudonyms.standings(tx, room.app.course, "ps1"))
    found = [standing.unit for standing in standings]
    assert found == sorted(found)
    assert sorted(vars(standings[0])) == ["active", "by", "group", "unit"]


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_reveal_without_a_reason_is_refused_and_tells_nothing(
    room: Classroom, reason: str
) -> None:
    before = room.app.database.read(lambda tx: journal.read_since(tx, room.app.course, 0))
    with pytest.raises(Invalid, match="needs a reason"):
        room.app.perform(REVEAL, RevealPairs(assignment="ps1", reason=reason))
    assert room.app.database.read(lambda tx: journal.read_since(tx, room.app.course, 0)) == before


def test_a_reveal_names_both_sides_and_leaves_who_and_why(room: Classroom) -> None:
    request = RevealPairs(assignment="ps1", reason="  an appeal ")
    answer = room.app.perform(REVEAL, request, caller=Caller("teacher", on_behalf=True))
    names = {unit: name for name, unit in units(room).items()}
    assert answer.pairs == sorted((names[t.reviewer], names[t.author]) for t in room.tasks())
    event = room.app.database.read(lambda tx: journal.read_since(tx, room.app.course, 0))[-1]
    assert (event.kind, event.subject) == ("identity.revealed", "ps1")
    assert event.data == {"reason": "an appeal", "units": 8}
    assert event.actor == f"operator as {person(room, 'teacher')}"


def test_without_a_reveal_the_pairs_stay_in_pseudonyms(room: Classroom) -> None:
    shown = [
        room.app.perform(STATUS, ReviewStatus(assignment="ps1")).model_dump_json(),
        room.app.perform(VERIFY, VerifyReviews(assignment="ps1")).model_dump_json(),
        room.assign(2).model_dump_json(),
    ]
    hidden = [name for name, unit in units(room).items()] + list(units(room).values())
    assert hidden
    assert not [name for name in hidden for text in shown if name in text]


def test_the_journal_holds_no_name(room: Classroom) -> None:
    events = room.app.database.read(lambda tx: journal.read_since(tx, room.app.course, 0))
    assert {event.kind for event in events} == {
        "roster.replaced",
        "submission.received",
        "submission.withdrawn",
        "reviews.assigned",
        "identity.revealed",
    }
    told = json.dumps([[e.kind, e.subject, e.actor, dict(e.data)] for e in events])
    for entry in (*room.people, student(3)):
        who = entry.identity
        assert not [text for text in (who.username, who.name, who.email) if text in told]


def test_only_one_module_reads_the_table_that_joins_people_and_pseudonyms() -> None:
    package = Path(pseudonyms.__file__).parents[1]
    readers = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if "tables.unit" in path.read_text(encoding="utf-8")
    }
    assert readers == {"core/pseudonyms.py"}
