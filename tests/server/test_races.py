"""Many at once on real servers over real sockets: one winner, and everybody is told the truth.

On SQLite there is one server; on PostgreSQL two share a database and the clients are spread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import http_round as play
import open_course
import pytest
from arena import REVIEWERS, STUDENTS, Arena, arena
from consistency import inconsistencies
from nightly import times
from open_course import review_path, text
from server_process import Answer

CLIENTS = 24
_databases = count(1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def many(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Arena]:
    """The arena of all races; after the last of them its database must be consistent."""
    folder, url, servers = _place(request, tmp_path_factory, request.param)
    with arena(folder, url, servers=servers) as found:
        yield found
    assert inconsistencies(folder / "course", url) == []


def _place(request: Any, folders: Any, kind: str) -> tuple[Path, str, int]:
    folder = folders.mktemp("races")
    if kind == "sqlite":
        return folder, f"sqlite:///{folder / 'state' / 'course.db'}", 1
    server = request.getfixturevalue("postgres_server")
    return folder, server.new_database(f"races_{next(_databases)}"), 2


def statuses(answers: Sequence[Answer]) -> Counter[tuple[int, str]]:
    """How many answers there were of each status, with the kind of problem."""
    return Counter(
        (a.status, "" if a.status == 200 else str(a.json["type"]).rpartition(":")[2])
        for a in answers
    )


def submitted_from_24_tabs(arena: Arena, key: str | None) -> None:
    name, (review, *_) = arena.reviewing()
    sent = ("POST", review_path(name, review), {"version": 0, "body": text("The same.")})
    answers = arena.at_once([("student000", sent)] * CLIENTS, key)
    assert statuses(answers) == {(200, ""): CLIENTS}
    assert len({answer.body for answer in answers}) == 1, "everybody is told the same"
    ledger = f"SELECT number, kind FROM review_entry WHERE review_id = '{review}'"
    assert arena.ask(ledger) == [(1, "submitted")]


def submitted_twice(arena: Arena) -> None:
    submitted_from_24_tabs(arena, None)


@pytest.mark.parametrize("key", [None, "the-same"])
def test_a_review_submitted_from_24_tabs_is_submitted_once(many: Arena, key: str | None) -> None:
    for number in range(times(2)):
        submitted_from_24_tabs(many, None if key is None else f"{key}-{number}")


def test_different_reviews_from_24_tabs_leave_one_submitted(many: Arena) -> None:
    name, (review, *_) = many.reviewing()
    path = review_path(name, review)
    answers = many.at_once(
        [
            ("student000", ("POST", path, {"version": 0, "body": text(f"Text {nth}.")}))
            for nth in range(CLIENTS)
        ]
    )
    assert statuses(answers) == {(200, ""): 1, (409, "conflict"): CLIENTS - 1}
    ledger = f"SELECT overall FROM review_entry WHERE review_id = '{review}'"
    (winner,) = (answer.json for answer in answers if answer.status == 200)
    assert many.ask(ledger) == [(winner["body"]["overall"],)]


def drafts_from_24_tabs(arena: Arena) -> None:
    name, (review, *_) = arena.reviewing()
    path = review_path(name, review)
    for version in range(3):
        answers = arena.at_once(
            [
                ("student000", ("PUT", path, {"version": version, "body": text(f"{version}/{n}")}))
                for n in range(CLIENTS)
            ]
        )
        assert statuses(answers) == {(200, ""): 1, (409, "stale-version"): CLIENTS - 1}
        (won,) = (answer.json for answer in answers if answer.status == 200)
        assert won["version"] == version + 1
        for nth, answer in enumerate(answers):
            if answer.status != 200:
                assert answer.json["stored"] == won["body"]
                assert answer.json["yours"]["overall"] == f"{version}/{nth}"
                assert answer.json["version"] == won["version"]
        assert play.done(arena.client("student000").get(path))["body"] == won["body"]


def test_of_drafts_from_24_tabs_one_wins_and_the_others_get_both_texts(many: Arena) -> None:
    for _ in range(times(1)):
        drafts_from_24_tabs(many)


def test_one_preview_handed_in_from_24_tabs_is_one_version(many: Arena) -> None:
    name = next(many.fresh)
    play.switch(many.lead, "submission", assignment=name)
    made = play.preview(many.client("student000"), play.work("answer = 42"), assignment=name)
    sent = ("POST", f"/assignments/{name}/my-submission", {"preview": made["preview"]})
    answers = many.at_once([("student000", sent)] * CLIENTS)
    assert statuses(answers) == {(200, ""): CLIENTS}
    assert {answer.json["version"] for answer in answers} == {1}
    found = f"SELECT count(*) FROM submission WHERE assignment = '{name}'"
    assert many.ask(found) == [(1,)]


def test_previews_of_24_students_at_once_are_all_made(many: Arena) -> None:
    name = next(many.fresh)
    play.switch(many.lead, "submission", assignment=name)
    people = [f"student{nth:03d}" for nth in range(STUDENTS)]
    path = f"/assignments/{name}/my-submission"
    files = [play.sent_files(play.work(f"answer = {who!r}")) for who in people]
    previews = [(who, ("PUT", f"{path}/preview", f)) for who, f in zip(people, files, strict=True)]
    made = [play.done(answer)["preview"] for answer in many.at_once(previews)]
    assert len(set(made)) == STUDENTS
    handed = [(who, ("POST", path, {"preview": p})) for who, p in zip(people, made, strict=True)]
    assert {play.done(answer)["version"] for answer in many.at_once(handed)} == {1}


def released_in_mid_submit(arena: Arena) -> None:
    """Whoever was told "submitted" is in the release; whoever came late is told so."""
    name, _ = arena.reviewing()
    first, *rest = [
        (f"student{nth:03d}", review)
        for nth, one in enumerate(arena.students(REVIEWERS))
        for review in play.my_reviews(one, assignment=name)
    ]
    open_course.submit(arena.client(first[0]), name, first[1])
    body = {"version": 0, "body": text("Just in time.")}
    submits = [(who, ("POST", review_path(name, review), body)) for who, review in rest]
    release = ("teacher", ("POST", f"/assignments/{name}/release", {}))
    answers = arena.at_once([*submits[:5], release, *submits[5:]])
    released = play.done(answers.pop(5))
    assert statuses(answers).keys() <= {(200, ""), (409, "not-now")}
    done = {
        review for (_, review), answer in zip(rest, answers, strict=True) if answer.status == 200
    }
    ledger = arena.ask(
        "SELECT e.review_id FROM review_entry e JOIN review r ON r.id = e.review_id "
        f"WHERE r.assignment = '{name}'"
    )
    assert {row[0] for row in ledger} == done | {first[1]}
    assert released["reviews"] == len(ledger)
    after = arena.ask("SELECT kind, subject, seq FROM journal ORDER BY seq")
    switch = next(s for kind, of, s in after if (kind, of) == ("feedback.released", name))
    assert [s for kind, of, s in after if of in done and s > switch] == []


def test_a_release_in_mid_submit_takes_all_that_was_submitted_and_no_more(many: Arena) -> None:
    for _ in range(times(2)):
        released_in_mid_submit(many)


def test_a_release_taken_back_while_it_is_opened_is_one_or_the_other(many: Arena) -> None:
    name = next(many.fresh)
    open_course.release_all(many.lead, many.students(REVIEWERS), name)
    path = f"/assignments/{name}"
    back = ("teacher", ("POST", f"{path}/release/take-back", {"reason": "A mistake."}))
    again = ("teacher", ("POST", f"{path}/release", {}))
    reader = [(f"student{nth:03d}", ("POST", f"{path}/my-feedback", {})) for nth in range(6)]
    answers = many.at_once([*reader, *[back] * 6, *[again] * 6, *reader])
    assert statuses(answers).keys() <= {(200, ""), (409, "conflict")}
    rows = many.ask(
        "SELECT number, taken_back_at IS NOT NULL FROM release "
        f"WHERE assignment = '{name}' ORDER BY number"
    )
    assert [number for number, _ in rows] == list(range(1, len(rows) + 1))
    assert all(taken_back for _, taken_back in rows[:-1])
    ((phase,),) = many.ask(f"SELECT phase FROM phase WHERE assignment = '{name}'")
    assert phase == ("review" if rows[-1][1] else "released")
    shown = {answer.json["state"] for answer in answers[:6] + answers[-6:]}
    assert shown <= {"opened", "taken back", "not yet"}


def assigned_from_24_tabs(arena: Arena) -> None:
    name = next(arena.fresh)
    open_course.hand_in_all(arena.lead, arena.students(REVIEWERS), name)
    sent = ("POST", f"/assignments/{name}/reviews/assign", {"reviews": 2})
    answers = arena.at_once([("teacher", sent)] * CLIENTS)
    assert statuses(answers) == {(200, ""): CLIENTS}
    assert {answer.json["run"] for answer in answers} == {1}
    runs = f"SELECT count(*) FROM allocation_run WHERE assignment = '{name}'"
    tasks = f"SELECT count(*) FROM review_task WHERE assignment = '{name}'"
    assert (arena.ask(runs), arena.ask(tasks)) == ([(1,)], [(2 * REVIEWERS,)])


def test_reviewers_assigned_from_24_tabs_are_drawn_once(many: Arena) -> None:
    for _ in range(times(1)):
        assigned_from_24_tabs(many)


def is_noticed(race: Callable[[], None]) -> bool:
    """Whether one of five races goes wrong."""
    try:
        for _ in range(5):
            race()
    except AssertionError as wrong:
        print(str(wrong)[:300])
        return True
    return False


@pytest.mark.parametrize(
    ("kind", "fault", "race"),
    [
        ("sqlite", "check_then_insert", submitted_twice),
        ("sqlite", "no_locks", assigned_from_24_tabs),
        ("sqlite", "last_writer_wins", drafts_from_24_tabs),
        ("postgresql", "check_then_insert", submitted_twice),
        ("postgresql", "no_locks", assigned_from_24_tabs),
        ("postgresql", "no_locks", released_in_mid_submit),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_server_that_races_is_noticed(
    request: pytest.FixtureRequest,
    tmp_path_factory: Any,
    kind: str,
    fault: str,
    race: Callable[[Arena], None],
) -> None:
    folder, url, servers = _place(request, tmp_path_factory, kind)
    with arena(folder, url, servers=servers, fault=fault) as found:
        assert is_noticed(lambda: race(found)), "all went well"
