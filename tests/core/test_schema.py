"""The schema: one history on both databases, upgraded with a backup, refused where it must be."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from builders import Classroom
from postgres_server import PostgresServer
from sqlalchemy import Engine, event, inspect, text

from jupyter_social.core import schema
from jupyter_social.core.database import create_database_engine, open_database, upgrade_database
from jupyter_social.core.errors import Conflict
from jupyter_social.core.migrations import all_tables

NOW = datetime(2026, 1, 10, 9, 30, tzinfo=UTC)
NEXT_MIGRATION = """\
import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("novelty", sa.Column("id", sa.Integer(), primary_key=True))
"""


@contextmanager
def engine_at(url: str) -> Iterator[Engine]:
    engine = create_database_engine(url)
    yield engine
    engine.dispose()


def execute(url: str, *statements: str) -> list[Any]:
    with engine_at(url) as engine, engine.connect() as connection:
        found = [connection.execute(text(statement)) for statement in statements]
        rows = list(found[-1]) if found[-1].returns_rows else []
        connection.commit()
        return rows


def table_names(url: str) -> set[str]:
    with engine_at(url) as engine:
        return set(inspect(engine).get_table_names())


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a table, once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'course.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"empty_{abs(hash(request.node.name)) % 10**12}"
    return server.empty_database(name)


@pytest.fixture
def a_newer_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program as it may be one migration later."""
    later = tmp_path / "later"
    later.mkdir()
    (later / "0003_novelty.py").write_text(NEXT_MIGRATION)
    config_of = schema.alembic_config

    def with_one_more(connection: Any) -> Any:
        config = config_of(connection)
        ours = Path(schema.__file__).parent / "migrations" / "versions"
        config.set_main_option("version_locations", f"{ours}{os.pathsep}{later}")
        return config

    monkeypatch.setattr(schema, "alembic_config", with_one_more)
    monkeypatch.setattr(schema, "HEAD", "0003")


def check(engine: Engine) -> None:
    with engine.connect() as connection:
        command.check(schema.alembic_config(connection))


def test_the_migrations_come_to_the_tables_of_all_wings(database_url: str) -> None:
    open_database(database_url, now=NOW).close()
    with engine_at(database_url) as engine:
        check(engine)


def test_a_column_that_no_migration_makes_would_be_noticed(database_url: str) -> None:
    open_database(database_url, now=NOW).close()
    execute(database_url, "ALTER TABLE journal DROP COLUMN data")
    with engine_at(database_url) as engine, pytest.raises(Exception, match="journal"):
        check(engine)


def test_the_head_named_in_the_program_is_the_newest_migration() -> None:
    scripts = ScriptDirectory.from_config(schema.alembic_config(None))  # type: ignore[arg-type]
    assert scripts.get_current_head() == schema.HEAD


def test_each_column_says_whether_it_holds_personal_data() -> None:
    columns = [column for table in all_tables().tables.values() for column in table.columns]
    assert len(columns) > 60, "all wings are read"
    unmarked = [str(column) for column in columns if type(column.info.get("personal")) is not bool]
    assert unmarked == []


def test_a_new_sqlite_file_gets_all_tables_and_no_backup(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'course.db'}"
    open_database(url, now=NOW).close()
    assert table_names(url) == {*all_tables().tables, "alembic_version"}
    assert not list(tmp_path.glob("*.backup"))


@pytest.mark.usefixtures("a_newer_program")
def test_an_older_sqlite_database_is_backed_up_and_then_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'course.db'}"
    with engine_at(url) as engine, engine.connect() as connection:
        command.upgrade(schema.alembic_config(connection), "0001")
        connection.commit()
    execute(url, "INSERT INTO person VALUES ('before', '2026-01-01')")

    open_database(url, now=NOW).close()

    assert execute(url, "SELECT version_num FROM alembic_version") == [("0003",)]
    assert "novelty" in table_names(url)
    assert execute(url, "SELECT id FROM person") == [("before",)]
    backup = tmp_path / "course.db.0001.20260110T093000Z.backup"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with closing(sqlite3.connect(backup)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert old.execute("SELECT id FROM person").fetchall() == [("before",)]


@pytest.mark.usefixtures("a_newer_program")
def test_an_older_postgresql_database_is_refused_until_db_upgrade(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.new_database("older")
    with pytest.raises(Conflict, match=r"older schema 0002.*jupyter social db upgrade"):
        open_database(url, now=NOW)
    assert "novelty" not in table_names(url)
    upgrade_database(url)
    open_database(url, now=NOW).close()
    assert "novelty" in table_names(url)


def test_an_empty_postgresql_database_is_refused_until_db_upgrade(
    postgres_server: PostgresServer,
) -> None:
    url = postgres_server.empty_database("nothing_in_it")
    with pytest.raises(Conflict, match=r"is empty.*jupyter social db upgrade"):
        open_database(url, now=NOW)
    assert table_names(url) == set()
    upgrade_database(url)
    open_database(url, now=NOW).close()


def test_a_newer_database_is_refused_and_left_as_it_is(database_url: str) -> None:
    open_database(database_url, now=NOW).close()
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match=r"newer jupyter_social \(schema 9999.*pip install"):
        open_database(database_url, now=NOW)
    assert execute(database_url, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_db_upgrade_refuses_a_newer_postgresql_database(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database("newer")
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match="newer jupyter_social"):
        upgrade_database(url)


def test_a_database_of_another_program_is_refused_and_left_as_it_is(empty_url: str) -> None:
    execute(empty_url, "CREATE TABLE recipes (id INTEGER)")
    with pytest.raises(Conflict, match="belongs to another program"):
        open_database(empty_url, now=NOW)
    assert table_names(empty_url) == {"recipes"}


def test_a_database_of_another_program_that_uses_alembic_is_refused_too(empty_url: str) -> None:
    """nbgrader's own gradebook is such a one."""
    execute(
        empty_url,
        "CREATE TABLE recipes (id INTEGER)",
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)",
        "INSERT INTO alembic_version VALUES ('0000cafe')",
    )
    with pytest.raises(Conflict):
        open_database(empty_url, now=NOW)
    assert table_names(empty_url) == {"recipes", "alembic_version"}


def test_a_restart_of_the_program_finds_everything_again(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(5).who_all_hand_in()
    room.assign(2)
    before, course = room.tasks(), room.app.course
    room.reopened()
    assert room.app.course == course
    assert room.tasks() == before


def open_and_die(url: str, at: int) -> None:
    """Create the schema, and be killed before statement number `at`."""
    statements = iter(range(10_000))

    def die(*_: object) -> None:
        if next(statements) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", die)
    if url.startswith("sqlite"):
        open_database(url, now=NOW).close()
    else:
        upgrade_database(url)
    os._exit(0)


def test_a_migration_killed_at_any_statement_is_done_or_undone(empty_url: str) -> None:
    wanted = {*all_tables().tables, "alembic_version"}
    processes = multiprocessing.get_context("fork")
    killed = 0
    for at in range(200):
        child = processes.Process(target=open_and_die, args=(empty_url, at))
        child.start()
        child.join()
        found = table_names(empty_url)
        assert found in (set(), wanted), f"half a schema after a kill at statement {at}"
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        killed += 1
    assert killed > 15, "it was really killed among the statements"
    with engine_at(empty_url) as engine:
        check(engine)
