"""From nbgrader's quickstart class to a proven assignment, through our commands alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
import pytest
from quickstart_class import ASSIGNMENT, PEOPLE, STUDENTS, roster

from jupyter_social.app import open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.config import DATABASE_FILE, DATABASE_VARIABLE, STATE_FOLDER
from jupyter_social.exchange import store

COURSE_TOML = f"""\
[course]
name = "course101"
title = "nbgrader's quickstart course"
timezone = "UTC"

[assignments.{ASSIGNMENT}]
title = "First problems"
"""


def social(course: Path, url: str, *arguments: str, code: int = 0) -> Any:
    """Run a command in the course folder and return its JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_social", *arguments, "--json"],
        cwd=course,
        env=environment(url),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def environment(url: str) -> dict[str, str]:
    import os

    return os.environ | {DATABASE_VARIABLE: url}


@pytest.fixture
def course(quickstart_class_copy: Path) -> Path:
    (quickstart_class_copy / "course.toml").write_text(COURSE_TOML, encoding="utf-8")
    (quickstart_class_copy / "roster.csv").write_text(roster(), encoding="utf-8")
    return quickstart_class_copy


@pytest.fixture
def imported(course: Path, database_url: str) -> tuple[Path, str, Any]:
    social(course, database_url, "roster", "import", "roster.csv")
    answer = social(course, database_url, "submissions", "import", ASSIGNMENT)
    return course, database_url, answer


def test_a_collected_class_is_imported_whole(imported: tuple[Path, str, Any]) -> None:
    course, url, answer = imported
    assert [row["owner"] for row in answer["received"]] == sorted(STUDENTS)
    assert answer["failed"] == []
    again = social(course, url, "submissions", "import", ASSIGNMENT)
    assert {row["outcome"] for row in again["received"]} == {"unchanged"}
    listed = social(course, url, "submissions", "list", ASSIGNMENT)["submissions"]
    assert {row["owner"]: row["versions"] for row in listed} == dict.fromkeys(sorted(STUDENTS), 1)


def test_no_copy_for_peers_names_its_author_outside_of_code(
    imported: tuple[Path, str, Any],
) -> None:
    course, url, answer = imported
    reported = {row["owner"]: row["remaining"] for row in answer["received"]}
    copies = copies_for_peers(course, url)
    assert len(copies) == 2 * len(STUDENTS)
    seen_before = 0
    for username, notebook in copies:
        identifiers = [username, PEOPLE[username], *PEOPLE[username].split()]
        original = handed_in_text(course, username)
        seen_before += any(identifier in original for identifier in identifiers)
        for place, text in texts(notebook):
            found = [i for i in identifiers if re.search(rf"\b{re.escape(i)}\b", text)]
            assert not found or place == "code", (username, place, found)
            assert not found or reported[username], (username, "is not told of", found)
    assert seen_before == len(copies), "the hand-ins do hold their authors' names"


def test_the_copies_are_valid_notebooks_with_new_cell_ids(imported: tuple[Path, str, Any]) -> None:
    course, url, _ = imported
    ids: Counter[str] = Counter()
    for _, notebook in copies_for_peers(course, url):
        nbformat.validate(notebook)
        ids.update(cell["id"] for cell in notebook["cells"])
    assert max(ids.values()) == 1


def test_everybody_reviews_three_and_the_proof_holds(imported: tuple[Path, str, Any]) -> None:
    course, url, _ = imported
    options = ["--reviews", "3", "--seed", "7", "--avoid-groups"]
    tried = social(course, url, "reviews", "assign", ASSIGNMENT, *options, "--dry-run")
    assigned = social(
        course, url, "reviews", "assign", ASSIGNMENT, *options, "--reason", "a test looks"
    )
    assert tried["output_hash"] == assigned["output_hash"]
    group = {name: number // 3 for number, name in enumerate(STUDENTS)}
    pairs = [tuple(pair) for pair in assigned["pairs"]]
    assert Counter(r for r, _ in pairs) == dict.fromkeys(STUDENTS, 3)
    assert Counter(a for _, a in pairs) == dict.fromkeys(STUDENTS, 3)
    assert not [pair for pair in pairs if group[pair[0]] == group[pair[1]]]
    assert not [pair for pair in pairs if pair[::-1] in pairs]
    assert social(course, url, "reviews", "verify", ASSIGNMENT)["holds"]
    log = social(course, url, "audit")["entries"]
    assert [e["data"]["reason"] for e in log if e["kind"] == "identity.revealed"] == [
        "a test looks"
    ]


def copies_for_peers(course: Path, url: str) -> list[tuple[str, Any]]:
    """(author, notebook) of every anonymous copy, as peers will get it."""
    from jupyter_social.core import pseudonyms

    app = open_application(CourseFolder(course), url)
    try:

        def read(tx: Any) -> list[tuple[str, Any]]:
            names = pseudonyms.owner_names(tx, app.course, ASSIGNMENT)
            return [
                (names[unit], json.loads(data))
                for unit, version in store.latest(tx, app.course, ASSIGNMENT).items()
                for data in store.anonymous_notebooks(tx, version.id).values()
            ]

        return app.database.read(read)
    finally:
        app.close()


def handed_in_text(course: Path, username: str) -> str:
    folder = course / "submitted" / username / ASSIGNMENT
    return "".join(
        json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False)
        for path in folder.glob("*.ipynb")
    )


def texts(notebook: Any) -> list[tuple[str, str]]:
    """All texts of a notebook with where they stand: code, markdown, output."""
    found = []
    for cell in notebook["cells"]:
        kind = "code" if cell["cell_type"] == "code" else "markdown"
        found.append((kind, "".join(cell["source"])))
        found += [("output", json.dumps(o, ensure_ascii=False)) for o in cell.get("outputs", [])]
    return found


def test_the_database_stays_in_the_course_folder(course: Path) -> None:
    social(course, "", "roster", "import", "roster.csv")
    assert (course / STATE_FOLDER / DATABASE_FILE).is_file()
