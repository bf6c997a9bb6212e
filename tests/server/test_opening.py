"""How the course comes up behind a running server, follows its files, and goes down again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import Classroom
from server_process import Answer, served

from jupyter_social.app import Application, open_application
from jupyter_social.authoring.folder import CourseFolder, find_course_folder
from jupyter_social.core.errors import Unavailable

NAME = "Ada " + "Lovelace"


def eventually(ask: Callable[[], Answer], wanted: Callable[[Answer], bool]) -> Answer:
    for _ in range(500):
        answer = ask()
        if wanted(answer):
            return answer
        time.sleep(0.02)
    raise AssertionError(answer)


def test_until_the_course_is_open_everybody_is_asked_to_come_again(a_course) -> None:
    room: Classroom = a_course().with_students(1)
    gate = threading.Event()

    def opener() -> Application:
        assert gate.wait(20)
        return room.app

    with served(room, opener=opener) as server:
        for path in ("/roster", "courses", "openapi.json", "/nowhere"):
            answer = server.client("teacher").get(path)
            assert answer.problem["status"] == 503
            assert answer.headers["Retry-After"] == "1"
        assert server.client(None).get("/roster").status == 403
        gate.set()
        eventually(lambda: server.client("teacher").get("/roster"), lambda a: a.status == 200)


def test_a_course_that_cannot_be_opened_is_tried_again(a_course) -> None:
    room: Classroom = a_course().with_students(1)
    failures: list[Exception] = [
        RuntimeError(NAME),
        Unavailable("The database is in use by process 7 (jupyter-social). Wait."),
    ]

    def opener() -> Application:
        if failures:
            raise failures.pop()
        return room.app

    with served(room, opener=opener) as server:
        eventually(lambda: server.client("teacher").get("/roster"), lambda a: a.status == 200)
        log = "\n".join(server.log)
    assert "in use by process 7" in log
    assert "RuntimeError" in log
    assert NAME not in log


def test_without_a_course_the_answer_says_how_to_make_one(a_course, tmp_path: Path) -> None:
    room: Classroom = a_course()
    folder = tmp_path / "empty"
    folder.mkdir()

    def opener() -> Application:
        find_course_folder(folder)
        return room.app

    with served(room, opener=opener) as server:
        answer = eventually(
            lambda: server.client("anybody").get("courses"), lambda a: a.status != 503
        )
        assert "jupyter social init" in answer.problem["detail"]
        assert answer.status == 404
        (folder / "course.toml").write_text("[course]")
        eventually(lambda: server.client("anybody").get("courses"), lambda a: a.status == 200)


def test_a_server_that_stops_while_it_opens_gives_the_database_back(a_course) -> None:
    room: Classroom = a_course().with_students(1)
    room.close()
    begun, gate = threading.Event(), threading.Event()

    def opener() -> Application:
        begun.set()
        assert gate.wait(20)
        return open_application(CourseFolder(room.folder), room.url, clock=room.clock)

    with served(room, opener=opener):
        assert begun.wait(20)
        threading.Timer(0.3, gate.set).start()
    room.reopened()


def test_the_database_is_given_back_when_the_server_stops(a_course) -> None:
    room: Classroom = a_course().with_students(1)
    with served(room) as server:
        assert server.client("teacher").get("/roster").status == 200
    began = time.perf_counter()
    room.reopened()
    assert time.perf_counter() - began < 3


def test_a_changed_course_file_counts_at_once(a_course) -> None:
    room: Classroom = a_course().with_students(2)
    toml = room.folder / "course.toml"
    with served(room) as server:
        teacher = server.client("teacher")
        assert teacher.get("/assignments/new/submissions").status == 404
        toml.write_text(toml.read_text() + '\n[assignments.new]\ntitle = "New"\n')
        assert teacher.get("/assignments/new/submissions").status == 200


def test_while_a_course_file_is_broken_the_course_stays_as_it_was(a_course) -> None:
    room: Classroom = a_course().with_students(2)
    toml = room.folder / "course.toml"
    good = toml.read_text()
    with served(room) as server:
        teacher = server.client("teacher")
        toml.write_text("[course")
        assert teacher.get("/assignments/ps1/submissions").status == 200
        assert teacher.get("/assignments/ps1/submissions").status == 200
        assert sum("stays as it was" in line for line in server.log) == 1
        toml.write_text(good.replace("Testing", "Trying"))
        assert teacher.get("courses").json["courses"][0]["title"] == "Trying"


def test_what_falls_due_is_done_and_a_failure_does_not_end_it(
    a_course, monkeypatch: pytest.MonkeyPatch
) -> None:
    room: Classroom = a_course()
    calls: list[int] = []

    def advance(app: Application) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError(NAME)
        if len(calls) == 2:
            raise Unavailable("The database is busy.")
        return 0

    monkeypatch.setattr(Application, "advance", advance)
    with served(room) as server:
        for _ in range(500):
            if len(calls) > 4:
                break
            time.sleep(0.02)
        log = "\n".join(server.log)
    assert len(calls) > 4
    assert "A job of jupyter_social failed" in log
    assert NAME not in log


@pytest.mark.parametrize(
    ("option", "method", "path"),
    [
        ("reads_per_ten_seconds", "GET", "/roster"),
        ("writes_per_minute", "POST", "/assignments/ps1/reviews/assign"),
    ],
)
def test_who_asks_too_fast_is_told_when_to_go_on(
    a_course, option: str, method: str, path: str
) -> None:
    room: Classroom = a_course().with_students(2)
    with served(room, **{option: 3}) as server:
        asked = [server.client("teacher").send(method, path) for _ in range(4)]
        assert [answer.status == 429 for answer in asked] == [False, False, False, True]
        assert 1 <= int(asked[-1].headers["Retry-After"]) <= 60
        assert "Try again in" in asked[-1].problem["detail"]
        assert server.client("student000").send(method, path).status != 429


def test_reading_is_not_counted_as_writing(a_course) -> None:
    room: Classroom = a_course().with_students(2)
    with served(room, writes_per_minute=1) as server:
        statuses = {server.client("teacher").get("/roster").status for _ in range(5)}
    assert statuses == {200}
