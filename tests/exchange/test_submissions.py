"""Hand-ins: versions, groups, what is noted, and copies that hold nobody's name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import Classroom, as_bytes, code, notebook, student, teacher
from sqlalchemy import func, select

from jupyter_social.core.errors import Conflict, Invalid, NotFound
from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.exchange import operations, store, tables
from jupyter_social.exchange.operations import LIST, RECEIVE, WITHDRAW
from jupyter_social.exchange.rules import public_names
from jupyter_social.exchange.views import (
    FileView,
    ListSubmissions,
    Outcome,
    ReceiveSubmission,
    SubmissionReceived,
    SubmissionRow,
    SubmissionState,
    WithdrawSubmission,
)

TRACES = """\
# Given0 Family0 <s0@uni.test>, student000
open('/home/student000/data.csv')
"""


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    return a_course(database_url).with_students(6, groups_of=3)


def hand_in(
    room: Classroom, owner: str, files: dict[str, bytes], *, assignment: str = "ps1"
) -> SubmissionReceived:
    views = [FileView(name=name, content=content) for name, content in files.items()]
    request = ReceiveSubmission(assignment=assignment, owner=owner, files=views)
    return room.app.perform(RECEIVE, request)


def work(text: str = "answer = 42", *, grade_ids: tuple[str, ...] = ("q1",)) -> bytes:
    cells = [code(text, id=id, nbgrader={"grade_id": id}) for id in grade_ids]
    return as_bytes(notebook(*cells))


def signed() -> bytes:
    """A notebook that names its author in a comment, a text, an output and its metadata."""
    printed = {"output_type": "stream", "name": "stdout", "text": "by Given0 Family0\n"}
    words = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "*student000* wrote it"}
    cell = code(TRACES, id="q1", outputs=[printed], nbgrader={"grade_id": "q1"})
    return as_bytes(notebook(cell, words, authors=[{"name": "Given0 Family0"}]))


def rows(room: Classroom, assignment: str = "ps1") -> list[SubmissionRow]:
    return room.app.perform(LIST, ListSubmissions(assignment=assignment)).submissions


def row(room: Classroom, owner: str, assignment: str = "ps1") -> SubmissionRow:
    (found,) = [row for row in rows(room, assignment) if row.owner == owner]
    return found


def stored(room: Classroom, query: Any) -> list[Any]:
    return room.app.database.read(lambda tx: list(tx.execute(query)))


def originals(room: Classroom) -> dict[str, bytes]:
    """All files as handed in, by name (of the last hand-in that has it)."""
    file, blob = tables.submission_file, tables.blob
    query = select(file.c.name, blob.c.content).join(blob, blob.c.sha256 == file.c.sha256)
    return {row.name: row.content for row in stored(room, query)}


def copies(room: Classroom) -> dict[str, list[bytes]]:
    """What peers get, by public name."""
    copy, blob = tables.anonymous_notebook, tables.blob
    query = select(copy.c.name, blob.c.content).join(blob, blob.c.sha256 == copy.c.sha256)
    found: dict[str, list[bytes]] = {}
    for name, content in stored(room, query):
        found.setdefault(name, []).append(content)
    return found


def counts(room: Classroom) -> dict[str, int]:
    names = ("blob", "submission", "submission_file", "anonymous_notebook", "unit", "journal")
    found = tables.metadata.tables
    return {n: stored(room, select(func.count()).select_from(found[n]))[0][0] for n in names}


def test_a_first_hand_in_is_new_and_listed(room: Classroom) -> None:
    answer = hand_in(room, "student000", {"work.ipynb": work()})
    assert (answer.owner, answer.outcome, answer.version) == ("student000", Outcome.NEW, 1)
    found = row(room, "student000")
    assert (found.state, found.versions, found.active) == (SubmissionState.HANDED_IN, 1, True)


def test_everybody_who_has_not_handed_in_is_listed_as_missing(room: Classroom) -> None:
    hand_in(room, "student003", {"work.ipynb": work()})
    states = {row.owner: row.state for row in rows(room)}
    assert list(states) == sorted(room.students)
    assert [o for o, s in states.items() if s is not SubmissionState.MISSING] == ["student003"]


def test_the_time_is_that_of_our_clock_whatever_the_files_say(room: Classroom) -> None:
    room.clock.advance(hours=3)
    files = {"work.ipynb": work(), "timestamp.txt": b"2001-01-01 00:00:00.0 UTC"}
    hand_in(room, "student000", files)
    assert row(room, "student000").received_at == datetime(2026, 1, 10, 15, tzinfo=UTC)


def test_the_same_files_again_change_nothing(room: Classroom) -> None:
    hand_in(room, "student000", {"work.ipynb": work(), "data.csv": b"1"})
    before = counts(room)
    room.clock.advance(days=1)
    answer = hand_in(room, "student000", {"data.csv": b"1", "work.ipynb": work()})
    assert (answer.outcome, answer.version) == (Outcome.UNCHANGED, 1)
    assert counts(room) == before
    assert row(room, "student000").received_at == datetime(2026, 1, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "files",
    [
        {"work.ipynb": work("answer = 43"), "data.csv": b"1"},
        {"work.ipynb": work(), "data.csv": b"2"},
        {"work.ipynb": work(), "other.csv": b"1"},
        {"work.ipynb": work()},
    ],
    ids=["another cell", "another content", "another name", "one file less"],
)
def test_whatever_changed_makes_a_new_version(room: Classroom, files: dict[str, bytes]) -> None:
    hand_in(room, "student000", {"work.ipynb": work(), "data.csv": b"1"})
    answer = hand_in(room, "student000", files)
    assert (answer.outcome, answer.version) == (Outcome.NEW_VERSION, 2)
    assert row(room, "student000").versions == 2


def test_an_old_version_handed_in_again_is_a_new_one(room: Classroom) -> None:
    for text in ("a", "b", "a"):
        last = hand_in(room, "student000", {"work.ipynb": work(text)})
    assert (last.outcome, last.version) == (Outcome.NEW_VERSION, 3)


def test_all_versions_stay_stored(room: Classroom) -> None:
    for text in ("first = 1", "second = 2"):
        hand_in(room, "student000", {"work.ipynb": work(text)})
    kept = stored(room, select(tables.blob.c.content))
    assert any(b"first" in r.content for r in kept)
    assert any(b"second" in r.content for r in kept)


def test_a_withdrawn_hand_in_counts_no_more_but_stays(room: Classroom) -> None:
    hand_in(room, "student000", {"work.ipynb": work()})
    before = counts(room)
    room.withdraw("student000")
    assert row(room, "student000").state is SubmissionState.WITHDRAWN
    assert counts(room) == {**before, "journal": before["journal"] + 1}
    handed_in = room.app.database.read(lambda tx: store.standing(tx, room.app.course, "ps1"))
    assert handed_in == {}


def test_a_withdrawn_hand_in_does_not_come_back_by_importing_the_folder_again(
    room: Classroom,
) -> None:
    hand_in(room, "student000", {"work.ipynb": work()})
    room.withdraw("student000")
    answer = hand_in(room, "student000", {"work.ipynb": work()})
    assert answer.outcome is Outcome.WITHDRAWN
    assert row(room, "student000").state is SubmissionState.WITHDRAWN


def test_after_a_withdrawal_new_work_counts(room: Classroom) -> None:
    hand_in(room, "student000", {"work.ipynb": work()})
    room.withdraw("student000")
    answer = hand_in(room, "student000", {"work.ipynb": work("better = 1")})
    assert (answer.outcome, answer.version) == (Outcome.NEW_VERSION, 2)
    assert row(room, "student000").state is SubmissionState.HANDED_IN


def test_nothing_can_be_withdrawn_twice_or_before_it_came(room: Classroom) -> None:
    with pytest.raises(NotFound, match="student000 has not handed in ps1"):
        room.withdraw("student000")
    hand_in(room, "student000", {"work.ipynb": work()})
    room.withdraw("student000")
    with pytest.raises(Conflict, match="already"):
        room.withdraw("student000")


@pytest.mark.parametrize("owner", ["mallory", "", "student000 ", "STUDENT000", "group-0", "%"])
def test_an_unknown_user_is_refused(room: Classroom, owner: str) -> None:
    with pytest.raises(Invalid, match="is not in the roster"):
        hand_in(room, owner, {"work.ipynb": work()})
    assert counts(room)["unit"] == 0


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.INSTRUCTOR])
def test_staff_hand_in_nothing(room: Classroom, role: Role) -> None:
    room.replace_roster([*room.people[:-1], RosterEntry(teacher(), role)])
    with pytest.raises(Invalid, match="teacher is staff of the course"):
        hand_in(room, "teacher", {"work.ipynb": work()})


def test_somebody_who_left_is_unknown(room: Classroom) -> None:
    room.without("student000")
    with pytest.raises(Invalid, match="student000 is not in the roster"):
        hand_in(room, "student000", {"work.ipynb": work()})


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "There is no notebook"),
        ({"essay.txt": b"words"}, "There is no notebook"),
        ({"work.IPYNB": work()}, "There is no notebook"),
        ({"work.ipynb": b"not json"}, "work.ipynb: The file is not JSON"),
        ({"work.ipynb": work(), "more.ipynb": b"{}"}, "more.ipynb: "),
        ({"work.ipynb": work(), "big.csv": b"x" * 8_000_001}, "big.csv is larger than 8 MB"),
        ({"work.ipynb": work(), **{f"{n}.csv": b"" for n in range(100)}}, "It has 101 files"),
    ],
    ids=["nothing", "no notebook", "other suffix", "broken", "one broken", "large", "many"],
)
def test_an_unusable_hand_in_is_refused_with_its_reason_and_leaves_nothing(
    room: Classroom, files: dict[str, bytes], says: str
) -> None:
    before = counts(room)
    with pytest.raises(Invalid, match=says):
        hand_in(room, "student000", files)
    assert counts(room) == before


@pytest.mark.parametrize(
    "name",
    [
        "../work.ipynb",
        "a/../work.ipynb",
        "/work.ipynb",
        "a//work.ipynb",
        "a\\b.ipynb",
        "./w.ipynb",
        "a\0.ipynb",
        "a\n.ipynb",
        "a\x1b.ipynb",
        "\u202eipynb.ipynb",
    ],
)
def test_a_file_name_that_leads_elsewhere_is_refused(room: Classroom, name: str) -> None:
    with pytest.raises(Invalid, match="cannot be the name of a file"):
        hand_in(room, "student000", {"work.ipynb": work(), name: work()})


@pytest.mark.parametrize("length", [255, 900])
def test_a_long_file_name_is_taken(room: Classroom, length: int) -> None:
    hand_in(room, "student000", {"work.ipynb": work(), long_name(length): work()})
    assert len(copies(room)) == 2


@pytest.mark.parametrize("length", [1025, 5000])
def test_a_file_name_longer_than_its_column_is_refused_alike_on_both_databases(
    room: Classroom, length: int
) -> None:
    with pytest.raises(Invalid):
        hand_in(room, "student000", {"work.ipynb": work(), long_name(length): work()})


def long_name(length: int) -> str:
    return ("d" * 100 + "/") * (length // 101) + "x" * 20 + ".ipynb"


def test_two_files_of_one_name_are_refused(room: Classroom) -> None:
    twice = [FileView(name="work.ipynb", content=work(text)) for text in "ab"]
    request = ReceiveSubmission(assignment="ps1", owner="student000", files=twice)
    with pytest.raises(Invalid, match="the same name"):
        room.app.perform(RECEIVE, request)


def test_missing_and_extra_notebooks_are_noted(room: Classroom) -> None:
    answer = hand_in(room, "student000", {"mine.ipynb": work()})
    assert answer.notes == ["work.ipynb is missing", "mine.ipynb is not in the assignment"]
    assert row(room, "student000").notes == answer.notes


def test_missing_and_unknown_grade_ids_are_noted(room: Classroom) -> None:
    answer = hand_in(room, "student000", {"work.ipynb": work(grade_ids=("q2", "q3"))})
    assert answer.notes == [
        "work.ipynb lacks the cells q1",
        "work.ipynb has unknown cells q2, q3",
    ]


def test_a_hand_in_that_fits_is_noted_nothing(room: Classroom) -> None:
    assert hand_in(room, "student000", {"work.ipynb": work()}).notes == []


def test_what_was_repaired_while_reading_is_noted(room: Classroom) -> None:
    old = json.loads(work())
    old["nbformat_minor"] = 0
    for cell in old["cells"]:
        del cell["id"]
    answer = hand_in(room, "student000", {"work.ipynb": as_bytes(old)})
    assert answer.notes == ["work.ipynb: 1 cells without an id were given one"]


def test_peers_see_the_assignments_file_names_and_neutral_ones_for_the_rest(
    room: Classroom,
) -> None:
    files = {name: work(name) for name in ("student000.ipynb", "work.ipynb", "sub/work.ipynb")}
    hand_in(room, "student000", files)
    assert sorted(copies(room)) == ["notebook-1.ipynb", "notebook-2.ipynb", "work.ipynb"]
    assert set(originals(room)) == set(files), "staff find the names as they were"


def test_a_neutral_name_never_collides_with_one_of_the_assignment(room: Classroom) -> None:
    for name in ("notebook-1", "notebook-2", "notebook-3"):
        (room.folder / "source" / "ps1" / f"{name}.ipynb").write_bytes(work())
    names = [f"{name}.ipynb" for name in ("a", "b", "c", "notebook-1", "notebook-2", "notebook-3")]
    hand_in(room, "student000", {name: work(name) for name in names})
    assert len(copies(room)) == len(names)


def test_public_names_are_as_many_as_the_files_and_tell_nothing() -> None:
    found = public_names(["ada.ipynb", "b/ada2.ipynb"], [])
    assert sorted(found.values()) == ["notebook-1.ipynb", "notebook-2.ipynb"]


def test_other_files_are_kept_and_are_no_copies_for_peers(room: Classroom) -> None:
    files = {"work.ipynb": work(), "data/in.csv": b"student000", "plot.png": b"\x89PNG"}
    hand_in(room, "student000", files)
    assert originals(room) == files
    assert list(copies(room)) == ["work.ipynb"]


def test_the_copy_for_peers_names_nobody_and_the_original_does(room: Classroom) -> None:
    answer = hand_in(room, "student000", {"work.ipynb": signed()})
    (copy,) = copies(room)["work.ipynb"]
    private = originals(room)["work.ipynb"]
    for trace in (b"Given0", b"Family0", b"s0@uni.test"):
        assert trace in private, "the twin: it was really there"
        assert trace not in copy
    outside_code = json.loads(copy)
    outside_code["cells"][0]["source"] = ""
    assert "student000" not in json.dumps(outside_code)
    assert sum(answer.removed.values()) >= 4
    assert [f for f in answer.remaining if f.notebook == "work.ipynb" and f.cell == 0]


def test_the_copy_is_a_valid_notebook_with_the_graded_cells_of_the_assignment(
    room: Classroom,
) -> None:
    import nbformat

    hand_in(room, "student000", {"work.ipynb": work(grade_ids=("q1", "given0-family0"))})
    (copy,) = copies(room)["work.ipynb"]
    found = json.loads(copy)
    nbformat.validate(found)
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in found["cells"]]
    assert ids == ["q1", None], "only names of the assignment stay"


def test_cell_ids_of_two_hand_ins_share_nothing(room: Classroom) -> None:
    same = work(grade_ids=("q1", "q2", "q3"))
    hand_in(room, "student000", {"work.ipynb": same})
    hand_in(room, "student001", {"work.ipynb": same})
    hand_in(room, "student001", {"work.ipynb": same, "more.csv": b"1"})
    found = [
        {cell["id"] for cell in json.loads(copy)["cells"]} for copy in copies(room)["work.ipynb"]
    ]
    assert [len(ids) for ids in found] == [3, 3, 3]
    assert len(set().union(*found, {"q1", "q2", "q3"})) == 12


def test_our_own_way_back_from_a_copys_cells_to_the_authors_is_kept(room: Classroom) -> None:
    hand_in(room, "student000", {"work.ipynb": work(grade_ids=("q1", "q2"))})
    (mapping,) = stored(room, select(tables.anonymous_notebook.c.cell_ids))[0]
    (copy,) = copies(room)["work.ipynb"]
    ids = [cell["id"] for cell in json.loads(copy)["cells"]]
    assert set(mapping) | set(mapping.values()) == {"q1", "q2", *ids}


def test_a_later_roster_does_not_change_what_was_handed_in(room: Classroom) -> None:
    cell = code("# thanks to Nova Newcomer", id="q1", nbgrader={"grade_id": "q1"})
    hand_in(room, "student000", {"work.ipynb": as_bytes(notebook(cell))})
    before = copies(room)
    newcomer = Identity("nnova", "Nova Newcomer", "nova@uni.test")
    room.replace_roster([*room.people, RosterEntry(newcomer, Role.STUDENT)])
    hand_in(room, "student000", {"work.ipynb": as_bytes(notebook(cell))})
    assert copies(room) == before


def test_a_classmate_who_has_left_is_hidden_too(room: Classroom) -> None:
    room.without("student005")
    cell = code("# thanks to Given5 Family5", id="q1", nbgrader={"grade_id": "q1"})
    hand_in(room, "student000", {"work.ipynb": as_bytes(notebook(cell))})
    assert b"Given5" in originals(room)["work.ipynb"]
    assert b"Given5" not in copies(room)["work.ipynb"][0]


def test_contents_are_stored_once_under_their_sha256(room: Classroom) -> None:
    same = {"work.ipynb": work(), "data.csv": b"the same for all"}
    for username in ("student000", "student001"):
        hand_in(room, username, same)
    found = stored(room, select(tables.blob.c.sha256, tables.blob.c.size, tables.blob.c.content))
    assert len([r for r in found if r.content == b"the same for all"]) == 1
    assert all(hashlib.sha256(r.content).hexdigest() == r.sha256 for r in found)
    assert all(len(r.content) == r.size for r in found)


def test_a_large_output_is_cut_in_what_is_stored_and_noted(room: Classroom) -> None:
    printed = {"output_type": "stream", "name": "stdout", "text": "x" * 5_000_000}
    cell = code("print('x' * 5_000_000)", id="q1", outputs=[printed], nbgrader={"grade_id": "q1"})
    answer = hand_in(room, "student000", {"work.ipynb": as_bytes(notebook(cell))})
    assert len(answer.notes) == 1
    assert answer.notes[0].startswith("work.ipynb: cell 1: ")
    assert len(originals(room)["work.ipynb"]) < 2_000_000
    again = hand_in(room, "student000", {"work.ipynb": as_bytes(notebook(cell))})
    assert again.outcome is Outcome.UNCHANGED, "it is known again by what was handed in"


def test_any_member_hands_in_for_the_group(room: Classroom) -> None:
    first = hand_in(room, "student001", {"work.ipynb": work()}, assignment="team")
    second = hand_in(room, "student002", {"work.ipynb": work("b")}, assignment="team")
    assert (first.owner, second.owner, second.version) == ("group-0", "group-0", 2)
    assert [(r.owner, r.versions) for r in rows(room, "team")] == [("group-0", 2), ("group-1", 0)]


def test_a_group_hands_in_under_its_own_name_too(room: Classroom) -> None:
    answer = hand_in(room, "group-1", {"work.ipynb": work()}, assignment="team")
    assert (answer.owner, answer.version) == ("group-1", 1)


def test_every_author_of_a_group_is_hidden(room: Classroom) -> None:
    text = "# Given0, Given1 and Given2 wrote this; Given3 did not"
    cell = code(text, id="q1")
    hand_in(room, "student001", {"work.ipynb": as_bytes(notebook(cell))}, assignment="team")
    ((copy,),) = copies(room).values()
    assert not [n for n in (b"Given0", b"Given1", b"Given2") if n in copy]


def test_group_work_of_somebody_without_a_group_is_refused(room: Classroom) -> None:
    room.replace_roster([*room.people, student(9)])
    with pytest.raises(Invalid, match="student009 is in no group"):
        hand_in(room, "student009", {"work.ipynb": work()}, assignment="team")


def test_an_unknown_group_is_refused(room: Classroom) -> None:
    with pytest.raises(Invalid, match="group-9 is not in the roster"):
        hand_in(room, "group-9", {"work.ipynb": work()}, assignment="team")


def test_staff_in_a_group_hand_in_nothing_for_it(room: Classroom) -> None:
    room.replace_roster([*room.people[:-1], RosterEntry(teacher(), Role.INSTRUCTOR, "staff")])
    with pytest.raises(Invalid):
        hand_in(room, "teacher", {"work.ipynb": work()}, assignment="team")


def test_a_group_stays_while_a_member_is_there(room: Classroom) -> None:
    hand_in(room, "student001", {"work.ipynb": work()}, assignment="team")
    room.without("student000", "student001")
    assert row(room, "group-0", "team").active
    room.without("student002")
    assert not row(room, "group-0", "team").active


def test_a_student_who_became_staff_hands_in_no_more(room: Classroom) -> None:
    """Their work stays, but they are no longer among those who hand in and review."""
    hand_in(room, "student000", {"work.ipynb": work()})
    promoted = RosterEntry(room.people[0].identity, Role.ASSISTANT, room.people[0].group)
    room.replace_roster([promoted, *room.people[1:]])
    assert not row(room, "student000").active


@pytest.mark.parametrize(
    "step",
    ["add_version", "_put_blobs", "record"],
)
def test_a_hand_in_that_fails_in_the_middle_has_not_happened(
    room: Classroom, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    hand_in(room, "student000", {"work.ipynb": work()})
    before = counts(room)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    if step == "record":
        monkeypatch.setattr(operations.Act, "record", fails)
    else:
        monkeypatch.setattr(store, step, fails)
    for owner in ("student000", "student001"):
        with pytest.raises(RuntimeError, match="in the middle"):
            hand_in(room, owner, {"work.ipynb": work("new = 1"), "data.csv": b"new"})
    assert counts(room) == before
    monkeypatch.undo()
    assert hand_in(room, "student001", {"work.ipynb": work("new = 1")}).outcome is Outcome.NEW


def test_a_dry_run_of_a_withdrawal_changes_nothing(room: Classroom) -> None:
    hand_in(room, "student000", {"work.ipynb": work()})
    room.app.rehearse(WITHDRAW, WithdrawSubmission(assignment="ps1", owner="student000"))
    assert row(room, "student000").state is SubmissionState.HANDED_IN


def test_an_unknown_assignment_is_refused_with_a_hint(room: Classroom) -> None:
    with pytest.raises(NotFound, match=r"no assignment 'ps11'\. Did you mean ps1"):
        hand_in(room, "student000", {"work.ipynb": work()}, assignment="ps11")


@pytest.mark.usefixtures("a_damaged_course")
def test_damaged_contents_are_found(room: Classroom) -> None:
    hand_in(room, "student000", {"work.ipynb": work(), "data.csv": b"sound"})
    assert room.app.database.read(store.damaged_blobs) == []
    sha256 = hashlib.sha256(b"sound").hexdigest()
    change = tables.blob.update().where(tables.blob.c.sha256 == sha256).values(content=b"rotten")
    room.app.database.write(lambda tx: tx.execute(change))
    assert room.app.database.read(store.damaged_blobs) == [sha256]
