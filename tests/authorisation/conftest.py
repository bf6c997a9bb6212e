"""One world for each phase, played when it is first asked; asking changes nothing in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asking import Worlds
from postgres_server import PostgresServer


@pytest.fixture(scope="session")
def sqlite_worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    folder = tmp_path_factory.mktemp("worlds")
    worlds = Worlds(folder, lambda phase: f"sqlite:///{folder / phase / 'state' / 'course.db'}")
    yield worlds
    worlds.close()


@pytest.fixture(scope="session")
def postgresql_worlds(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[Worlds]:
    folder = tmp_path_factory.mktemp("worlds")
    worlds = Worlds(folder, lambda phase: postgres_server.new_database(f"world_{phase}"))
    yield worlds
    worlds.close()
