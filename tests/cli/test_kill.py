"""kill -9 at any moment: what was told is there, nothing is half, and done again it completes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from builders import COURSE_TOML, as_bytes, code, notebook
from command_line import PROGRAM, run
from sqlalchemy import select, text

from jupyter_social.core.database import create_database_engine
from jupyter_social.core.migrations import all_tables

PEOPLE = tuple(f"student{number}" for number in range(8))

DIE = """\
import importlib, os, signal, sys

module, path, moment, nth, *argv = sys.argv[1:]
holder = importlib.import_module(module)
*outer, name = path.split(".")
for part in outer:
    holder = getattr(holder, part)
whole, calls = getattr(holder, name), []

def dying(*arguments, **options):
    calls.append(name)
    last = len(calls) == int(nth)
    if last and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = whole(*arguments, **options)
    if last:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(holder, name, dying)
from jupyter_social.cli.main import main
main(argv)
"""


@pytest.fixture
def course(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course on one of the databases, with its roster and eight hand-ins to be imported."""
    monkeypatch.setenv("JUPYTER_SOCIAL_DATABASE", database_url)
    root = tmp_path / "course"
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "course.toml").write_text(COURSE_TOML)
    graded = code("answer = 42", id="q1", nbgrader={"grade_id": "q1"})
    (root / "source" / "ps1" / "work.ipynb").write_bytes(as_bytes(notebook(graded)))
    lines = [f"{name},Full {name},,student," for name in PEOPLE]
    (root / "roster.csv").write_text("\n".join(["username,name,email,role,group", *lines, ""]))
    for name in PEOPLE:
        folder = root / "submitted" / name / "ps1"
        folder.mkdir(parents=True)
        (folder / "work.ipynb").write_bytes(as_bytes(notebook(f"print({name!r})", "x = 1")))
        (folder / "data.csv").write_text("the same for all")
    assert run("roster", "import", "roster.csv", cwd=root).code == 0
    return root


def killed_at(point: str, *typed: str, cwd: Path) -> None:
    """Run a command that dies at a point such as `module:name before 3`."""
    where, moment, nth = point.split()
    module, path = where.split(":")
    command = [sys.executable, "-c", DIE, module, path, moment, nth, *typed]
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def killed_after(seconds: float, *typed: str, cwd: Path) -> bool:
    """Run a command and kill it after some time; tells whether it was still at work."""
    with subprocess.Popen(
        [PROGRAM, *typed], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        return process.returncode == -signal.SIGKILL


def rows(table: str) -> list[Any]:
    engine = create_database_engine(os.environ["JUPYTER_SOCIAL_DATABASE"])
    with engine.connect() as connection:
        found = list(connection.execute(select(all_tables().tables[table])).mappings())
    engine.dispose()
    return found


def imported(course: Path) -> list[Any]:
    """What an import comes to: everything but what is drawn or depends on the time."""
    listed = run("submissions", "list", "ps1", "--json", cwd=course).json["submissions"]
    people = [{k: v for k, v in row.items() if k != "received_at"} for row in listed]
    hashes = sorted(row["content_hash"] for row in rows("submission"))
    files = sorted((row["name"], row["sha256"]) for row in rows("submission_file"))
    copies = sorted((row["name"], row["source"]) for row in rows("anonymous_notebook"))
    events = sorted(row["kind"] for row in rows("journal"))
    units = len(rows("unit"))
    return [people, hashes, files, copies, events, units]


def sound(course: Path) -> None:
    assert run("db", "verify", "--json", cwd=course).json == {"problems": []}
    for table in ("submission_file", "anonymous_notebook"):
        assert {row["submission_id"] for row in rows(table)} == {
            row["id"] for row in rows("submission")
        }, "every hand-in is whole"
    assert len([r for r in rows("journal") if r["kind"] == "submission.received"]) == len(
        rows("submission")
    )


def clear(course: Path) -> None:
    """Forget all hand-ins, as if nothing had been imported."""
    engine = create_database_engine(os.environ["JUPYTER_SOCIAL_DATABASE"])
    gone = ("anonymous_notebook", "submission_file", "submission", "blob", "unit", "answer")
    with engine.begin() as connection:
        for table in gone:
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text("DELETE FROM journal WHERE kind = 'submission.received'"))
        connection.execute(text("UPDATE course SET journal_seq = 1"))
    engine.dispose()


IMPORT = ("submissions", "import", "ps1")
ASSIGN = ("reviews", "assign", "ps1", "--reviews", "3", "--seed", "7")

IN_AN_IMPORT = {
    # the point, and how many hand-ins are there after the kill
    "jupyter_social.exchange.store:add_version before 1": 0,
    "jupyter_social.exchange.store:add_version after 3": 2,
    "jupyter_social.exchange.store:_put_blobs before 4": 3,
    "jupyter_social.exchange.store:_put_blobs after 4": 3,
    "jupyter_social.core.pseudonyms:unit_of_person after 5": 4,
    "jupyter_social.core.journal:append after 6": 5,
    "jupyter_social.exchange.operations:_received before 7": 6,
    "jupyter_social.exchange.operations:_received after 8": 7,
    "sqlalchemy:Connection.commit before 2": 1,
    "sqlalchemy:Connection.commit after 2": 2,
    "sqlalchemy:Connection.commit after 8": 8,
    "jupyter_social.app:Application.close before 1": 8,
}


def test_an_import_killed_anywhere_completes_when_it_is_done_again(course: Path) -> None:
    assert run(*IMPORT, cwd=course).code == 0
    uninterrupted = imported(course)
    for point, there in IN_AN_IMPORT.items():
        clear(course)
        killed_at(point, *IMPORT, cwd=course)
        assert len(rows("submission")) == there, point
        sound(course)
        again = run(*IMPORT, "--json", cwd=course)
        assert again.code == 0, (point, again.err)
        outcomes = [answer["outcome"] for answer in again.json["received"]]
        assert outcomes == ["unchanged"] * there + ["new"] * (8 - there), point
        assert imported(course) == uninterrupted, point
    sound(course)


def test_an_import_killed_again_and_again_comes_to_the_same(course: Path) -> None:
    assert run(*IMPORT, cwd=course).code == 0
    uninterrupted = imported(course)
    clear(course)
    for there in range(1, 8):
        killed_at("jupyter_social.exchange.store:add_version after 2", *IMPORT, cwd=course)
        assert len(rows("submission")) == there
    assert run(*IMPORT, cwd=course).code == 0
    assert imported(course) == uninterrupted
    sound(course)


def test_an_import_killed_at_any_time_completes_when_it_is_done_again(course: Path) -> None:
    assert run(*IMPORT, cwd=course).code == 0
    uninterrupted = imported(course)
    delays, killed = random.Random(1), 0
    for _ in range(6):
        clear(course)
        killed += killed_after(delays.uniform(0.2, 1.0), *IMPORT, cwd=course)
        sound(course)
        assert run(*IMPORT, cwd=course).code == 0
        assert imported(course) == uninterrupted
    assert killed, "some were still at work"


IN_AN_ASSIGNMENT = {
    # the point, and whether the run is there after the kill
    "jupyter_social.reviews.store:declare_conflicts after 1": False,
    "jupyter_social.reviews.store:add_run before 1": False,
    "jupyter_social.reviews.store:add_run after 1": False,
    "jupyter_social.reviews.store:replace_open_tasks before 1": False,
    "jupyter_social.reviews.store:new_id after 5": False,
    "jupyter_social.reviews.store:replace_open_tasks after 1": False,
    "jupyter_social.core.journal:append after 1": False,
    "jupyter_social.reviews.assigning:_assigned after 1": False,
    "sqlalchemy:Connection.commit before 1": False,
    "sqlalchemy:Connection.commit after 1": True,
    "jupyter_social.app:Application.close before 1": True,
}


def unassign() -> None:
    engine = create_database_engine(os.environ["JUPYTER_SOCIAL_DATABASE"])
    with engine.begin() as connection:
        for table in ("review_task", "allocation_run"):
            connection.execute(text(f"DELETE FROM {table}"))
        last = connection.execute(
            text("DELETE FROM journal WHERE kind = 'reviews.assigned' RETURNING seq")
        ).all()
        connection.execute(
            text("UPDATE course SET journal_seq = journal_seq - :gone"), {"gone": len(last)}
        )
    engine.dispose()


def proof(course: Path) -> str:
    found = run("reviews", "verify", "ps1", "--json", cwd=course).json
    assert found["holds"], found
    return str(found["runs"][-1]["output_hash"])


def test_an_assignment_killed_anywhere_is_all_or_nothing(course: Path) -> None:
    assert run(*IMPORT, cwd=course).code == 0
    assert run(*ASSIGN, cwd=course).code == 0
    uninterrupted = proof(course)
    for point, is_there in IN_AN_ASSIGNMENT.items():
        unassign()
        killed_at(point, *ASSIGN, cwd=course)
        assert len(rows("review_task")) == (24 if is_there else 0), point
        assert len(rows("allocation_run")) == is_there, point
        assert run("db", "verify", cwd=course).code == 0, point
        again = run(*ASSIGN, "--json", cwd=course).json
        assert (again["run"], again["kind"], again["changes"]) == (1, "draw", 0), point
        assert proof(course) == uninterrupted, point


def test_a_repair_killed_in_the_middle_leaves_the_assignment_before_it(course: Path) -> None:
    assert run(*IMPORT, cwd=course).code == 0
    assert run(*ASSIGN, cwd=course).code == 0
    run("submissions", "withdraw", "ps1", "student3", "--yes", cwd=course)
    before, tasks = proof(course), sorted(map(str, rows("review_task")))
    points = [
        "jupyter_social.reviews.store:add_run after 1",
        "jupyter_social.reviews.store:new_id after 1",
        "jupyter_social.reviews.store:replace_open_tasks after 1",
        "sqlalchemy:Connection.commit before 1",
    ]
    for point in points:
        killed_at(point, *ASSIGN, cwd=course)
        assert proof(course) == before, point
        assert sorted(map(str, rows("review_task"))) == tasks, point
    assert run(*ASSIGN, cwd=course).code == 0
    assert proof(course) != before
    assert run("db", "verify", cwd=course).code == 0


def test_an_assignment_killed_at_any_time_is_all_or_nothing(course: Path) -> None:
    assert run(*IMPORT, cwd=course).code == 0
    assert run(*ASSIGN, cwd=course).code == 0
    uninterrupted = proof(course)
    delays, killed = random.Random(2), 0
    for _ in range(8):
        unassign()
        killed += killed_after(delays.uniform(0.2, 1.0), *ASSIGN, cwd=course)
        found = (len(rows("allocation_run")), len(rows("review_task")))
        assert found in {(0, 0), (1, 24)}
        assert run("db", "verify", cwd=course).code == 0
        assert run(*ASSIGN, cwd=course).code == 0
        assert proof(course) == uninterrupted
    assert killed, "some were still at work"


def test_a_roster_killed_in_the_middle_is_all_or_nothing(course: Path) -> None:
    before = sorted(map(str, rows("member")))
    lines = [f"new{number},New {number},,student," for number in range(5)]
    (course / "next.csv").write_text("\n".join(["username,name,email,role,group", *lines, ""]))
    points = [
        "jupyter_social.roster.store:deactivate after 3",
        "jupyter_social.roster.store:add_members before 1",
        "jupyter_social.roster.store:add_members after 1",
        "sqlalchemy:Connection.commit before 1",
    ]
    for point in points:
        killed_at(point, "roster", "import", "next.csv", cwd=course)
        assert sorted(map(str, rows("member"))) == before, point
    assert run("roster", "import", "next.csv", cwd=course).code == 0
    found = run("roster", "list", "--json", cwd=course).json["members"]
    assert [member["username"] for member in found] == [f"new{number}" for number in range(5)]


def test_a_restore_killed_anywhere_leaves_one_whole_database(
    course: Path, tmp_path: Path, database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        assert run("db", "backup", "copy.db", cwd=course).code == 1, "PostgreSQL has its own tools"
        return
    assert run("db", "backup", "copy.db", cwd=course).code == 0
    points = [
        # Up to the last one, which is the moment when the backup takes the database's place.
        "jupyter_social.core.schema:copy_sqlite before 1",
        "jupyter_social.core.schema:copy_sqlite after 1",
        "jupyter_social.core.maintenance:_fold_log after 1",
        "os:link after 1",
        # The first is the owner's note.
        "pathlib:Path.replace before 2",
        "pathlib:Path.replace after 2",
    ]
    for number, point in enumerate(points):
        assert run(*IMPORT, cwd=course).code == 0
        killed_at(point, "db", "restore", "copy.db", "--yes", cwd=course)
        handed_in = run("reviews", "status", "ps1", "--json", cwd=course).json["handed_in"]
        assert handed_in == (0 if number == 5 else 8), point
        assert run("db", "verify", cwd=course).code == 0, point
        kept = list((tmp_path / "state").glob("course.db.before-restore-*"))
        assert len(kept) == (number >= 3), "what was there before is kept"
        for aside in kept:
            aside.unlink()
