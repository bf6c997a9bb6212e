"""One function, one transaction, on both databases; what is refused is told in words."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import Classroom
from postgres_server import PostgresServer
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from jupyter_social.core import database as database_module
from jupyter_social.core import journal, membership, tables
from jupyter_social.core.database import Database, create_database_engine, open_database
from jupyter_social.core.errors import Invalid, Problem, Unavailable
from jupyter_social.reviews.tables import review_task

NOW = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url, now=NOW)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'state' / 'course.db'}", now=NOW)
    yield opened
    opened.close()


def add_person(tx: Connection, name: str = "p") -> None:
    tx.execute(insert(tables.person).values(id=name, created_at=NOW))


def people(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(tables.person)).scalar_one()


def test_a_write_is_there_after_it_returned(database: Database) -> None:
    assert database.write(lambda tx: add_person(tx) or "done") == "done"
    assert database.read(people) == 1


def test_a_write_that_fails_in_the_middle_has_not_happened(database: Database) -> None:
    def fails(tx: Connection) -> None:
        add_person(tx)
        assert people(tx) == 1
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        database.write(fails)
    assert database.read(people) == 0


def test_a_read_changes_nothing(database: Database) -> None:
    database.read(add_person)
    assert database.read(people) == 0


def test_a_rehearsal_returns_what_a_write_would_and_undoes_it(database: Database) -> None:
    def add_and_count(tx: Connection) -> int:
        add_person(tx)
        return people(tx)

    assert database.rehearse(add_and_count) == 1
    assert database.read(people) == 0


def test_a_read_sees_one_state_of_the_database_whatever_others_commit(
    database: Database,
) -> None:
    def count_twice(tx: Connection) -> tuple[int, int]:
        before = people(tx)
        writer = threading.Thread(target=lambda: database.write(add_person))
        writer.start()
        writer.join()
        return before, people(tx)

    assert database.read(count_twice) == (0, 0)
    assert database.read(people) == 1, "the other write did happen meanwhile"


def test_a_row_that_refers_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError):
        database.write(
            lambda tx: tx.execute(
                insert(tables.roster_group).values(id="g", course_id="nowhere", name="g")
            )
        )


def test_nobody_can_be_made_to_review_the_own_work_by_any_sql(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(4).who_all_hand_in()
    room.assign(2)
    reviewer = room.tasks()[0].reviewer
    change = review_task.update().where(review_task.c.reviewer == reviewer).values(author=reviewer)
    with pytest.raises(IntegrityError):
        room.app.database.write(lambda tx: tx.execute(change))


def test_two_active_people_never_share_a_user_name(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(2)
    change = tables.member.update().values(username="student000")
    with pytest.raises(IntegrityError):
        room.app.database.write(lambda tx: tx.execute(change))


def test_writers_at_the_same_time_leave_a_journal_without_gaps(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url)
    course = room.app.course

    def append(number: int) -> None:
        for _ in range(10):
            room.app.database.write(
                lambda tx: journal.append(tx, course, at=NOW, actor="t", kind=f"kind-{number}")
            )

    threads = [threading.Thread(target=append, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = room.app.database.read(lambda tx: journal.read_since(tx, course, 0))
    assert [event.seq for event in events] == list(range(1, 41))


def test_two_programs_that_enter_a_new_course_at_once_share_it(
    a_course: Callable[..., Classroom],
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    url = postgres_server.new_database("enter_at_once")
    first = a_course(url)
    look, looks = membership.course_id, []

    def too_early(tx: Connection, name: str) -> object:
        looks.append(name)
        return None if len(looks) == 1 else look(tx, name)

    monkeypatch.setattr(membership, "course_id", too_early)
    second = Classroom.new(tmp_path / "second", url, seed=1)
    second.close()
    assert second.app.course == first.app.course


def test_sqlite_keeps_what_it_has_acknowledged(sqlite: Database) -> None:
    def pragma(name: str) -> object:
        return sqlite.read(lambda tx: tx.execute(text(f"PRAGMA {name}")).scalar())

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2, "FULL"
    assert pragma("foreign_keys") == 1


def test_the_database_and_all_beside_it_are_their_owners_alone(sqlite: Database) -> None:
    sqlite.write(add_person)
    assert sqlite.file is not None
    folder = sqlite.file.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert files.pop(".gitignore") is not None
    assert files.keys() >= {"course.db", "course.db-wal", "course.db.lock", "course.db.owner"}
    assert not [name for name, mode in files.items() if mode & 0o077]


def test_git_never_takes_the_database_along(sqlite: Database) -> None:
    assert sqlite.file is not None
    assert (sqlite.file.parent / ".gitignore").read_text() == "*\n"


def test_a_full_disk_is_told_and_nothing_is_half(sqlite: Database) -> None:
    def fill(tx: Connection) -> None:
        pages = tx.execute(text("PRAGMA page_count")).scalar_one()
        tx.execute(text(f"PRAGMA max_page_count = {pages + 4}"))
        for number in range(100_000):
            add_person(tx, f"person-{number}")

    with pytest.raises(Unavailable, match=r"The disk is full\. Nothing was changed") as told:
        sqlite.write(fill)
    assert told.value.status == 503
    assert sqlite.read(people) == 0


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("database or disk is full", "The disk is full"),
        ("could not extend file: No space left on device", "The disk is full"),
        ("attempt to write a readonly database", "cannot be written to"),
        ("unable to open database file", "cannot be written to"),
        ("disk I/O error", "The disk reported an error"),
        ("database is locked", "The database is busy"),
        ("server closed the connection unexpectedly", "does not answer"),
    ],
)
def test_each_trouble_of_a_database_is_told_in_words(message: str, says: str) -> None:
    from sqlalchemy.exc import OperationalError

    trouble = OperationalError("SELECT 1", {}, Exception(message))
    with pytest.raises(Unavailable, match=says), database_module._problems():
        raise trouble


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "course.db"
    file.write_bytes(b"This is my diary, not a database. " * 400)
    before = file.read_bytes()
    with pytest.raises(Unavailable, match="damaged or is no database"):
        open_database(f"sqlite:///{file}", now=NOW)
    assert file.read_bytes() == before


def test_a_damaged_page_is_told_in_words(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'course.db'}"
    database = open_database(url, now=NOW)
    database.write(lambda tx: [add_person(tx, f"p{number}") for number in range(2000)])
    database.close()
    file = tmp_path / "course.db"
    data = bytearray(file.read_bytes())
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'person'"
        root = connection.execute(query).fetchone()[0]
    data[(root - 1) * 4096 : root * 4096] = b"\xff" * 4096
    file.write_bytes(bytes(data))
    database = open_database(url, now=NOW)
    try:
        with pytest.raises(Unavailable, match="damaged"):
            database.read(lambda tx: tx.execute(select(tables.person.c.created_at)).all())
    finally:
        database.close()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://user@host/name",
        "postgresql://user@host:port/name",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(Invalid, match=r"sqlite:////|PostgreSQL"):
        open_database(url, now=NOW)


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    url = "postgresql+psycopg://postgres:hunter2@127.0.0.1:1/nothing"
    with pytest.raises(Problem, match="does not answer") as told:
        open_database(url, now=NOW)
    assert "hunter2" not in told.value.detail


def test_after_a_cut_connection_the_next_write_works(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database("cut")
    database = open_database(url, now=NOW)

    def cut(tx: Connection) -> None:
        add_person(tx, "lost")
        mine = tx.execute(text("SELECT pg_backend_pid()")).scalar_one()
        engine = create_database_engine(url)
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        engine.dispose()
        add_person(tx, "never")

    with pytest.raises(Unavailable, match="does not answer"):
        database.write(cut)
    database.write(add_person)
    assert database.read(people) == 1
    database.close()


def test_closing_lets_the_next_one_in(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'course.db'}"
    open_database(url, now=NOW).close()
    open_database(url, now=NOW).close()
    assert sorted(p.name for p in tmp_path.iterdir() if "owner" in p.name) == []


def test_a_refused_database_is_free_for_the_next_one(tmp_path: Path) -> None:
    file = tmp_path / "course.db"
    file.write_bytes(b"nothing" * 4000)
    for _ in range(2):
        with pytest.raises(Unavailable, match="is no database"):
            open_database(f"sqlite:///{file}", now=NOW)
