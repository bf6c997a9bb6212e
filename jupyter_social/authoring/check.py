"""What would break a course, found before a student does: with file and line.

Errors are what a command would refuse or nbgrader would trip over; warnings are what a teacher
would want to know before releasing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jupyter_social.authoring.findings import Finding, InvalidFiles, Severity
from jupyter_social.authoring.folder import (
    COURSE_FILE,
    ROSTER_FILE,
    RUBRIC_FILE,
    SOURCE,
    CourseFolder,
    nbgrader_metadata,
    parse,
)
from jupyter_social.authoring.roster_file import read_roster
from jupyter_social.authoring.schemas import (
    AssignmentTable,
    CourseToml,
    CriterionTable,
    RubricToml,
    exists_once,
    to_utc,
)
from jupyter_social.authoring.toml_file import TomlFile, read_toml
from jupyter_social.core.course import HandInBy
from jupyter_social.core.errors import Problem
from jupyter_social.core.notebooks import read_notebook
from jupyter_social.core.people import Role, RosterEntry

DEADLINES = ("opens", "due", "review_due", "closes")
EXAMPLE_HOST = "@example.org"
_GRADE_ID = re.compile(r'"grade_id"\s*:')


@dataclass(frozen=True)
class Cell:
    """What a check needs to know of a notebook's cell."""

    file: Path
    line: int | None
    grade_id: str | None
    points: float | None
    is_graded: bool


def check_course(folder: CourseFolder) -> list[Finding]:
    """Return everything that would break the course in this folder, errors and warnings."""
    findings: list[Finding] = []
    files, course_file = _read(folder, COURSE_FILE, CourseToml, findings)
    rubric, rubric_file = RubricToml(), None
    if (folder.root / RUBRIC_FILE).exists():
        found, rubric_file = _read(folder, RUBRIC_FILE, RubricToml, findings)
        rubric = found or rubric
    roster = _read_roster(folder, findings)
    if files is not None and course_file is not None:
        findings += _course(folder, files, course_file, roster)
        if rubric_file is not None:
            findings += _rubric(folder, files, rubric, rubric_file)
    return sorted(findings, key=lambda found: (found.file, found.line or 0, found.message))


def _read(
    folder: CourseFolder, name: Path, model: type[Any], findings: list[Finding]
) -> tuple[Any, TomlFile | None]:
    try:
        file = read_toml(folder.root / name, name)
        return parse(file, model), file
    except InvalidFiles as refused:
        findings += refused.findings
        return None, None


def _read_roster(folder: CourseFolder, findings: list[Finding]) -> tuple[RosterEntry, ...]:
    if not (folder.root / ROSTER_FILE).exists():
        findings.append(_warning(ROSTER_FILE, None, "There is no roster yet."))
        return ()
    try:
        entries = read_roster(folder.root / ROSTER_FILE, ROSTER_FILE)
    except InvalidFiles as refused:
        findings += refused.findings
        return ()
    findings += _roster(entries)
    return entries


def _roster(entries: tuple[RosterEntry, ...]) -> Iterator[Finding]:
    if not any(entry.role is Role.STUDENT for entry in entries):
        yield _warning(ROSTER_FILE, None, "There is no student in the roster yet.")
    if any(entry.identity.email.endswith(EXAMPLE_HOST) for entry in entries):
        yield _warning(
            ROSTER_FILE, None, "The example people are still in it: put your class here."
        )


def _course(
    folder: CourseFolder, files: CourseToml, file: TomlFile, roster: tuple[RosterEntry, ...]
) -> Iterator[Finding]:
    if not files.assignments:
        yield _warning(COURSE_FILE, None, "There is no assignment yet: add [assignments.NAME].")
    for name, assignment in files.assignments.items():
        yield from _dates(files, name, assignment, file)
        yield from _source(folder, name, file)
        if assignment.by is HandInBy.GROUP:
            yield from _groups(name, file, roster)


def _dates(
    files: CourseToml, name: str, assignment: AssignmentTable, file: TomlFile
) -> Iterator[Finding]:
    zone = ZoneInfo(files.course.timezone)
    for key in DEADLINES:
        when = getattr(assignment, key)
        if when is not None and not exists_once(when, zone):
            line = file.line(("assignments", name, key))
            text = f"{name}: {when:%Y-%m-%d %H:%M} does not exist once in {zone.key}: the clocks "
            yield Finding(file.path, line, text + "change then. Write it with its offset, or Z.")
    given = [(key, to_utc(getattr(assignment, key), zone)) for key in DEADLINES]
    known = [(key, when) for key, when in given if when is not None]
    for (before, earlier), (after, later) in pairwise(known):
        if later <= earlier:
            line = file.line(("assignments", name, after))
            yield Finding(file.path, line, f"{name}: {after} is not later than {before}.")
    if assignment.due is None:
        line = file.line(("assignments", name))
        yield _warning(file.path, line, f"{name} has no due date.")


def _groups(name: str, file: TomlFile, roster: tuple[RosterEntry, ...]) -> Iterator[Finding]:
    alone = [e for e in roster if e.role is Role.STUDENT and e.group is None]
    if alone:
        line = file.line(("assignments", name, "by"))
        yield _warning(
            file.path,
            line,
            f"{name} is handed in by groups, and {len(alone)} students in roster.csv have none.",
        )


def _source(folder: CourseFolder, name: str, file: TomlFile) -> Iterator[Finding]:
    source = folder.root / SOURCE / name
    paths = sorted(source.glob("*.ipynb"))
    if not paths:
        line = file.line(("assignments", name))
        yield Finding(file.path, line, f"{name} has no notebook in {SOURCE / name}.")
    seen: set[str] = set()
    for path in paths:
        findings, cells = _notebook(path, path.relative_to(folder.root))
        yield from findings
        for cell in cells:
            yield from _cell_findings(cell, seen)


def _cell_findings(cell: Cell, seen: set[str]) -> Iterator[Finding]:
    if cell.grade_id is None:
        if cell.is_graded:
            yield Finding(cell.file, cell.line, "A graded cell has no usable grade_id.")
        return
    if cell.grade_id in seen:
        yield Finding(
            cell.file, cell.line, f"The grade_id {cell.grade_id!r} is used more than once."
        )
    seen.add(cell.grade_id)
    if not cell.is_graded:
        return
    if cell.points is None:
        yield Finding(cell.file, cell.line, f"The points of {cell.grade_id} are not a number.")
    elif cell.points < 0:
        yield Finding(cell.file, cell.line, f"{cell.grade_id} has negative points.")


def _notebook(path: Path, shown: Path) -> tuple[list[Finding], list[Cell]]:
    try:
        data = path.read_bytes()
        notebook = read_notebook(data)
    except OSError as error:
        return [Finding(shown, None, f"It cannot be read: {error.strerror}.")], []
    except Problem as refused:
        return [Finding(shown, None, refused.detail)], []
    text = data.decode("utf-8-sig", errors="replace")
    findings = [_warning(shown, None, f"{note}") for note in notebook.notes]
    lines = _grade_id_lines(text)
    return findings, [_cell(cell, lines, shown) for cell in json.loads(text)["cells"]]


def _grade_id_lines(text: str) -> Iterator[int]:
    """Yield the lines on which a grade_id stands, in order of the cells."""
    for number, line in enumerate(text.splitlines(), start=1):
        for _ in _GRADE_ID.findall(line):
            yield number


def _cell(cell: dict[str, Any], lines: Iterator[int], shown: Path) -> Cell:
    nbgrader = nbgrader_metadata(cell)
    grade_id, points = nbgrader.get("grade_id"), nbgrader.get("points", 0)
    is_number = isinstance(points, int | float) and not isinstance(points, bool)
    return Cell(
        file=shown,
        line=next(lines, None) if "grade_id" in nbgrader else None,
        grade_id=grade_id if isinstance(grade_id, str) and grade_id else None,
        points=float(points) if is_number else None,
        is_graded=bool(nbgrader.get("grade")),
    )


def _rubric(
    folder: CourseFolder, files: CourseToml, rubric: RubricToml, file: TomlFile
) -> Iterator[Finding]:
    for name, table in rubric.assignments.items():
        if name not in files.assignments:
            line = file.line(("assignments", name, "criteria", 0))
            yield Finding(file.path, line, f"course.toml has no assignment {name!r}.")
            continue
        notebooks = {template.name: template for template in folder.notebooks(name)}
        known = {grade_id for found in notebooks.values() for grade_id in found.grade_ids}
        seen: set[str] = set()
        for index, criterion in enumerate(table.criteria):
            problems = list(_criterion(criterion, set(notebooks), known))
            if criterion.key in seen:
                problems.append(("key", "this key is used twice."))
            seen.add(criterion.key)
            for key, message in problems:
                line = file.line(("assignments", name, "criteria", index, key))
                yield Finding(file.path, line, f"{name}, {criterion.key}: {message}")


def _criterion(
    criterion: CriterionTable, notebooks: set[str], grade_ids: set[str]
) -> Iterator[tuple[str, str]]:
    if criterion.grade_id and criterion.notebook:
        yield "notebook", "tie it to a grade_id or to a notebook, not to both."
    if criterion.grade_id and criterion.gradebook:
        yield "gradebook", "its mark goes to its grade_id; leave gradebook out."
    for key in ("grade_id", "gradebook"):
        named = getattr(criterion, key)
        if named and named not in grade_ids:
            yield key, f"no notebook of the assignment has the grade_id {named!r}."
    if criterion.notebook and criterion.notebook not in notebooks:
        yield "notebook", f"the assignment has no notebook {criterion.notebook!r}."
    points = [level.points for level in criterion.levels]
    if len(set(points)) != len(points):
        yield "levels", "two levels have the same points."
    if points != sorted(points):
        yield "levels", "the levels' points must rise from the first to the last."


def _warning(file: Path, line: int | None, message: str) -> Finding:
    return Finding(file, line, message, Severity.WARNING)
