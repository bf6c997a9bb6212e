"""A round for the tests of its commands: six students, a rubric, dates far ahead."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import Any

from builders import as_bytes, code, notebook
from command_line import run

from jupyter_social.app import Application, open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.config import Storage
from jupyter_social.core.membership import Caller
from jupyter_social.operations import OPERATIONS

NAMES = ("ada", "bob", "cyd", "dan", "eve", "fay")
ROSTER = (
    "username,name,email,role,group\n"
    + "".join(
        f"{name},{name.title()} Last{name},{name}@uni.test,student,g{index // 3}\n"
        for index, name in enumerate(NAMES)
    )
    + "terry,Terry Teacher,terry@uni.test,instructor,\nhel,Hel Per,,assistant,\n"
)
COURSE = """\
[course]
name = "testing"
title = "Testing"
timezone = "Europe/Berlin"

[assignments.ps1]
title = "First"
due = 2190-01-16T23:59:00
review_due = 2190-01-23T23:59:00
"""
RUBRIC = """\
[[assignments.ps1.criteria]]
key = "clear"
title = "Clear"
description = "Could you follow it?"
grade_id = "q1"
levels = [
  { points = 0, title = "Not yet" }, { points = 2, title = "Mostly" }, { points = 4, title = "Yes" }
]

[[assignments.ps1.criteria]]
key = "whole"
title = "The whole"
levels = [{ points = 0, title = "Not yet" }, { points = 1.5, title = "Yes" }]
"""
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def work(text: str) -> bytes:
    return as_bytes(notebook(code(text, id="q1", nbgrader={"grade_id": "q1"})))


def make(root: Path) -> Path:
    """The files of the course, each student's work among them in `home/NAME/`."""
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "course.toml").write_text(COURSE)
    (root / "rubric.toml").write_text(RUBRIC)
    (root / "roster.csv").write_text(ROSTER)
    (root / "source" / "ps1" / "work.ipynb").write_bytes(work("answer = 42"))
    for name in NAMES:
        (root / "home" / name).mkdir(parents=True)
        text = f"# {name.title()} Last{name}\nx = {len(name)}"
        (root / "home" / name / "work.ipynb").write_bytes(work(text))
    assert run("roster", "import", "roster.csv", cwd=root).code == 0
    return root


def handed_in(root: Path) -> Path:
    """The submission phase, with everybody's work in it."""
    assert run("round", "switch", "ps1", "submission", cwd=root).code == 0
    with closing(application(root)) as app:
        for name in NAMES:
            content = (root / "home" / name / "work.ipynb").read_bytes()
            files = [{"name": "work.ipynb", "content": content}]
            seen = ask(app, "submissions.preview", name, assignment="ps1", files=files)
            ask(app, "submissions.hand-in", name, assignment="ps1", preview=seen.preview)
    return root


def in_review(root: Path) -> Path:
    """The review phase, two reviews each."""
    handed_in(root)
    assert run("round", "switch", "ps1", "review", cwd=root).code == 0
    assert run("reviews", "assign", "ps1", "--reviews", "2", "--seed", "7", cwd=root).code == 0
    return root


def reviewed(root: Path) -> Path:
    """All reviews are submitted."""
    in_review(root)
    with closing(application(root)) as app:
        for name in NAMES:
            for row in ask(app, "reviews.mine", name, assignment="ps1").reviews:
                body = {"scores": {"clear": 4, "whole": 1.5}, "remarks": {"clear": "Well told."}}
                sent = {"assignment": "ps1", "review": row.review, "version": 0, "body": body}
                ask(app, "reviews.submit", name, **sent)
    return root


def released(root: Path) -> Path:
    """The feedback is out."""
    reviewed(root)
    assert run("reviews", "release", "ps1", "--yes", cwd=root).code == 0
    return root


def application(root: Path) -> Application:
    return open_application(CourseFolder(root), Storage().url(root))


def ask(app: Application, operation: str, who: str | None, **fields: Any) -> Any:
    found = BY_NAME[operation]
    return app.perform(found, found.body.model_validate(fields), caller=Caller(who))


def named(text: str) -> list[str]:
    """The students that a text names, as whole words."""
    return re.findall(rf"(?<![\w-])(?:{'|'.join(NAMES)})(?![\w-])|Last\w+", text)


def late(root: Path) -> None:
    """Let all the deadlines have passed."""
    course = root / "course.toml"
    course.write_text(course.read_text().replace("2190-", "2020-"))


def first_review(root: Path, name: str) -> str:
    listed = run("reviews", "show", "ps1", "--as", name, "--json", cwd=root).json
    review: str = listed["reviews"][0]["review"]
    return review


def first_work(root: Path) -> str:
    found: str = run("reviews", "marks", "ps1", "--json", cwd=root).json["marks"][0]["work"]
    return found
