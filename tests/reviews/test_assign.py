"""Who reviews whom: drawn, repaired and proven through the operations, on both databases."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import Classroom, student, teacher
from sqlalchemy import delete, select, text, update

from jupyter_social.core import pseudonyms
from jupyter_social.core.errors import Conflict, Invalid, NotFound
from jupyter_social.core.membership import Caller
from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.reviews import store
from jupyter_social.reviews.operations import ASSIGN, STATUS, VERIFY
from jupyter_social.reviews.rules import RunInputs, input_hash, is_connected
from jupyter_social.reviews.situation import ImpossibleAllocation
from jupyter_social.reviews.store import TaskState
from jupyter_social.reviews.tables import allocation_run, declared_conflict, review_task
from jupyter_social.reviews.views import (
    AssignReviews,
    DeclaredConflict,
    ReviewsAssigned,
    ReviewStatus,
    ReviewStatusShown,
    ReviewsVerified,
    VerifyReviews,
)

Names = set[tuple[str, str]]


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    """Twelve students in groups of three, all of whom have handed in."""
    return a_course(database_url).with_students(12, groups_of=3).who_all_hand_in()


def names(room: Classroom, assignment: str = "ps1") -> dict[str, str]:
    found = room.app.database.read(
        lambda tx: pseudonyms.owner_names(tx, room.app.course, assignment)
    )
    return {str(unit): name for unit, name in found.items()}


def pairs(room: Classroom, assignment: str = "ps1", *states: TaskState) -> Names:
    """(reviewer, author) by name, of tasks in these states (of all where none is given)."""
    name = names(room, assignment)
    return {
        (name[task.reviewer], name[task.author])
        for task in room.tasks(assignment)
        if not states or task.state in states
    }


def begun(room: Classroom) -> Names:
    return pairs(room, "ps1", TaskState.BEGUN, TaskState.FINISHED)


def verified(room: Classroom, assignment: str = "ps1") -> ReviewsVerified:
    return room.app.perform(VERIFY, VerifyReviews(assignment=assignment))


def status(room: Classroom, assignment: str = "ps1") -> ReviewStatusShown:
    return room.app.perform(STATUS, ReviewStatus(assignment=assignment))


def conflicts(*found: tuple[str, str]) -> tuple[DeclaredConflict, ...]:
    return tuple(DeclaredConflict(reviewer=r, author=a) for r, a in found)


def write(room: Classroom, *statements: Any) -> None:
    def run(tx: Any) -> None:
        for statement in statements:
            tx.execute(statement)

    room.app.database.write(run)


def stored_inputs(room: Classroom, number: int = 1) -> dict[str, Any]:
    query = select(allocation_run.c.inputs).where(allocation_run.c.number == number)
    found: dict[str, Any] = room.app.database.read(lambda tx: tx.execute(query).scalar_one())
    return found


def dump(room: Classroom) -> list[Any]:
    found = []
    for table in (allocation_run, review_task, declared_conflict):
        query = select(table)
        found.append(room.app.database.read(lambda tx, q=query: sorted(map(str, tx.execute(q)))))
    return found


def holds_all_rules(room: Classroom, reviews: int, *, by: str = "ps1") -> None:
    """Balance, no own work, nobody twice, one connected whole."""
    found = pairs(room, by)
    assert len(found) == len(room.tasks(by))
    assert set(Counter(reviewer for reviewer, _ in found).values()) == {reviews}
    assert set(Counter(author for _, author in found).values()) == {reviews}
    assert not [pair for pair in found if pair[0] == pair[1]]
    assert is_connected(found, {name for pair in found for name in pair})


@pytest.mark.parametrize("reviews", [1, 2, 3, 5, 11])
def test_everybody_gives_and_gets_the_same_number_and_nobody_the_own(
    room: Classroom, reviews: int
) -> None:
    answer = room.assign(reviews, seed=7, reciprocal="allow")
    found = pairs(room)
    assert set(Counter(r for r, _ in found).values()) == {reviews}
    assert set(Counter(a for _, a in found).values()) == {reviews}
    assert not [pair for pair in found if pair[0] == pair[1]]
    assert (answer.units, answer.tasks) == (12, 12 * reviews)
    assert answer.connected is is_connected(found, room.students)


def test_reviewers_are_exactly_those_who_handed_in(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(8)
    present = ["student000", "student002", "student003", "student005", "student007"]
    for username in present:
        room.hand_in(username)
    room.withdraw("student007")
    room.assign(2)
    holds_all_rules(room, 2)
    assert {name for pair in pairs(room) for name in pair} == set(present) - {"student007"}


def test_the_answer_is_the_stored_run(room: Classroom) -> None:
    answer = room.assign(3, seed=7)
    assert (answer.run, answer.kind, answer.seed, answer.reviews) == (1, "draw", 7, 3)
    inputs = RunInputs.from_json(stored_inputs(room))
    assert answer.input_hash == input_hash(inputs)
    assert inputs.units == tuple(sorted(names(room)))
    assert verified(room).runs[0].output_hash == answer.output_hash


def test_the_same_seed_draws_the_same_and_another_another(tmp_path: Path) -> None:
    drawn = []
    for number, seed in enumerate((7, 7, 8)):
        room = Classroom.new(tmp_path / f"c{number}", f"sqlite:///{tmp_path / f'{number}.db'}")
        room.with_students(9).who_all_hand_in().assign(3, seed=seed)
        drawn.append(pairs(room))
        room.close()
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


def test_without_a_seed_one_is_drawn_and_told(room: Classroom) -> None:
    seeds = set()
    for reviews in (2, 3, 2):
        seeds.add(room.assign(reviews).seed)
    assert len(seeds) == 3
    assert verified(room).holds


def test_group_mates_are_avoided_if_asked(room: Classroom) -> None:
    group = {f"student{number:03d}": number // 3 for number in range(12)}
    room.assign(6, seed=1)
    assert [pair for pair in pairs(room) if group[pair[0]] == group[pair[1]]], "else they occur"
    room.assign(6, seed=2, avoid_groups=True)
    assert not [pair for pair in pairs(room) if group[pair[0]] == group[pair[1]]]


def test_reciprocal_pairs_are_avoided_unless_allowed(room: Classroom) -> None:
    answer = room.assign(5, seed=3)
    found = pairs(room)
    assert not [pair for pair in found if pair[::-1] in found]
    assert answer.reciprocal_pairs == 0
    answer = room.assign(5, seed=4, reciprocal="allow")
    found = pairs(room)
    assert answer.reciprocal_pairs == len([p for p in found if p[::-1] in found]) / 2 > 0


def test_where_a_class_is_too_small_to_avoid_reciprocal_pairs_it_is_said(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(4).who_all_hand_in()
    answer = room.assign(3, seed=1)
    holds_all_rules(room, 3)
    assert answer.notes == [
        "With 4 hand-ins and 3 reviews each, some pairs have to review each other."
    ]
    assert answer.reciprocal_pairs == 6
    assert verified(room).holds


def test_a_class_large_enough_is_told_nothing(room: Classroom) -> None:
    assert room.assign(3, seed=1).notes == []


def test_a_dry_run_answers_as_the_real_one_and_changes_nothing(room: Classroom) -> None:
    declared = conflicts(("student000", "student001"))
    request = AssignReviews(assignment="ps1", reviews=3, seed=7, conflicts=declared)
    before = dump(room)
    rehearsed = room.app.rehearse(ASSIGN, request)
    assert dump(room) == before == [[], [], []]
    assert room.app.perform(ASSIGN, request) == rehearsed
    assert dump(room) != before, "the real run does change something"


def test_a_dry_run_of_a_repair_answers_as_the_real_one_and_changes_nothing(
    room: Classroom,
) -> None:
    room.assign(3, seed=7)
    room.begin_reviews(0.3)
    room.without("student004")
    request = AssignReviews(assignment="ps1", reviews=3)
    before = dump(room)
    rehearsed = room.app.rehearse(ASSIGN, request)
    assert dump(room) == before
    assert room.app.perform(ASSIGN, request) == rehearsed


def test_run_again_without_a_change_nothing_changes(room: Classroom) -> None:
    first = room.assign(3, seed=7)
    before = room.tasks()
    again = room.assign(3)
    assert (again.run, again.changes, again.lower_bound, again.seed) == (1, 0, 0, 7)
    assert again.output_hash == first.output_hash
    assert again.notes == ["Nothing has changed since, so nothing was done."]
    assert room.tasks() == before
    assert status(room).runs == 1
    assert verified(room).holds


def add_late(room: Classroom, *numbers: int) -> None:
    room.replace_roster([*room.people, *(student(number) for number in numbers)])
    for number in numbers:
        room.hand_in(f"student{number:03d}")


@pytest.mark.parametrize("share", [0.3, 0.6])
@pytest.mark.parametrize("event", ["late", "left", "withdrawn", "all three"])
def test_after_late_work_and_drop_outs_begun_reviews_stay_and_little_changes(
    room: Classroom, event: str, share: float
) -> None:
    room.assign(3, seed=7)
    room.begin_reviews(share)
    stays, before = begun(room), pairs(room)
    if event in ("late", "all three"):
        add_late(room, 20, 21)
    if event in ("left", "all three"):
        room.without("student004")
    if event in ("withdrawn", "all three"):
        room.withdraw("student009")
    answer = room.assign(3)
    after = pairs(room)
    assert answer.kind == "repair"
    assert len(stays) == answer.begun >= 0.3 * 36
    assert begun(room) == stays
    assert answer.lower_bound <= answer.changes <= 2 * answer.lower_bound + 4
    gone = {"left": {"student004"}, "withdrawn": {"student009"}, "late": set()}.get(
        event, {"student004", "student009"}
    )
    assert not [pair for pair in after - stays if gone & set(pair)], "no open review is with them"
    there = {name for name in names(room).values() if name not in gone}
    given = Counter(reviewer for reviewer, _ in after)
    got = Counter(author for _, author in after)
    assert all(given[name] >= 3 or answer.notes for name in there)
    assert all(got[name] >= 3 or answer.notes for name in there)
    assert len(after & before) >= len(stays)
    assert verified(room).holds


def test_a_finished_review_of_somebody_who_left_stays(room: Classroom) -> None:
    room.assign(3, seed=7)
    task = room.tasks()[0]
    room.finish_review(task)
    room.without(names(room)[task.reviewer])
    room.assign(3)
    assert (task.pair, TaskState.FINISHED) in [(t.pair, t.state) for t in room.tasks()]
    assert verified(room).holds


def test_who_comes_back_after_a_repair_is_a_newcomer(room: Classroom) -> None:
    everybody = room.people
    room.assign(3, seed=7)
    room.without("student004")
    assert room.assign(3).left == 1
    room.replace_roster(everybody)
    assert status(room).newcomers == 1
    assert room.assign(3).newcomers == 1
    holds_all_rules(room, 3)
    assert verified(room).holds


def test_a_second_version_changes_nobodys_reviews(room: Classroom) -> None:
    room.assign(3, seed=7)
    before = room.tasks()
    room.hand_in("student004", "better = 1")
    assert status(room).newcomers == 0
    assert room.assign(3).changes == 0
    assert room.tasks() == before


def test_a_student_who_became_staff_reviews_no_more(room: Classroom) -> None:
    room.assign(3, seed=7)
    promoted = replace(room.people[4], role=Role.ASSISTANT)
    room.replace_roster([promoted if p == room.people[4] else p for p in room.people])
    room.assign(3)
    assert "student004" not in {name for pair in pairs(room) for name in pair}


@pytest.mark.parametrize("share", [0, 0.3])
@pytest.mark.parametrize("options", [{"reviews": 2}, {"reviews": 3, "seed": 8}])
def test_another_number_or_seed_is_a_new_draw_until_a_review_has_begun(
    room: Classroom, options: dict[str, int], share: float
) -> None:
    room.assign(3, seed=7)
    room.begin_reviews(share)
    before = room.tasks()
    if share:
        with pytest.raises(Conflict, match=r"11 reviews have begun.*\(3\) and the seed \(7\)"):
            room.assign(**options)
        assert room.tasks() == before
        return
    answer = room.assign(**options)
    assert (answer.run, answer.kind) == (2, "draw")
    holds_all_rules(room, options["reviews"])
    assert verified(room).holds


def test_the_same_seed_said_again_is_a_repair(room: Classroom) -> None:
    room.assign(3, seed=7)
    room.begin_reviews(0.3)
    room.withdraw("student004")
    assert room.assign(3, seed=7).kind == "repair"


def test_a_repair_keeps_to_the_rules_of_the_run_before(room: Classroom) -> None:
    group = {f"student{number:03d}": number // 3 for number in range(12)}
    room.assign(4, seed=7, avoid_groups=True)
    room.begin_reviews(0.3)
    room.without("student004", "student008")
    room.assign(4)
    assert not [pair for pair in pairs(room) if group[pair[0]] == group[pair[1]]]


def test_a_declared_conflict_is_kept_and_stays_declared(room: Classroom) -> None:
    room.assign(6, seed=7)
    against = sorted(pairs(room))[:5]
    room.assign(6, seed=8, conflicts=conflicts(*against))
    assert not pairs(room) & set(against)
    room.assign(6, seed=7)
    assert not pairs(room) & set(against), "later runs know it, though nobody said it again"
    room.assign(6, conflicts=conflicts(*against, *against))
    assert verified(room).holds


def test_a_conflict_holds_in_the_direction_declared(room: Classroom) -> None:
    everyone = [(name, "student000") for name in room.students if name > "student003"]
    room.assign(3, seed=7, conflicts=conflicts(*everyone))
    found = pairs(room)
    assert {r for r, a in found if a == "student000"} == {"student001", "student002", "student003"}
    assert len([pair for pair in found if pair[0] == "student000"]) == 3


def test_a_conflict_with_a_begun_review_is_for_the_open_ones(room: Classroom) -> None:
    room.assign(3, seed=7)
    room.begin_reviews(0.3)
    stays = sorted(begun(room))[0]
    room.assign(3, conflicts=conflicts(stays))
    assert stays in begun(room)
    assert verified(room).holds


def test_a_conflict_with_oneself_says_nothing_new(room: Classroom) -> None:
    room.assign(3, seed=7, conflicts=conflicts(("student000", "student000")))
    holds_all_rules(room, 3)


def test_a_conflict_with_staff_or_somebody_who_left_is_passed_over(room: Classroom) -> None:
    room.without("student004")
    room.assign(3, conflicts=conflicts(("teacher", "student000"), ("student000", "student004")))
    holds_all_rules(room, 3)


def test_a_conflict_of_somebody_who_comes_late_counts_from_then_on(room: Classroom) -> None:
    room.replace_roster([*room.people, student(20)])
    against = [("student020", name) for name in room.students if name < "student008"]
    room.assign(3, seed=7, conflicts=conflicts(*against))
    room.hand_in("student020")
    room.assign(3)
    mine = {pair for pair in pairs(room) if pair[0] == "student020"}
    assert len(mine) == 3
    assert not mine & set(against)


@pytest.mark.parametrize("unknown", [("mallory", "student000"), ("student000", "mallory")])
def test_a_conflict_with_an_unknown_name_is_refused(
    room: Classroom, unknown: tuple[str, str]
) -> None:
    with pytest.raises(Invalid, match=r"name 'mallory', whom the roster does not know"):
        room.assign(3, conflicts=conflicts(("student001", "student002"), unknown))
    assert dump(room) == [[], [], []]


@pytest.mark.parametrize(("students", "reviews"), [(1, 1), (3, 3), (3, 50), (12, 12)])
def test_too_few_hand_ins_are_told_with_what_would_do(
    a_course: Callable[..., Classroom], database_url: str, students: int, reviews: int
) -> None:
    room = a_course(database_url).with_students(students).who_all_hand_in()
    with pytest.raises(ImpossibleAllocation) as refused:
        room.assign(reviews)
    assert f"need at least {reviews + 1} hand-ins; ps1 has {students}" in refused.value.detail
    assert dump(room) == [[], [], []]


def test_before_anybody_handed_in_the_next_step_is_named(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(3)
    with pytest.raises(ImpossibleAllocation, match="submissions import ps1"):
        room.assign(1)
    with pytest.raises(NotFound, match="No reviews of ps1 have been assigned yet"):
        verified(room)


def test_dense_conflicts_are_refused_and_the_certificate_names_who_is_blocked(
    room: Classroom,
) -> None:
    blocked = [(name, "student000") for name in room.students if name > "student002"]
    with pytest.raises(ImpossibleAllocation) as refused:
        room.assign(3, seed=7, conflicts=conflicts(*blocked))
    assert "Works: student000." in refused.value.detail
    assert "Reviewers: student001, student002." in refused.value.detail
    assert dump(room) == [[], [], []], "not even the conflicts are kept"


def test_groups_that_leave_no_reviewers_are_refused_by_name(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(4, groups_of=3).who_all_hand_in()
    with pytest.raises(ImpossibleAllocation, match="student003"):
        room.assign(2, avoid_groups=True)


def test_groups_review_groups(a_course: Callable[..., Classroom], database_url: str) -> None:
    room = a_course(database_url).with_students(15, groups_of=3)
    for first in range(0, 15, 3):
        room.hand_in(f"student{first:03d}", assignment="team")
    answer = room.assign(2, assignment="team", seed=7)
    assert (answer.units, answer.tasks) == (5, 10)
    holds_all_rules(room, 2, by="team")
    assert {name for pair in pairs(room, "team") for name in pair} == {
        f"group-{n}" for n in range(5)
    }
    assert verified(room, "team").holds


def test_conflicts_of_group_work_may_name_groups_or_members(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(15, groups_of=3)
    for first in range(0, 15, 3):
        room.hand_in(f"student{first:03d}", assignment="team")
    against = conflicts(("student001", "group-1"), ("group-0", "student008"))
    room.assign(2, assignment="team", seed=7, conflicts=against)
    mine = {author for reviewer, author in pairs(room, "team") if reviewer == "group-0"}
    assert mine == {"group-3", "group-4"}


def test_a_conflict_with_a_group_that_everybody_left_is_passed_over(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(15, groups_of=3)
    for first in range(0, 15, 3):
        room.hand_in(f"student{first:03d}", assignment="team")
    room.without("student012", "student013", "student014")
    room.assign(2, assignment="team", conflicts=conflicts(("group-4", "group-0")))
    holds_all_rules(room, 2, by="team")


def test_two_assignments_do_not_know_of_each_other(room: Classroom) -> None:
    for first in range(0, 12, 3):
        room.hand_in(f"student{first:03d}", assignment="team")
    room.assign(3, seed=7)
    room.assign(2, assignment="team", seed=7)
    assert not {u for t in room.tasks() for u in t.pair} & {
        u for t in room.tasks("team") for u in t.pair
    }
    assert verified(room).holds
    assert verified(room, "team").holds


def test_status_counts_and_names_the_next_step(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(6)
    assert "submissions import ps1" in status(room).next_step
    room.who_all_hand_in()
    shown = status(room)
    assert (shown.handed_in, shown.runs, shown.reviews) == (6, 0, None)
    assert "reviews assign ps1 --reviews 3" in shown.next_step
    room.assign(2)
    room.begin_reviews(0.5)
    shown = status(room)
    assert (shown.open, shown.begun, shown.finished, shown.reviews) == (6, 6, 0, 2)
    assert shown.next_step == "Everybody who handed in has reviewers."
    add_late(room, 20)
    room.withdraw("student001")
    shown = status(room)
    assert (shown.handed_in, shown.newcomers, shown.left) == (6, 1, 1)
    assert "reviews assign ps1 --reviews 2" in shown.next_step
    room.assign(2)
    assert (status(room).newcomers, status(room).left, status(room).runs) == (0, 0, 2)


def test_a_chain_of_draws_and_repairs_is_proven(room: Classroom) -> None:
    room.assign(2, seed=1)
    room.assign(3, seed=2, avoid_groups=True)
    room.begin_reviews(0.3)
    add_late(room, 20)
    room.assign(3)
    room.without("student001")
    room.assign(3, conflicts=conflicts(("student002", "student003")))
    answer = verified(room)
    assert answer.holds
    assert [run.kind for run in answer.runs] == ["draw", "draw", "repair", "repair"]
    assert [run.problems for run in answer.runs] == [[], [], [], []]


def test_a_begun_review_changes_nothing_of_the_proof(room: Classroom) -> None:
    room.assign(3, seed=7)
    room.begin_reviews(0.5)
    assert verified(room).holds


def assert_caught(room: Classroom) -> ReviewsVerified:
    answer = verified(room)
    assert not answer.holds
    assert answer.problems or any(run.problems for run in answer.runs)
    assert room.app.database.read(room.app.broken_proofs) == [
        "The reviews of ps1 are not what their runs come to."
    ]
    return answer


@pytest.fixture
def proven(room: Classroom) -> Classroom:
    """A chain of two runs that holds, until something is changed behind its back."""
    room.assign(3, seed=7)
    room.begin_reviews(0.3)
    add_late(room, 20)
    room.assign(3)
    assert verified(room).holds
    assert room.app.database.read(room.app.broken_proofs) == []
    return room


@pytest.mark.usefixtures("a_damaged_course")
def test_a_task_given_to_another_reviewer_is_caught(proven: Classroom) -> None:
    taken = {task.pair for task in proven.tasks()}
    task = next(task for task in proven.tasks() if task.state is TaskState.OPEN)
    other = next(
        unit
        for unit in sorted(names(proven))
        if unit != task.author and (unit, task.author) not in taken
    )
    here = (review_task.c.reviewer == task.reviewer, review_task.c.author == task.author)
    write(proven, update(review_task).where(*here).values(reviewer=other))
    assert "not those of the last run" in assert_caught(proven).problems[0]


@pytest.mark.usefixtures("a_damaged_course")
def test_a_task_that_vanished_is_caught(proven: Classroom) -> None:
    task = proven.tasks()[0]
    here = (review_task.c.reviewer == task.reviewer, review_task.c.author == task.author)
    write(proven, delete(review_task).where(*here))
    assert_caught(proven)


def test_any_changed_input_is_caught(proven: Classroom) -> None:
    uncaught = []
    for number in (1, 2):
        inputs = stored_inputs(proven, number)
        here = allocation_run.c.number == number
        for field, value in changes_of(inputs).items():
            assert inputs[field] != value
            changed = {**inputs, field: value}
            write(proven, update(allocation_run).where(here).values(inputs=changed))
            told = verified(proven).runs[number - 1].problems
            if not told or "do not match their hash" not in told[0]:
                uncaught.append((number, field))
        write(proven, update(allocation_run).where(here).values(inputs=inputs))
    assert uncaught == []
    assert verified(proven).holds


def changes_of(inputs: dict[str, Any]) -> dict[str, Any]:
    """Another value for each input of a run."""
    return {
        "kind": "draw" if inputs["kind"] == "repair" else "repair",
        "reviews": 2,
        "seed": 8,
        "avoid_groups": True,
        "avoid_reciprocal": False,
        "units": inputs["units"][::-1],
        "groups": [None] * len(inputs["units"]),
        "conflicts": [inputs["units"][:2]],
        "active": inputs["active"][1:],
        "begun": [inputs["units"][:2]],
        "finished": [inputs["units"][:2]],
        "open": [inputs["units"][:2]],
        "previous": "0" * 64,
    }


@pytest.mark.usefixtures("a_damaged_course")
def test_a_changed_input_with_its_hash_made_to_fit_is_caught(proven: Classroom) -> None:
    inputs = {**stored_inputs(proven, 1), "seed": 8}
    fits = input_hash(RunInputs.from_json(inputs))
    here = allocation_run.c.number == 1
    write(proven, update(allocation_run).where(here).values(inputs=inputs, input_hash=fits))
    assert "comes to other reviews" in assert_caught(proven).runs[0].problems[0]


def test_what_a_run_depends_on_stands_nowhere_but_in_its_proven_inputs() -> None:
    """A second copy of the seed could be changed, and would be believed by who reads the table."""
    beside = {column.name for column in allocation_run.columns} - {"inputs"}
    assert not beside & set(RunInputs.__dataclass_fields__)


def test_a_changed_hash_or_algorithm_is_caught(proven: Classroom) -> None:
    columns = ("input_hash", "output_hash", "algorithm")
    for column, number in itertools.product(columns, (1, 2)):
        here = allocation_run.c.number == number
        before = proven.app.database.read(
            lambda tx, h=here, c=column: tx.execute(
                select(allocation_run.c[c]).where(h)
            ).scalar_one()
        )
        write(proven, update(allocation_run).where(here).values(**{column: "0" * 8}))
        assert_caught(proven)
        write(proven, update(allocation_run).where(here).values(**{column: before}))
    assert verified(proven).holds


@pytest.mark.usefixtures("a_damaged_course")
@pytest.mark.parametrize("number", [1, 2])
def test_a_removed_run_is_caught(proven: Classroom, number: int) -> None:
    write(
        proven,
        update(review_task).values(run=3 - number),
        delete(allocation_run).where(allocation_run.c.number == number),
    )
    assert_caught(proven)


@pytest.mark.usefixtures("a_damaged_course")
def test_inputs_that_are_no_inputs_are_caught_and_not_a_crash(proven: Classroom) -> None:
    inputs = stored_inputs(proven, 1)
    for broken in ({}, {**inputs, "extra": 1}, {k: v for k, v in inputs.items() if k != "seed"}):
        here = allocation_run.c.number == 1
        write(proven, update(allocation_run).where(here).values(inputs=broken))
        assert_caught(proven)


def test_an_assistant_may_not_assign_but_may_look(room: Classroom) -> None:
    helper = RosterEntry(Identity("helper", "Hel Per", ""), Role.ASSISTANT)
    room.replace_roster([*room.people, helper])
    request = AssignReviews(assignment="ps1", reviews=3)
    with pytest.raises(NotFound):
        room.app.perform(ASSIGN, request, caller=Caller("helper", on_behalf=True))
    assert dump(room) == [[], [], []]
    room.app.perform(ASSIGN, request, caller=Caller(teacher().username, on_behalf=True))
    shown = ReviewStatus(assignment="ps1")
    assert room.app.perform(STATUS, shown, caller=Caller("helper", on_behalf=True)).open == 36


def test_an_event_tells_the_run_and_its_proof_and_no_pair(room: Classroom) -> None:
    answer = room.assign(3, seed=7)
    row = room.app.database.read(
        lambda tx: tx.execute(text("SELECT kind, data FROM journal ORDER BY seq DESC")).first()
    )
    assert row is not None
    data = row.data if isinstance(row.data, dict) else json.loads(row.data)
    assert (row.kind, data) == (
        "reviews.assigned",
        {"run": 1, "kind": "draw", "output_hash": answer.output_hash},
    )


def test_a_write_that_fails_in_the_middle_of_assigning_leaves_all_as_it_was(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.assign(3, seed=7)
    before = dump(room)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(store, "replace_open_tasks", fails)
    with pytest.raises(RuntimeError):
        room.assign(2, seed=9)
    assert dump(room) == before
    monkeypatch.undo()
    assert verified(room).holds


def test_the_answer_says_what_changed_since_the_run_before(room: Classroom) -> None:
    room.assign(3, seed=7)
    room.begin_reviews(0.3)
    add_late(room, 20, 21)
    room.without("student001")
    answer: ReviewsAssigned = room.assign(3)
    assert (answer.newcomers, answer.left, answer.begun, answer.units) == (2, 1, 11, 13)
    assert answer.connected
