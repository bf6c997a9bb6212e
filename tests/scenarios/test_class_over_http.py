"""A class of forty through two rounds over HTTP, with everything that goes wrong in a real one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import http_round as play
import pytest
from builders import Classroom
from server_process import Client, Server, served

from jupyter_social.privacy.operations import ERASE
from jupyter_social.privacy.views import ErasePerson

SIZE, REVIEWS = 40, 3
SCORES = [{"clear": 4, "whole": 1.5}, {"clear": 2, "whole": 1.5}, {"clear": 0, "whole": 0}]


@contextmanager
def a_served_class(room: Classroom, url: str) -> Iterator[Server]:
    with served(room, reads_per_ten_seconds=100_000, writes_per_minute=100_000) as server:
        yield server


def judge() -> Callable[[str], dict[str, float]]:
    turns: Iterator[int] = iter(range(10**6))
    return lambda review: dict(SCORES[next(turns) % 3])


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    room = a_course(database_url).with_students(SIZE, groups_of=4)
    course = room.folder / "course.toml"
    course.write_text(
        course.read_text() + "due = 2026-02-16T12:00:00\nreview_due = 2026-02-23T12:00:00\n"
    )
    return room


def test_forty_people_go_through_two_rounds(room: Classroom, database_url: str) -> None:
    with a_served_class(room, database_url) as server:
        teacher = server.client("teacher")
        students = [server.client(name) for name in room.students]
        first_round(room, teacher, students)
        before = marks_by_person(teacher)
        erased_person_leaves_the_marks_of_others(room, server, before)
        group_round(room, server, teacher)
        assert done_log(server) == []


def done_log(server: Server) -> list[str]:
    """No name and no address of anybody stands in the server's log."""
    return [line for line in server.log if "@uni.test" in line or "Family" in line]


def first_round(room: Classroom, teacher: Client, students: list[Client]) -> None:
    play.switch(teacher, "submission")
    late, absent = students[0], students[1:4]
    play.all_hand_in(students[4:])
    extended = {"username": "student000", "due": "2026-01-18T12:00:00Z"}
    play.done(teacher.post("/assignments/ps1/round/extensions", extended))
    room.clock.advance(days=7)
    refused = students[1].put("/assignments/ps1/my-submission/preview", sent())
    assert refused.problem["type"].endswith("not-now")
    play.switch(teacher, "review")
    assert play.assign(teacher, REVIEWS, seed=3)["tasks"] == 36 * REVIEWS

    diligent = students[4:36]
    reviewed = judge()
    for student in diligent[:20]:
        play.write_reviews(student, reviewed)
    # The late work comes in time for its extension, and a repair finds reviewers for it.
    play.hand_in(late, "answer = 'late'")
    repaired = play.assign(teacher, REVIEWS)
    assert (repaired["newcomers"], repaired["kind"]) == (1, "repair")
    # Two above the bound at most, where a pair would else review each other.
    assert 0 <= repaired["changes"] - repaired["lowerBound"] <= 2
    for student in [late, *diligent[20:]]:
        play.write_reviews(student, reviewed)
    assert play.done(teacher.get("/assignments/ps1/reviews/verify"))["holds"]
    assert students[1].get("/assignments/ps1/my-reviews").json["reviews"] == []
    assert absent[0].get("/assignments/ps1/my-feedback").json["state"] == "not yet"
    release_is_taken_back_and_comes_again(room, teacher, students)


def release_is_taken_back_and_comes_again(
    room: Classroom, teacher: Client, students: list[Client]
) -> None:
    released = play.release(teacher)
    assert released["works"] == 37
    early = play.open_feedback(students[5])
    assert early["state"] == "opened"
    assert early["mark"] is not None
    back = "/assignments/ps1/release/take-back"
    play.done(teacher.post(back, {"reason": "One criterion was read in two ways."}))
    told = students[5].get("/assignments/ps1/my-feedback").json
    assert told["state"] == "taken back"
    assert "read in two ways" in told["note"]
    assert told["reviews"] == []

    works = play.marks(teacher)
    chosen = next(iter(works))
    override = {"points": {"clear": 3.25}, "reason": "Two read the cell before it was fixed."}
    changed = play.done(teacher.put(f"/assignments/ps1/works/{chosen}/override", override))
    assert changed["criteria"][0]["overridden"]
    assert play.release(teacher)["number"] == 2
    opened = [play.open_feedback(student) for student in students[4:]]
    assert sum(page["overrideReason"] is not None for page in opened) == 1
    for page in opened:
        assert page["mark"] == expected_mark(page), page
    refused = teacher.post(back, {"reason": "again"})
    assert refused.status == 409
    assert "have opened their feedback" in refused.problem["detail"]


def expected_mark(page: dict[str, Any]) -> float | None:
    """The mark worked out anew from what the page itself shows."""
    total = 0.0
    for criterion in page["criteria"]:
        given = sorted(review["body"]["scores"][criterion["key"]] for review in page["reviews"])
        assert given == criterion["given"]
        middle = len(given) // 2
        if criterion["overridden"]:
            total += 3.25
        elif not given:
            return None
        elif len(given) % 2:
            total += given[middle]
        else:
            total += (given[middle - 1] + given[middle]) / 2
    return total


def marks_by_person(teacher: Client) -> dict[str, Any]:
    rows = play.done(teacher.post("/assignments/ps1/marks/export"))["rows"]
    return {row["username"]: row for row in rows}


def erased_person_leaves_the_marks_of_others(
    room: Classroom, server: Server, before: dict[str, Any]
) -> None:
    path, body = "/people/student010/erase", {"reason": "They asked for it."}
    assert server.client("teacher").post(path, body).status == 404
    if room.app.database.file:
        assert play.done(server.operator().post(path, body))["erased"]
    else:
        # On PostgreSQL the operator comes to the database, not to a server's door.
        room.app.perform(ERASE, ErasePerson(username="student010", reason=body["reason"]))
    after = marks_by_person(server.client("teacher"))
    assert after.pop("student010", None) is None
    before.pop("student010")
    assert after == before
    assert server.client("student010").get("/my-rounds").status == 404


def group_round(room: Classroom, server: Server, teacher: Client) -> None:
    """The second round is handed in and reviewed by groups: each acts as one."""
    play.switch(teacher, "submission", assignment="team")
    groups = [[f"student{i:03d}" for i in range(4 * g, 4 * g + 4)] for g in range(10)]
    here = [[server.client(name) for name in group if name != "student010"] for group in groups]
    for group in here[1:]:
        play.hand_in(group[0], "answer = 'ours'", assignment="team")
    assert here[1][-1].get("/assignments/team/my-submission").json["version"] == 1
    play.switch(teacher, "review", assignment="team")
    play.assign(teacher, 2, assignment="team")
    for group in here[1:]:
        mates = [play.my_reviews(mate, assignment="team") for mate in group]
        assert all(found == mates[0] for found in mates)
        first, second = mates[0]
        play.write_review(group[0], first, {"together": 3}, assignment="team")
        play.write_review(group[-1], second, {"together": 0}, assignment="team")
        assert group[1].get("/assignments/team/my-reviews").json["done"] == 2
    play.release(teacher, assignment="team")
    page = play.open_feedback(here[2][1], assignment="team")
    assert (page["state"], page["reviewsDone"]) == ("opened", 2)
    assert page["mark"] == pytest.approx(expected_mark(page))


def sent() -> dict[str, Any]:
    files = play.work("answer = 'too late'").items()
    return {"files": [{"name": n, "content": base64.b64encode(d).decode()} for n, d in files]}
