"""Writes marks into nbgrader's gradebook, as a teacher would in formgrader.

A mark goes to a cell that is graded by hand: its manual score, with a comment that says where it
comes from. What the autograder or a person has scored is left alone; a score counts as ours while
the comment beside it names it. nbgrader is imported where it is needed, it takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from jupyter_social.core.errors import Conflict, NotFound, Unavailable

FILE_NAME = "gradebook.db"
SAID = "Peer review: "
CELL_GRADED_BY_CODE = "code"


class Outcome(StrEnum):
    """What came of one score."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    NO_MARK = "no mark yet"
    BY_HAND = "graded by hand"


@dataclass(frozen=True)
class Part:
    """One criterion: its most points, and the graded cell that takes its mark (None: none)."""

    key: str
    most: float
    cell: str | None


@dataclass(frozen=True)
class Points:
    """One person's unrounded points by criterion; None where there are none yet."""

    username: str
    by_key: Mapping[str, float | None]


@dataclass(frozen=True)
class Score:
    """One person's score in one cell, as it was and as it is now."""

    username: str
    notebook: str
    cell: str
    before: float | None
    after: float | None
    most: float
    outcome: Outcome


@dataclass
class Written:
    """What came of writing: the scores, what is worth knowing, and what could not be done."""

    scores: list[Score] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    """A cell of the gradebook and the criteria whose sum it takes."""

    cell: Any
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        return str(self.cell.name)

    @property
    def notebook(self) -> str:
        return str(self.cell.notebook.name)

    @property
    def most(self) -> float:
        return float(self.cell.max_score)


def gradebook_url(course_folder: Path) -> str:
    """Return the URL of a course folder's gradebook; raises `NotFound` where there is none."""
    file = course_folder / FILE_NAME
    if not file.is_file():
        raise NotFound(
            f"There is no {FILE_NAME} in {course_folder}. nbgrader makes it: nbgrader "
            "generate_assignment, later nbgrader autograde. If it is elsewhere, name it with "
            "--gradebook-url."
        )
    return f"sqlite:///{file}"


def write_marks(
    url: str, assignment: str, parts: Sequence[Part], people: Sequence[Points], *, dry_run: bool
) -> Written:
    """Write everybody's marks into the gradebook, all in one transaction.

    What cannot be done is told in the answer, and everything else is done.
    """
    done = Written()
    with _opened(url) as gradebook:
        places = list(_places(gradebook, assignment, parts, done))
        for person in people:
            if any(points is not None for points in person.by_key.values()):
                _write_person(gradebook, assignment, places, person, done)
        if dry_run:
            gradebook.db.rollback()
        else:
            gradebook.db.commit()
    return done


@contextmanager
def _opened(url: str) -> Iterator[Any]:
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with Gradebook(url, course_id="") as gradebook:
            yield gradebook
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise Unavailable(
            f"The gradebook cannot be used: {cause}. Nothing was written into it."
        ) from None


def _places(
    gradebook: Any, assignment: str, parts: Sequence[Part], done: Written
) -> Iterator[_Place]:
    from nbgrader.api import MissingEntry

    try:
        known = gradebook.find_assignment(assignment)
    except MissingEntry:
        raise Conflict(
            f"The gradebook has no assignment {assignment!r}. First: nbgrader generate_assignment "
            f"{assignment}"
        ) from None
    by_cell: dict[str, list[Part]] = {}
    for part in parts:
        if part.cell is None:
            done.notes.append(
                f"{part.key} goes nowhere: in rubric.toml say gradebook = "
                '"grade_id" to name a cell that takes it.'
            )
        else:
            by_cell.setdefault(part.cell, []).append(part)
    for name, here in by_cell.items():
        place = _place(known, name, tuple(here), done)
        if place is not None:
            yield place


def _place(assignment: Any, name: str, parts: tuple[Part, ...], done: Written) -> _Place | None:
    cells = [
        (notebook, cell)
        for notebook in assignment.notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
        if cell.name == name
    ]
    keys = ", ".join(part.key for part in parts)
    if len(cells) != 1:
        what = "no graded cell" if not cells else "more than one graded cell"
        done.problems.append(f"The gradebook has {what} {name!r}: {keys} is not written.")
        return None
    notebook, cell = cells[0]
    by_hand = {cell.name for cell in (*notebook.solution_cells, *notebook.task_cells)}
    if cell.cell_type == CELL_GRADED_BY_CODE and name not in by_hand:
        done.notes.append(
            f"{name} is graded by the autograder, and its score stays: {keys} is not written."
        )
        return None
    if not sum(part.most for part in parts):
        done.notes.append(f"{name}: the criteria bring no points, so nothing is written.")
        return None
    return _Place(cell, parts)


def _write_person(
    gradebook: Any, assignment: str, places: Sequence[_Place], person: Points, done: Written
) -> None:
    from nbgrader.api import MissingEntry

    try:
        gradebook.find_student(person.username)
    except MissingEntry:
        done.problems.append(f"The gradebook does not know the student {person.username}.")
        return
    for place in places:
        try:
            score = _write_score(gradebook, assignment, place, person)
        except MissingEntry:
            done.problems.append(
                f"The gradebook has no submission {place.notebook}.ipynb of {person.username}. "
                f"First: nbgrader autograde {assignment}"
            )
            continue
        done.scores.append(score)
        if score.outcome is Outcome.BY_HAND:
            done.notes.append(
                f"{person.username}, {place.name}: somebody gave {_shown(score.before)} in the "
                "gradebook; that stays. Take the score out there to have it written."
            )


def _write_score(gradebook: Any, assignment: str, place: _Place, person: Points) -> Score:
    where = (place.name, place.notebook, assignment, person.username)
    grade = gradebook.find_grade(*where)
    comment = gradebook.find_comment(*where)
    before = grade.manual_score
    kept, said = _split(comment.manual_comment)
    after = scaled(place.parts, person.by_key, place.most)
    if before is not None and not said.startswith(_said(before, place.most)):
        return _score(place, person, before, before, Outcome.BY_HAND)
    if after is None and before is None:
        return _score(place, person, None, None, Outcome.NO_MARK)
    text = "" if after is None else _comment(place, person, after)
    wanted = (after, after is None, "\n\n".join(filter(None, (kept, text))) or None)
    if wanted == (before, grade.needs_manual_grade, comment.manual_comment):
        return _score(place, person, before, after, Outcome.UNCHANGED)
    grade.manual_score, grade.needs_manual_grade, comment.manual_comment = wanted
    return _score(place, person, before, after, Outcome.WRITTEN)


def scaled(parts: Sequence[Part], points: Mapping[str, float | None], most: float) -> float | None:
    """Return the sum of the criteria's points in proportion to a cell's most, rounded once.

    None where a criterion has no points yet: half a mark would look like a bad one.
    """
    given = [points.get(part.key) for part in parts]
    known = [Decimal(repr(value)) for value in given if value is not None]
    whole = sum(Decimal(repr(part.most)) for part in parts)
    if len(known) < len(given) or not whole:
        return None
    share = sum(known, Decimal()) * Decimal(repr(most)) / whole
    return float(share.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN))


def _score(
    place: _Place, person: Points, before: float | None, after: float | None, outcome: Outcome
) -> Score:
    return Score(person.username, place.notebook, place.name, before, after, place.most, outcome)


def _split(comment: str | None) -> tuple[str, str]:
    """Return what a person wrote, and what we wrote below it."""
    kept, mark, said = (comment or "").rpartition(SAID)
    return (kept.rstrip(), mark + said) if mark else (said, "")


def _comment(place: _Place, person: Points, after: float) -> str:
    parts = ", ".join(
        f"{part.key} {_shown(person.by_key.get(part.key))} of {_shown(part.most)}"
        for part in place.parts
    )
    return f"{_said(after, place.most)} ({parts})."


def _said(score: float, most: float) -> str:
    return f"{SAID}{_shown(score)} of {_shown(most)} points"


def _shown(points: float | None) -> str:
    if points is None:
        return "none"
    rounded = Decimal(repr(points)).quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
    return f"{rounded.normalize():f}"
