"""Marks go into nbgrader's gradebook, and stay there: a whole round of a real nbgrader course.

A teacher releases with nbgrader, students hand in through its exchange and are autograded; peers
review what is graded by hand, and their marks land in the gradebook that nbgrader exports.
"""

from __future__ import annotations

import csv
import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import BIN, Done, run
from nbgrader.api import Gradebook
from quickstart_class import ASSIGNMENT, PEOPLE, STUDENTS, build, nbgrader, succeed, tools_on_path

from jupyter_social.app import Application, open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.config import Storage
from jupyter_social.core.membership import Caller
from jupyter_social.operations import OPERATIONS

pytestmark = pytest.mark.timeout(900)

SMALL_CLASS = STUDENTS[:4]
COURSE = """\
[course]
name = "course101"
title = "Problems"
timezone = "Europe/Berlin"

[assignments.ps1]
title = "Problem set 1"
due = 2190-01-16T23:59:00
review_due = 2190-01-23T23:59:00
"""
TASK = "cell-938593c4a215c6cc"
LEVELS = 'levels = [{ points = 0, title = "Not yet" }, { points = 4, title = "Yes" }]'
TIED = {"describes": "part-a", "reasons": "part-b", "gives-cases": "part-b",
        "applies": "sum_of_squares_application", "tested": "correct_squares"}  # fmt: skip
RUBRIC = "".join(
    f'[[assignments.ps1.criteria]]\nkey = "{key}"\ntitle = "{key}"\ngrade_id = "{cell}"\n'
    f"{LEVELS}\n\n"
    for key, cell in TIED.items()
) + (
    '[[assignments.ps1.criteria]]\nkey = "whole"\ntitle = "The whole"\n'
    f'gradebook = "{TASK}"\n{LEVELS}\n\n'
    '[[assignments.ps1.criteria]]\nkey = "style"\ntitle = "Style"\n'
    f"{LEVELS}\n"
)
GIVEN = {"describes": 4, "reasons": 4, "gives-cases": 0, "applies": 4, "tested": 0,
         "whole": 4, "style": 4}  # fmt: skip
WANTED = {"part-a": 1.0, "part-b": 1.0, "sum_of_squares_application": 2.0, TASK: 4.0}
ASKED = {operation.name: operation for operation in OPERATIONS}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after the reviews: handed in, autograded, imported, reviewed, released."""
    directory = tmp_path_factory.mktemp("marks-out")
    root = build(directory, SMALL_CLASS)
    autograde(root)
    (root / "course.toml").write_text(COURSE)
    (root / "rubric.toml").write_text(RUBRIC)
    lines = [f"{name},{PEOPLE[name]},,student," for name in SMALL_CLASS]
    (root / "roster.csv").write_text(
        "\n".join(["username,name,email,role,group", *lines, "terry,Terry,,instructor,", ""])
    )
    typed("check", root)
    typed("roster import roster.csv", root)
    typed("round switch ps1 submission", root)
    typed("submissions import ps1", root)
    typed("round switch ps1 review", root)
    typed("reviews assign ps1 --reviews 3 --seed 7", root)
    review_by_file(root, SMALL_CLASS[0])
    review_by_operations(root)
    typed("reviews release ps1 --yes", root)
    return root


def typed(line: str, root: Path, code: int = 0) -> Done:
    done = run(*line.split(), cwd=root)
    assert done.code == code, done
    return done


def autograde(root: Path) -> None:
    """`nbgrader autograde ps1 --force`, student by student."""
    with tools_on_path():
        teacher = nbgrader(root.parent, student="*")
        for student in SMALL_CLASS:
            succeed(teacher.autograde(ASSIGNMENT, student, force=True, create=True))


def review_by_file(root: Path, name: str) -> None:
    """Write the first review of somebody as a file, as a student would."""
    review = run("reviews", "show", "ps1", "--as", name, "--json", cwd=root).json["reviews"][0]
    typed(f"reviews show ps1 {review['review']} --as {name} --output desk", root)
    assert sorted(path.name for path in (root / "desk").glob("*.ipynb")) == [
        "problem1.ipynb",
        "problem2.ipynb",
    ]
    file = root / "desk" / "review.toml"
    text = file.read_text()
    for key, points in GIVEN.items():
        text = text.replace(f"[criteria.{key}]\n# points =   #", f"[criteria.{key}]\npoints = "
                            f"{points}  #")  # fmt: skip
    file.write_text(text)
    typed(f"reviews submit ps1 --file desk/review.toml --as {name}", root)


def ask(app: Application, operation: str, who: str, **fields: Any) -> Any:
    found = ASKED[operation]
    return app.perform(found, found.body.model_validate(fields), caller=Caller(who))


def review_by_operations(root: Path) -> None:
    with closing(open_application(CourseFolder(root), Storage().url(root))) as app:
        for name in SMALL_CLASS:
            for row in ask(app, "reviews.mine", name, assignment="ps1").reviews:
                if row.state != "submitted":
                    sent = {"review": row.review, "version": 0, "body": {"scores": GIVEN}}
                    ask(app, "reviews.submit", name, assignment="ps1", **sent)


def scores(root: Path) -> dict[str, dict[str, float | None]]:
    """The manual scores of everybody, by cell."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.manual_score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.manual_score is not None
            }
            for submission in gradebook.assignment_submissions("ps1")
        }


def waiting(root: Path) -> set[str]:
    """The cells that formgrader shows as still to be graded."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            grade.name
            for submission in gradebook.assignment_submissions("ps1")
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.needs_manual_grade
        }


def exported(root: Path) -> dict[str, float]:
    """What `nbgrader export` writes: the score of each student."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = [BIN / "nbgrader", "export", "--to=grades.csv"]
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    with (root / "grades.csv").open() as file:
        return {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}


def test_marks_land_in_the_gradebook_and_stay(course: Path) -> None:
    before = exported(course)
    everybody = dict.fromkeys(SMALL_CLASS, WANTED)

    tried = typed("reviews export ps1 --gradebook --dry-run", course)
    assert "16 scores would be written" in tried.out
    assert scores(course) == {name: {} for name in SMALL_CLASS}

    done = typed("reviews export ps1 --gradebook", course)
    assert "16 scores written" in done.out
    assert "correct_squares is graded by the autograder" in done.out
    assert "style goes nowhere" in done.out
    assert "For practice" in done.out
    assert scores(course) == everybody
    assert waiting(course) <= {"sum_of_squares_equation"}
    after = exported(course)
    assert {name: after[name] - before[name] for name in SMALL_CLASS} == dict.fromkeys(
        SMALL_CLASS, sum(WANTED.values())
    )

    autograde(course)
    assert scores(course) == everybody, "the autograder keeps what was graded by hand"
    assert exported(course) == after
    assert waiting(course) >= set(WANTED) - {TASK}, "but asks for another look at most"
    typed("reviews export ps1 --gradebook", course)
    assert waiting(course) <= {"sum_of_squares_equation"}
    again = typed("reviews export ps1 --gradebook --json", course).json
    assert {score["outcome"] for score in again["gradebook"]["scores"]} == {"unchanged"}

    work = run("reviews", "marks", "ps1", "--json", cwd=course).json["marks"][0]["work"]
    typed(f"reviews override ps1 {work} --points describes=1 --reason checked", course)
    changed = typed("reviews export ps1 --gradebook --json", course).json
    outcomes = [score["outcome"] for score in changed["gradebook"]["scores"]]
    assert outcomes.count("written") == 1
    assert sorted(found["part-a"] for found in scores(course).values()) == [0.25, 1, 1, 1]


def test_somebody_the_gradebook_does_not_know_is_told_and_the_rest_is_done(course: Path) -> None:
    roster = course / "roster.csv"
    name = SMALL_CLASS[1]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.remove_student(name)
    done = run("reviews", "export", "ps1", "--gradebook", "--csv", "marks.csv", cwd=course)
    assert done.code == 1
    assert f"The gradebook does not know the student {name}." in done.out
    assert set(scores(course)) == set(SMALL_CLASS) - {name}
    with (course / "marks.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["username"] for row in rows] == sorted(SMALL_CLASS)
    assert all(row["reviews"] == "3" for row in rows)
    assert roster.exists()
