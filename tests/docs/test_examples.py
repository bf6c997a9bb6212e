"""The examples of the course files are read by the readers that read a teacher's files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from builders import as_bytes, code, notebook
from documents import DOCS, blocks
from pydantic import BaseModel

from jupyter_social.authoring.check import check_course
from jupyter_social.authoring.conflicts_file import read_conflicts
from jupyter_social.authoring.findings import errors
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.authoring.review_file import (
    AnswerTable,
    CommentTable,
    ReviewToml,
    read_review,
)
from jupyter_social.authoring.roster_file import COLUMNS, read_roster
from jupyter_social.authoring.schemas import (
    AssignmentTable,
    CourseTable,
    CriterionTable,
    LevelTable,
)
from jupyter_social.core.course import HandInBy
from jupyter_social.core.people import Role

PAGE = DOCS / "reference" / "course-files.md"
EXAMPLES = {"course.toml", "rubric.toml", "roster.csv", "conflicts.csv", "review.toml"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course folder made of the page's examples, with the notebooks they speak of."""
    for block in blocks(PAGE):
        if "example" in block.marks:
            (tmp_path / block.marks["example"]).write_text(block.text, encoding="utf-8")
    claim = code("", id="claim", nbgrader={"grade_id": "ps1-claim", "grade": True, "points": 4})
    for assignment, name in (("ps1", "analysis"), ("report", "report")):
        source = tmp_path / "source" / assignment
        source.mkdir(parents=True)
        content = notebook(claim) if assignment == "ps1" else notebook("1 + 1")
        (source / f"{name}.ipynb").write_bytes(as_bytes(content))
    return tmp_path


def test_there_is_an_example_of_every_file(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} >= EXAMPLES


def test_the_example_course_would_not_break(folder: Path) -> None:
    assert errors(check_course(CourseFolder(folder))) == []


def test_the_example_course_is_what_the_page_says(folder: Path) -> None:
    course = CourseFolder(folder).course
    assert course.assignments["ps1"].by is HandInBy.PERSON
    assert course.assignments["report"].by is HandInBy.GROUP
    due = course.assignments["ps1"].due
    assert due is not None
    assert due.isoformat() == "2026-11-20T22:59:00+00:00"
    evidence, readable = course.assignments["ps1"].criteria
    assert (evidence.grade_id, readable.notebook) == ("ps1-claim", "analysis")
    assert [level.points for level in evidence.levels] == [0, 250, 400]


def test_the_example_roster_is_read(folder: Path) -> None:
    people = read_roster(folder / "roster.csv")
    assert [person.role for person in people].count(Role.STUDENT) == 3
    assert people[-1].identity.name == "O'Neill, Sam"


def test_the_example_conflicts_name_people_of_the_roster(folder: Path) -> None:
    pairs = read_conflicts(folder / "conflicts.csv")
    names = {person.identity.username for person in read_roster(folder / "roster.csv")}
    assert pairs
    assert {name for pair in pairs for name in pair} <= names


def test_the_example_review_fits_the_rubric(folder: Path) -> None:
    review = read_review(folder / "review.toml")
    rubric = CourseFolder(folder).course.assignments["ps1"].criteria
    assert set(review.criteria) == {criterion.key for criterion in rubric}
    assert review.comments[0].notebook == "analysis.ipynb"


@pytest.mark.parametrize(
    "table",
    [
        CourseTable,
        AssignmentTable,
        CriterionTable,
        LevelTable,
        ReviewToml,
        AnswerTable,
        CommentTable,
    ],
)
def test_every_setting_is_on_the_page(table: type[BaseModel]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`(?:\w+\.)?(\w+)`", text))
    assert set(table.model_fields) - named == set()


def test_every_roster_column_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"| `{name}` |" not in text] == []
