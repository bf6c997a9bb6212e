"""`doctor`: what is wrong with this machine or this course, and what to do about it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from jupyter_social.cli.base import DONE, REFUSED, CourseCommand
from jupyter_social.core.errors import NotFound, Problem

LOW_DISK_BYTES = 500_000_000
MARKS = {"ok": "✓", "warning": "!", "error": "✗"}


class State(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Diagnosis:
    """One check and what to do where it did not come out well."""

    check: str
    state: State
    message: str


class Doctor(CourseCommand):
    """Check this machine and this course for trouble."""

    name = "jupyter-social-doctor"
    description = (
        "Check Python, nbgrader, the course folder, its database and the disk, and say what to do "
        "where something is wrong. Exit 1 if anything would stop you."
    )
    examples = "jupyter social doctor"
    on_this_machine = True

    def run(self) -> int:
        """Check and list."""
        found = [*_machine(), *self._course()]
        self.output.data({"checks": [asdict(diagnosis) for diagnosis in found]})
        self.output.table(
            ("", "check", "found"), [(MARKS[d.state.value], d.check, d.message) for d in found]
        )
        return REFUSED if any(d.state is State.ERROR for d in found) else DONE

    def _course(self) -> Iterator[Diagnosis]:
        try:
            folder = self.folder
        except NotFound:
            yield Diagnosis("course", State.WARNING, "No course.toml here or above.")
            return
        yield _course_files(folder.root)
        yield from self._database(folder.root)
        yield _disk(folder.root)

    def _database(self, root: Path) -> Iterator[Diagnosis]:
        from jupyter_social.core.database import sqlite_file

        try:
            file = sqlite_file(self.database_url)
            if file is not None and not file.exists():
                yield Diagnosis("database", State.OK, "None yet; the first command makes it.")
                return
            with self.application():
                yield Diagnosis("database", State.OK, str(file or "PostgreSQL answers."))
        except Problem as problem:
            yield Diagnosis("database", State.ERROR, problem.detail)
            return
        if file is not None and stat.S_IMODE(file.stat().st_mode) & 0o077:
            yield Diagnosis(
                "privacy", State.WARNING, f"Others can read the database: chmod 600 {file}"
            )
        else:
            yield Diagnosis("privacy", State.OK, _embedded(file))


def _machine() -> Iterator[Diagnosis]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Diagnosis("python", State.OK, version)
    yield Diagnosis("sqlite", State.OK, sqlite3.sqlite_version)
    if importlib.util.find_spec("nbgrader") is None:
        yield Diagnosis("nbgrader", State.ERROR, "Not installed: pip install nbgrader")
    elif shutil.which("alembic") is None:
        # nbgrader starts this program by name when it makes its gradebook.
        yield Diagnosis(
            "nbgrader", State.WARNING, f"Add {Path(sys.executable).parent} to PATH for nbgrader."
        )
    else:
        yield Diagnosis("nbgrader", State.OK, "installed")


def _course_files(root: Path) -> Diagnosis:
    from jupyter_social.authoring.check import check_course
    from jupyter_social.authoring.findings import errors
    from jupyter_social.authoring.folder import CourseFolder

    broken = errors(check_course(CourseFolder(root)))
    if broken:
        return Diagnosis(
            "course", State.ERROR, f"{len(broken)} things to mend: jupyter social check"
        )
    return Diagnosis("course", State.OK, str(root))


def _embedded(file: Path | None) -> str:
    if file is None:
        return "The database server guards the course."
    return (
        "Only you can read the database. People who run code under your account can, too: "
        "on a shared server anonymity is for practice."
    )


def _disk(root: Path) -> Diagnosis:
    if not os.access(root, os.W_OK):
        return Diagnosis("disk", State.ERROR, f"{root} cannot be written to.")
    free = shutil.disk_usage(root).free
    if free < LOW_DISK_BYTES:
        return Diagnosis("disk", State.WARNING, f"Only {free // 1_000_000} MB are free.")
    return Diagnosis("disk", State.OK, f"{free // 1_000_000_000} GB free")
