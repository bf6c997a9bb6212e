"""The shapes of `course.toml` and `rubric.toml`: closed, so that a typo is found, not ignored."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from jupyter_social.core.course import (
    Assignment,
    Course,
    Criterion,
    HandInBy,
    Level,
    MarkPolicy,
    Switch,
)

FIRST_YEAR, LAST_YEAR = 1990, 2200
MAX_REVIEWS = 100


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone; write one such as Europe/Berlin")
    return name


def _of_our_time(when: datetime) -> datetime:
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise ValueError(f"the year is between {FIRST_YEAR} and {LAST_YEAR}")
    return when


def _in_hundredths(points: Decimal) -> Decimal:
    if points != round(points, 2):
        raise ValueError("points have at most two decimals")
    return points


Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Prose = Annotated[str, StringConstraints(max_length=4000)]
Points = Annotated[Decimal, Field(strict=False, ge=0, le=10_000), AfterValidator(_in_hundredths)]


Deadline = Annotated[datetime, Field(strict=True), AfterValidator(_of_our_time)]


class Closed(BaseModel):
    """A table of a file: unknown keys are refused, so that a typo is found."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class CourseTable(Closed):
    """`[course]`."""

    name: Slug
    title: Line
    timezone: Annotated[str, AfterValidator(_known_zone)]
    language: Slug = "en"


class AssignmentTable(Closed):
    """`[assignments.NAME]`."""

    title: Line
    by: HandInBy = HandInBy.PERSON
    opens: Deadline | None = None
    due: Deadline | None = None
    review_due: Deadline | None = None
    closes: Deadline | None = None
    switch: Switch = Switch.DEADLINE
    release: Switch = Switch.HAND
    reviews: Annotated[int, Field(strict=True, ge=1, le=MAX_REVIEWS)] | None = None
    marks: MarkPolicy = MarkPolicy.MEDIAN
    graded: Annotated[bool, Field(strict=True)] = False


class CourseToml(Closed):
    """`course.toml` as a whole."""

    course: CourseTable
    assignments: dict[Slug, AssignmentTable] = {}


class LevelTable(Closed):
    """One entry of a criterion's `levels`."""

    points: Points
    title: Line
    description: Prose = ""


class CriterionTable(Closed):
    """`[[assignments.NAME.criteria]]`."""

    key: Slug
    title: Line
    description: Prose = ""
    grade_id: Line | None = None
    notebook: Line | None = None
    gradebook: Line | None = None
    levels: Annotated[list[LevelTable], Field(min_length=2, max_length=20)]


class RubricTable(Closed):
    """`[assignments.NAME]` of the rubric."""

    criteria: Annotated[list[CriterionTable], Field(min_length=1, max_length=50)]


class RubricToml(Closed):
    """`rubric.toml` as a whole."""

    assignments: dict[Slug, RubricTable] = {}


def build_course(files: CourseToml, rubric: RubricToml) -> Course:
    """Return the course that the two files describe; local times are read in its time zone."""
    zone = ZoneInfo(files.course.timezone)
    return Course(
        name=files.course.name,
        title=files.course.title,
        timezone=zone,
        language=files.course.language,
        assignments={
            name: Assignment(
                name=name,
                title=table.title,
                by=table.by,
                opens=to_utc(table.opens, zone),
                due=to_utc(table.due, zone),
                review_due=to_utc(table.review_due, zone),
                closes=to_utc(table.closes, zone),
                switch=table.switch,
                release=table.release,
                reviews=table.reviews,
                marks=table.marks,
                graded=table.graded,
                criteria=_criteria(rubric.assignments.get(name)),
            )
            for name, table in files.assignments.items()
        },
    )


def to_utc(when: datetime | None, zone: ZoneInfo) -> datetime | None:
    """Return the instant in UTC; without an offset it is a time on the wall in `zone`."""
    if when is None:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def exists_once(when: datetime, zone: ZoneInfo) -> bool:
    """Tell whether this wall-clock time happens exactly once in the zone (no change of clocks)."""
    if when.tzinfo is not None:
        return True
    first, second = (when.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first.utcoffset() == second.utcoffset()


def _criteria(table: RubricTable | None) -> tuple[Criterion, ...]:
    if table is None:
        return ()
    return tuple(
        Criterion(
            key=criterion.key,
            title=criterion.title,
            description=criterion.description,
            grade_id=criterion.grade_id,
            notebook=criterion.notebook,
            gradebook=criterion.gradebook,
            levels=tuple(
                Level(int(level.points * 100), level.title, level.description)
                for level in criterion.levels
            ),
        )
        for criterion in table.criteria
    )
