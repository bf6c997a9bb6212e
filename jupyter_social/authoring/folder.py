"""The course folder: found from anywhere below it, and read afresh each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jupyter_social.authoring.findings import Finding, InvalidFiles
from jupyter_social.authoring.schemas import CourseToml, RubricToml, build_course
from jupyter_social.authoring.toml_file import TomlFile, read_toml
from jupyter_social.core.course import Course, NotebookTemplate
from jupyter_social.core.errors import NotFound

COURSE_FILE = Path("course.toml")
RUBRIC_FILE = Path("rubric.toml")
ROSTER_FILE = Path("roster.csv")
SOURCE = Path("source")
RELEASE = Path("release")

Model = TypeVar("Model", bound=BaseModel)


def find_course_folder(start: Path) -> Path:
    """Return the nearest folder at or above `start` that holds `course.toml`, as git does."""
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / COURSE_FILE).is_file():
            return folder
    raise NotFound(
        "There is no course.toml here or in a folder above. Go to your course folder, or start a "
        "course: jupyter social init DIR --template peer-review-lab."
    )


class CourseFolder:
    """A course on disk; `course` raises `InvalidFiles` where its files cannot be used."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._course: Course | None = None

    @property
    def course(self) -> Course:
        """The course as `course.toml` and `rubric.toml` describe it, read once."""
        if self._course is None:
            files = parse(read_toml(self.root / COURSE_FILE, COURSE_FILE), CourseToml)
            self._course = build_course(files, self._rubric())
        return self._course

    def notebooks(self, assignment: str) -> tuple[NotebookTemplate, ...]:
        """The instructor's notebooks of an assignment, by name; a broken one counts as empty."""
        folder = self.source(assignment)
        if folder is None:
            return ()
        return tuple(
            NotebookTemplate(path.stem, frozenset(grade_ids(path)))
            for path in sorted(folder.glob("*.ipynb"))
        )

    def source(self, assignment: str) -> Path | None:
        """The folder with the instructor's version, or the released one where that is missing."""
        for kind in (SOURCE, RELEASE):
            folder = self.root / kind / assignment
            if folder.is_dir():
                return folder
        return None

    def _rubric(self) -> RubricToml:
        if not (self.root / RUBRIC_FILE).exists():
            return RubricToml()
        return parse(read_toml(self.root / RUBRIC_FILE, RUBRIC_FILE), RubricToml)


def parse(file: TomlFile, model: type[Model]) -> Model:
    """Turn a TOML file into its shape, or raise `InvalidFiles` with a line for each mistake."""
    try:
        return model.model_validate(file.data, strict=False)
    except ValidationError as error:
        raise InvalidFiles(_told(file, details) for details in error.errors()) from None


def grade_ids(path: Path) -> Iterator[str]:
    """Yield the grade ids of a notebook's cells; nothing where it cannot be read."""
    try:
        cells = json.loads(path.read_bytes())["cells"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    for cell in cells if isinstance(cells, list) else ():
        found = nbgrader_metadata(cell).get("grade_id")
        if isinstance(found, str):
            yield found


def nbgrader_metadata(cell: Any) -> dict[str, Any]:
    """Return a cell's nbgrader metadata, empty where it has none."""
    try:
        found = cell["metadata"]["nbgrader"]
    except (KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _told(file: TomlFile, details: ErrorDetails) -> Finding:
    key = details["loc"]
    name = ".".join(str(part) for part in key if part != "[key]")
    match details["type"]:
        case "extra_forbidden":
            message = f"{name} is not a setting that jupyter_social knows. Is it a typo?"
        case "missing":
            message = f"{name} is missing."
        case "value_error":
            message = f"{name}: {details['ctx']['error']}."
        case "string_pattern_mismatch":
            message = f"{name}: use letters, digits, dashes and underscores only."
        case _:
            message = f"{name}: {details['msg'][:1].lower()}{details['msg'][1:]}."
    return Finding(file.path, file.line(key), message)
