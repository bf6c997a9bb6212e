"""Makes the demo class: a course from a template, released by nbgrader, worked on for real.

Every notebook is executed by a kernel that runs in its student's name, so what is in it is what
notebooks really hold: outputs, tracebacks, home folders, user names.
"""

from __future__ import annotations

import asyncio
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jupyter_social.authoring.roster_file import COLUMNS
from jupyter_social.authoring.templates import create_course
from jupyter_social.core.errors import Unavailable
from jupyter_social.core.people import Role, RosterEntry
from jupyter_social.demo.answers import ASSIGNMENT, TEMPLATE, Cell, fill_in, habits
from jupyter_social.demo.people import roster

KERNELS_AT_ONCE = 2
CELL_TIMEOUT = 60


def write_course(folder: Path, *, today: date) -> Sequence[RosterEntry]:
    """Write the course and its roster, release the assignment, and return the class."""
    create_course(folder, TEMPLATE, today=today)
    people = roster()
    with (folder / "roster.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for entry in people:
            who = entry.identity
            rows.writerow((who.username, who.name, who.email, entry.role.value, entry.group or ""))
    _release(folder)
    return people


def hand_in_all(
    folder: Path, people: Sequence[RosterEntry], *, done: Callable[[str], object]
) -> None:
    """Let every student work on the released notebook and hand it in; `done` is told of each."""
    students = [entry for entry in people if entry.role is Role.STUDENT]
    with tempfile.TemporaryDirectory() as homes:
        asyncio.run(_work(folder, Path(homes), students, done))


def _release(folder: Path) -> None:
    from nbgrader.apps.api import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(folder.absolute())
    config.Exchange.root = str(folder.absolute() / "exchange")
    (folder / "exchange").mkdir()
    # nbgrader starts alembic by name to make its gradebook.
    os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    result = NbGraderAPI(config=config).generate_assignment(ASSIGNMENT)
    if not result["success"]:
        raise Unavailable(f"nbgrader could not release {ASSIGNMENT}: {result.get('error')}")


async def _work(
    folder: Path, homes: Path, students: Sequence[RosterEntry], done: Callable[[str], object]
) -> None:
    seats = asyncio.Semaphore(KERNELS_AT_ONCE)

    async def one(number: int, entry: RosterEntry) -> None:
        async with seats:
            await _hand_in(folder, homes, entry, number)
        done(entry.identity.username)

    await asyncio.gather(*(one(number, entry) for number, entry in enumerate(students)))


async def _hand_in(folder: Path, homes: Path, entry: RosterEntry, number: int) -> None:
    import nbformat
    from nbclient import NotebookClient

    who = entry.identity
    desk = homes / "home" / who.username / ASSIGNMENT
    desk.mkdir(parents=True)
    target = folder / "submitted" / who.username / ASSIGNMENT
    target.mkdir(parents=True)
    for released in sorted((folder / "release" / ASSIGNMENT).glob("*.ipynb")):
        notebook = nbformat.read(released, as_version=4)
        fill_in(notebook, who, number)
        for cell in habits(who, number):
            _add(notebook, cell)
        client = NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT,
            allow_errors=True,
            resources={"metadata": {"path": str(desk)}},
        )
        await client.async_execute(
            env=_environment(desk.parent, who.username), stderr=subprocess.DEVNULL
        )
        nbformat.write(notebook, target / released.name)


def _add(notebook: Any, cell: Cell) -> None:
    import nbformat

    make = getattr(nbformat.v4, f"new_{cell.kind}_cell")
    at = 0 if cell.at_start else len(notebook.cells)
    notebook.cells.insert(at, make(cell.source))


def _environment(home: Path, username: str) -> dict[str, str]:
    return os.environ | {"HOME": str(home), "USER": username, "LOGNAME": username}
