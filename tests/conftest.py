"""Fixtures for all tests: both databases, and a course to work on.

PostgreSQL is a real server, started for the test run in a folder of its own and thrown away after
it. Where it cannot be started the tests fail: no store test is ever skipped.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import Classroom
from invariants import check_all
from postgres_server import PostgresServer, started_server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    with started_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database of the current schema, once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state' / 'course.db'}"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database(f"test_{next(_numbers)}")


@pytest.fixture
def a_course(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Classroom]]:
    """Make a classroom at a database URL (by default a SQLite file); closed after the test.

    Every invariant must hold in the end, unless the test damages its course on purpose and says so
    with `a_damaged_course`.
    """
    made: list[Classroom] = []

    def make(url: str = "") -> Classroom:
        room = Classroom.new(
            tmp_path / f"course-{len(made)}", url or f"sqlite:///{tmp_path / 'state' / 'course.db'}"
        )
        made.append(room)
        return room

    yield make
    try:
        if "a_damaged_course" not in request.fixturenames:
            for room in made:
                check_all(room.app)
    finally:
        for room in made:
            room.close()


@pytest.fixture
def a_damaged_course() -> None:
    """Says that a test breaks its database on purpose, so that no invariant is asked after it."""


@pytest.fixture(autouse=True)
def _own_jupyter_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the configuration of whoever runs it."""
    for name in ("CONFIG", "DATA", "RUNTIME"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / f"jupyter-{name.lower()}"))
    monkeypatch.delenv("JUPYTER_SOCIAL_DATABASE", raising=False)
