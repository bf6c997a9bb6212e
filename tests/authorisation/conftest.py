"""One world for each phase, played when it is first asked; asking changes nothing in it."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from asking import Asking
from played_rounds import World
from postgres_server import PostgresServer

PAGES = "jupyter_social.core.pages"


class Worlds:
    """The worlds of one kind of database, by phase."""

    def __init__(self, folder: Path, url: Callable[[str], str]) -> None:
        self._folder = folder
        self._url = url
        self._played: dict[str, Asking] = {}

    def __getitem__(self, phase: str) -> Asking:
        if phase not in self._played:
            world = World.new(self._folder / phase, self._url(phase), phase)
            self._played[phase] = Asking(world)
        return self._played[phase]

    def close(self) -> None:
        for asking in self._played.values():
            asking.world.close()


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


@pytest.fixture(scope="session", autouse=True)
def _pages() -> Iterator[None]:
    """A plain page stands in where the program cannot show notebooks as pages."""
    with pytest.MonkeyPatch.context() as patch:
        if importlib.util.find_spec(PAGES) is None:
            pages = ModuleType(PAGES)
            pages.notebook_page = lambda content, **_: f"<p>{len(content['cells'])}</p>"  # type: ignore[attr-defined]
            patch.setitem(sys.modules, PAGES, pages)
        yield
