"""`check` finds what would break a course, and says in which file and line."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from builders import as_bytes, code, notebook

from jupyter_social.authoring.check import check_course
from jupyter_social.authoring.findings import Finding, Severity
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.authoring.templates import create_course, templates
from jupyter_social.core.clock import SystemClock

COURSE = """\
[course]
name = "testing"
title = "Testing"
timezone = "Europe/Berlin"

[assignments.ps1]
title = "First"
due = 2026-01-16T23:59:00
review_due = 2026-01-23T23:59:00
"""
RUBRIC = """\
[[assignments.ps1.criteria]]
key = "clear"
title = "Is it clear?"
levels = [{ points = 0, title = "no" }, { points = 2, title = "yes" }]

[[assignments.ps1.criteria]]
key = "right"
title = "Is it right?"
grade_id = "q1"
levels = [{ points = 0, title = "no" }, { points = 1.5, title = "yes" }]
"""
ROSTER = """\
username,name,email,role,group
ada,Ada,ada@engine.test,student,one
"""


_numbers = itertools.count(1)


def graded(grade_id: object, points: object = 2, **more: Any) -> dict[str, Any]:
    mark = {"grade_id": grade_id, "grade": True, "solution": False, "points": points, **more}
    return code("assert answer == 42", id=f"cell-{next(_numbers)}", nbgrader=mark)


class Course:
    """A course folder without a fault, until a test puts one in."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("course.toml", COURSE)
        self.write("rubric.toml", RUBRIC)
        self.write("roster.csv", ROSTER)
        self.notebook("ps1/work", graded("q1"), graded("q2"))

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def notebook(self, name: str, *cells: Any) -> Path:
        text = json.dumps(notebook(*cells), indent=1)
        return self.write(f"source/{name}.ipynb", text)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def findings(self) -> list[Finding]:
        return check_course(CourseFolder(self.root))

    def finding(self) -> tuple[str, int | None, str]:
        """The one finding there is."""
        (found,) = self.findings()
        return str(found.file), found.line, found.message

    def line_of(self, name: str, text: str, *, nth: int = 1) -> int:
        lines = (self.root / name).read_text().splitlines()
        return [number for number, line in enumerate(lines, start=1) if text in line][nth - 1]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path)


def test_a_course_without_a_fault_has_no_finding(course: Course) -> None:
    assert course.findings() == []


@pytest.mark.parametrize("template", sorted(templates()))
def test_the_templates_of_the_program_have_nothing_but_example_people(
    tmp_path: Path, template: str
) -> None:
    folder = tmp_path / "course"
    create_course(folder, template, today=SystemClock().now().date())
    found = check_course(CourseFolder(folder))
    assert [f.severity for f in found] == [Severity.WARNING]
    assert "example people" in found[0].message


@pytest.mark.parametrize("name", ["course.toml", "rubric.toml"])
def test_broken_toml_is_told_with_its_line(course: Course, name: str) -> None:
    course.edit(name, "title =", "title")
    file, line, message = course.finding()
    assert (file, line) == (name, course.line_of(name, "title "))
    assert message.startswith("This is not valid TOML: ")


@pytest.mark.parametrize(
    ("name", "old", "new", "needle", "says"),
    [
        ("course.toml", "due =", "du =", "du =", "assignments.ps1.du is not a setting"),
        ("course.toml", 'title = "F', 'titel = "F', "titel", "titel is not a setting"),
        ("course.toml", "[course]", "[curse]", "[curse]", "curse is not a setting"),
        ("course.toml", "Europe/Berlin", "Europe/Atlantis", "Atlantis", "is not a time zone"),
        ("course.toml", '"testing"', '"test ing"', "test ing", "use letters, digits, dashes"),
        ("course.toml", 'title = "First"', 'title = ""', 'title = ""', "ps1.title: "),
        ("course.toml", '"First"', '"First"\nby = "pair"', 'by = "pair"', "ps1.by: "),
        ("course.toml", "2026-01-16T23:59:00", '"soon"', '"soon"', "ps1.due: "),
        ("course.toml", "2026-01-16T23:59:00", "7", "due = 7", "ps1.due: "),
        ("rubric.toml", 'key = "clear"', 'key = "so clear"', "so clear", "use letters"),
        ("rubric.toml", 'grade_id = "q1"', 'grade = "q1"', 'grade = "q1"', "is not a setting"),
        ("rubric.toml", "points = 1.5", "points = 1.555", "1.555", "at most two decimals"),
        ("rubric.toml", "points = 1.5", "points = -1", "points = -1", "greater than"),
        ("rubric.toml", "points = 1.5", "points = nan", "points = nan", "points"),
        ("rubric.toml", ', { points = 1.5, title = "yes" }', "", 'title = "no" }]', "levels: "),
    ],
)
def test_a_wrong_setting_is_told_with_its_line(
    course: Course, name: str, old: str, new: str, needle: str, says: str
) -> None:
    course.edit(name, old, new)
    found = [(str(f.file), f.line, says in f.message) for f in course.findings()]
    assert (name, course.line_of(name, needle), True) in found


def test_a_missing_setting_is_told(course: Course) -> None:
    course.edit("course.toml", 'timezone = "Europe/Berlin"\n', "")
    file, line, message = course.finding()
    assert (file, line) == ("course.toml", course.line_of("course.toml", "[course]"))
    assert message == "course.timezone is missing."


def test_a_date_that_no_calendar_has_is_told_with_its_line(course: Course) -> None:
    course.edit("course.toml", "2026-01-16", "2026-02-30")
    assert course.finding()[:2] == ("course.toml", course.line_of("course.toml", "2026-02-30"))


@pytest.mark.parametrize(
    "when", ["0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"], ids=["first", "last"]
)
def test_a_date_at_the_end_of_all_calendars_is_told(course: Course, when: str) -> None:
    course.edit("course.toml", "2026-01-16T23:59:00", when)
    found = course.findings()
    assert any(f.line == course.line_of("course.toml", when) for f in found)


@pytest.mark.parametrize(
    "when", ["2026-03-29T02:30:00", "2026-10-25T02:30:00"], ids=["gap", "twice"]
)
def test_a_time_that_the_clocks_skip_or_repeat_is_told(course: Course, when: str) -> None:
    course.edit("course.toml", "review_due = 2026-01-23T23:59:00", f"review_due = {when}")
    file, line, message = course.finding()
    assert (file, line) == ("course.toml", course.line_of("course.toml", when))
    assert "does not exist once in Europe/Berlin" in message


@pytest.mark.parametrize(
    "when", ["2026-10-25T02:30:00+01:00", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00"]
)
def test_a_time_with_its_offset_is_clear(course: Course, when: str) -> None:
    course.edit("course.toml", "review_due = 2026-01-23T23:59:00", f"review_due = {when}")
    assert course.findings() == []


def test_reviews_that_are_due_before_the_work_are_told(course: Course) -> None:
    course.edit("course.toml", "2026-01-23", "2026-01-15")
    file, line, message = course.finding()
    assert (file, line) == ("course.toml", course.line_of("course.toml", "review_due"))
    assert "review_due is not later than due" in message


def test_without_a_due_date_there_is_a_warning(course: Course) -> None:
    course.edit("course.toml", "due = 2026-01-16T23:59:00\nreview_", "review_")
    (found,) = course.findings()
    assert (found.severity, found.line) == (
        Severity.WARNING,
        course.line_of("course.toml", "[assignments.ps1]"),
    )


def test_a_grade_id_used_twice_in_a_notebook_is_told_where_it_is_repeated(course: Course) -> None:
    course.notebook("ps1/work", graded("q1"), graded("q2"), graded("q1"))
    name = "source/ps1/work.ipynb"
    found = course.findings()
    assert {str(f.file) for f in found} == {name}
    assert all("'q1' is used more than once" in f.message for f in found)
    assert course.line_of(name, '"grade_id": "q1"', nth=2) in [f.line for f in found]


def test_a_grade_id_used_in_two_notebooks_is_told(course: Course) -> None:
    course.notebook("ps1/zz-second", graded("q2"))
    file, line, message = course.finding()
    name = "source/ps1/zz-second.ipynb"
    assert (file, line) == (name, course.line_of(name, '"grade_id": "q2"'))
    assert "'q2' is used more than once" in message


def test_the_same_grade_id_in_two_assignments_is_fine(course: Course) -> None:
    course.edit(
        "course.toml",
        "[assign",
        '[assignments.ps2]\ntitle = "B"\ndue = 2026-02-01T00:00:00\n\n[assign',
    )
    course.notebook("ps2/other", graded("q1"))
    assert course.findings() == []


def test_negative_points_are_told(course: Course) -> None:
    course.notebook("ps1/work", graded("q1"), graded("q2", points=-1))
    file, line, message = course.finding()
    name = "source/ps1/work.ipynb"
    assert (file, line) == (name, course.line_of(name, '"grade_id": "q2"'))
    assert "negative points" in message


@pytest.mark.parametrize("points", ["two", None, [2]])
def test_points_that_are_no_number_are_told(course: Course, points: object) -> None:
    course.notebook("ps1/work", graded("q1"), graded("q2", points=points))
    name = "source/ps1/work.ipynb"
    assert course.finding()[:2] == (name, course.line_of(name, '"grade_id": "q2"'))


@pytest.mark.parametrize("grade_id", [7, None, ""])
def test_a_graded_cell_without_a_usable_grade_id_is_told(course: Course, grade_id: object) -> None:
    course.notebook("ps1/work", graded("q1"), graded(grade_id))
    assert course.finding()[0] == "source/ps1/work.ipynb"


def test_an_unknown_grade_id_in_the_rubric_is_told(course: Course) -> None:
    course.edit("rubric.toml", 'grade_id = "q1"', 'grade_id = "q9"')
    file, line, message = course.finding()
    assert (file, line) == ("rubric.toml", course.line_of("rubric.toml", "q9"))
    assert message == "ps1, right: no notebook of the assignment has the grade_id 'q9'."


def test_an_unknown_notebook_in_the_rubric_is_told(course: Course) -> None:
    course.edit("rubric.toml", 'grade_id = "q1"', 'notebook = "play"')
    file, line, message = course.finding()
    assert (file, line) == ("rubric.toml", course.line_of("rubric.toml", "play"))
    assert "has no notebook 'play'" in message


def test_a_criterion_tied_to_both_is_told(course: Course) -> None:
    course.edit("rubric.toml", 'grade_id = "q1"', 'grade_id = "q1"\nnotebook = "work"')
    file, line, message = course.finding()
    assert (file, line) == ("rubric.toml", course.line_of("rubric.toml", "notebook ="))
    assert "not to both" in message


def test_a_key_used_twice_is_told_at_the_second(course: Course) -> None:
    course.edit("rubric.toml", 'key = "right"', 'key = "clear"')
    file, line, message = course.finding()
    assert (file, line) == ("rubric.toml", course.line_of("rubric.toml", '"clear"', nth=2))
    assert "this key is used twice" in message


@pytest.mark.parametrize(
    ("points", "says"), [("0", "two levels have the same"), ("-0.0", "two levels have the same")]
)
def test_levels_with_the_same_points_are_told(course: Course, points: str, says: str) -> None:
    course.edit("rubric.toml", "points = 2", f"points = {points}")
    file, line, message = course.finding()
    assert (file, line) == ("rubric.toml", 4)
    assert says in message


def test_levels_that_fall_are_told(course: Course) -> None:
    course.edit("rubric.toml", "points = 0", "points = 5")
    file, line, message = course.finding()
    assert (file, line) == ("rubric.toml", 4)
    assert "must rise" in message


def test_a_rubric_of_an_unknown_assignment_is_told(course: Course) -> None:
    course.edit("course.toml", "[assignments.ps1]", "[assignments.ps7]")
    course.notebook("ps7/work", graded("q1"))
    file, line, message = course.finding()
    assert (file, line) == ("rubric.toml", 1)
    assert "course.toml has no assignment 'ps1'" in message


def test_an_assignment_without_a_notebook_is_told(course: Course) -> None:
    (course.root / "source/ps1/work.ipynb").unlink()
    course.edit("rubric.toml", 'grade_id = "q1"\n', "")
    file, line, message = course.finding()
    assert (file, line) == ("course.toml", course.line_of("course.toml", "[assignments.ps1]"))
    assert message == "ps1 has no notebook in source/ps1."


@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b"[]",
        b'{"nbformat": 3, "worksheets": []}',
        b"[" * 200_000,
        as_bytes(notebook("x")).replace(b'"x"', b"NaN"),
    ],
    ids=["text", "list", "3.x", "deep", "NaN"],
)
def test_a_broken_notebook_is_told_and_the_others_are_read(course: Course, content: bytes) -> None:
    course.write("source/ps1/broken.ipynb", content)
    course.notebook("ps1/zz", graded("q2"))
    found = course.findings()
    assert [str(f.file) for f in found] == ["source/ps1/broken.ipynb", "source/ps1/zz.ipynb"]
    assert [f.severity for f in found] == [Severity.ERROR] * 2


def test_a_folder_or_dangling_link_named_like_a_notebook_is_told(course: Course) -> None:
    (course.root / "source/ps1/folder.ipynb").mkdir()
    (course.root / "source/ps1/link.ipynb").symlink_to("nowhere.ipynb")
    found = {str(f.file) for f in course.findings()}
    assert found == {"source/ps1/folder.ipynb", "source/ps1/link.ipynb"}


def test_each_bad_line_of_the_roster_is_told(course: Course) -> None:
    course.write("roster.csv", ROSTER + "ada,Again,,student,\nbob,Bob,,king,\n")
    assert [(str(f.file), f.line) for f in course.findings()] == [
        ("roster.csv", 3),
        ("roster.csv", 4),
    ]


def test_without_a_roster_or_a_student_there_is_a_warning(course: Course) -> None:
    course.write("roster.csv", ROSTER.replace("student", "instructor"))
    (found,) = course.findings()
    assert (found.severity, str(found.file)) == (Severity.WARNING, "roster.csv")
    (course.root / "roster.csv").unlink()
    (found,) = course.findings()
    assert (found.severity, found.message) == (Severity.WARNING, "There is no roster yet.")


def test_group_work_of_students_without_a_group_is_a_warning(course: Course) -> None:
    course.edit("course.toml", 'title = "First"', 'title = "First"\nby = "group"')
    assert course.findings() == []
    course.write("roster.csv", ROSTER + "bob,Bob,,student,\n")
    (found,) = course.findings()
    assert found.severity is Severity.WARNING
    assert found.line == course.line_of("course.toml", 'by = "group"')
    assert "1 students in roster.csv have none" in found.message


def test_all_faults_are_told_at_once_in_order_of_file_and_line(course: Course) -> None:
    course.edit("course.toml", "2026-01-23", "2026-01-15")
    course.edit("rubric.toml", "points = 1.5", "points = 1.555")
    course.write("roster.csv", ROSTER + "bob,Bob,,king,\n")
    places = [(str(f.file), f.line or 0) for f in course.findings()]
    assert places == sorted(places)
    assert {file for file, _ in places} == {"course.toml", "rubric.toml", "roster.csv"}


@pytest.mark.parametrize(
    "content",
    ["x = " + "[" * 100_000, "x = " + "{a=" * 10_000, "\xe4".encode("latin-1"), "x" * 1_000_001],
    ids=["deep list", "deep table", "latin-1", "too large"],
)
@pytest.mark.parametrize("name", ["course.toml", "rubric.toml"])
def test_a_file_that_is_no_use_at_all_is_told(
    course: Course, name: str, content: str | bytes
) -> None:
    course.write(name, content)
    (found,) = [f for f in course.findings() if f.severity is Severity.ERROR]
    assert str(found.file) == name
