"""After an erasure nothing names the person any more, and everybody else's marks are the same."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from a_round import ask, look_again, played, traces
from builders import Classroom
from postgres_server import PostgresServer, _binary
from sqlalchemy.engine import make_url

from jupyter_social.core.errors import NotFound

GONE, STAYS = "student001", "student002"


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[Classroom]:
    made = played(tmp_path / "course", database_url)
    look_again(made)
    yield made
    made.close()


@pytest.fixture
def stored(room: Classroom, request: pytest.FixtureRequest) -> Callable[[], bytes]:
    """Every byte the database holds: the SQLite file with its log, or a dump of PostgreSQL."""
    url = make_url(room.url)
    if url.drivername == "sqlite":
        folder = Path(str(url.database)).parent

        def files() -> bytes:
            return b"\n".join(path.read_bytes() for path in folder.iterdir() if path.is_file())

        return files
    server: PostgresServer = request.getfixturevalue("postgres_server")
    command = [
        str(_binary("pg_dump")), "-h", "127.0.0.1", "-p", str(server.port), "-U", "postgres",
        "--inserts", str(url.database),
    ]  # fmt: skip

    def dump() -> bytes:
        done = subprocess.run(command, capture_output=True, check=True, env={**os.environ})
        return done.stdout

    return dump


def erase(room: Classroom, name: str = GONE) -> None:
    ask(room, None, "people.erase", username=name, reason="they asked")


def found(data: bytes, name: str) -> list[bytes]:
    """The traces of somebody in these bytes; PostgreSQL writes files in hexadecimal digits."""
    data = data.lower()
    return [
        trace for trace in traces(name) if trace.lower() in data or trace.hex().encode() in data
    ]


def test_nothing_that_is_stored_names_the_person(
    room: Classroom, stored: Callable[[], bytes]
) -> None:
    assert found(stored(), GONE) == list(traces(GONE))
    erase(room)
    data = stored()
    assert found(data, GONE) == []
    assert found(data, STAYS) == list(traces(STAYS)), "somebody else's data is still there"


def test_everybody_elses_marks_and_feedback_are_byte_equal(room: Classroom) -> None:
    def marks() -> str:
        return str(ask(room, "teacher", "marks.list", assignment="ps1").model_dump_json())

    def feedback() -> list[str]:
        shown = [
            ask(room, name, "feedback.mine", assignment="ps1")
            for name in room.students
            if name != GONE
        ]
        return [str([view.mark, [c.model_dump() for c in view.criteria]]) for view in shown]

    def exported() -> list[str]:
        answer = ask(room, "teacher", "marks.export", assignment="ps1")
        return [row.model_dump_json() for row in answer.rows if row.username in room.students
                and row.username != GONE]  # fmt: skip

    before = marks(), feedback(), exported()
    assert len(before[2]) == 5
    erase(room)
    assert (marks(), feedback(), exported()) == before


def test_the_words_are_gone_and_the_points_stay(room: Classroom) -> None:
    works = [row.work for row in ask(room, "teacher", "marks.list", assignment="ps1").marks]

    def reviews() -> list[tuple[object, str]]:
        return [
            (review.body.scores, review.body.overall)
            for work in works
            for review in ask(room, "teacher", "marks.work", assignment="ps1", work=work).reviews
        ]

    before = reviews()
    assert len(before) == 12
    erase(room)
    after = reviews()
    assert [scores for scores, _ in after] == [scores for scores, _ in before]
    assert sum(not words for _, words in after) == 2
    assert not [words for _, words in after if GONE in words]


def test_the_allocation_is_still_proven(room: Classroom) -> None:
    erase(room)
    assert ask(room, "teacher", "reviews.verify", assignment="ps1").holds


def test_the_log_tells_that_it_was_done_and_of_whom_only_by_id(room: Classroom) -> None:
    erase(room)
    log = ask(room, "teacher", "audit.read").model_dump_json()
    assert "person.erased" in log
    assert GONE not in log


def test_reasons_that_name_nobody_stay(room: Classroom) -> None:
    erase(room)
    log = ask(room, "teacher", "audit.read").model_dump_json()
    assert "looked at it again" in log
    assert f"({STAYS}) asked for it" in log


def test_nobody_of_that_name_can_act_or_be_erased_again(room: Classroom) -> None:
    erase(room)
    with pytest.raises(NotFound):
        ask(room, GONE, "rounds.mine")
    with pytest.raises(NotFound):
        erase(room)


def test_the_name_can_be_taken_anew_and_knows_nothing_of_the_first(room: Classroom) -> None:
    erase(room)
    room.replace_roster(room.people)
    again = ask(room, GONE, "submissions.mine", assignment="ps1")
    assert again.state == "missing"


def test_all_can_be_erased_one_after_the_other(
    room: Classroom, stored: Callable[[], bytes]
) -> None:
    for name in room.students:
        erase(room, name)
    data = stored()
    assert [trace for name in room.students for trace in found(data, name)] == []
