"""Deadlines: half-open to the microsecond, in every zone, on every day when clocks change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from builders import Classroom
from hypothesis import given, settings
from hypothesis import strategies as st
from nightly import times

from jupyter_social.authoring.schemas import CourseToml, RubricToml, build_course, exists_once
from jupyter_social.core.course import Assignment, Switch
from jupyter_social.core.membership import active_members
from jupyter_social.core.people import PersonId
from jupyter_social.core.phases import Deadlines, Phase, deadlines, extend, extensions, is_past
from jupyter_social.reviews.rounds.rules import next_by_deadline

TICK = timedelta(microseconds=1)
ZONES = sorted(zone for zone in available_timezones() if not zone.startswith(("posix/", "right/")))
ORDER = (Phase.SET_UP, Phase.SUBMISSION, Phase.REVIEW, Phase.RELEASED)
KINDS = ("opens", "due", "review_due", "closes")


def wall(year: int, month: int, day: int) -> datetime:
    """Midnight as walls show it, in no zone."""
    return datetime(year, month, day, tzinfo=UTC).replace(tzinfo=None)


instants = st.datetimes(wall(1990, 1, 2), wall(2200, 12, 30)).map(
    lambda when: when.replace(tzinfo=UTC)
)


@cache
def changes_of(zone: str, year: int) -> tuple[datetime, ...]:
    """The days of a year (as midnights) on which the clocks of a zone change."""
    days = (wall(year, 1, 1) + timedelta(days=day) for day in range(365))
    there = ZoneInfo(zone)
    return tuple(
        day
        for day in days
        if day.replace(tzinfo=there).utcoffset()
        != (day + timedelta(days=1)).replace(tzinfo=there).utcoffset()
    )


@st.composite
def walls(draw: st.DrawFn) -> tuple[str, datetime]:
    """A zone and a time on its walls, on a day when its clocks change if there is any."""
    zone, year = draw(st.sampled_from(ZONES)), draw(st.integers(1995, 2037))
    day = draw(st.sampled_from(changes_of(zone, year) or (wall(year, 3, 29),)))
    return zone, datetime.combine(day, draw(st.times().map(lambda at: at.replace(tzinfo=None))))


def due_of(zone: str, shown: datetime) -> datetime:
    """The instant of a deadline, as course.toml is read."""
    tables = {
        "course": {"name": "c", "title": "C", "timezone": zone},
        "assignments": {"ps1": {"title": "First", "due": shown}},
    }
    course = build_course(CourseToml.model_validate(tables), RubricToml())
    due = course.assignment("ps1").due
    assert due is not None
    return due


@given(walls())
@settings(deadline=None, max_examples=times(400))
def test_a_deadline_is_half_open_to_the_microsecond_in_every_zone(case: tuple[str, Any]) -> None:
    due = due_of(*case)
    assert [is_past(due, due + by) for by in (-TICK, timedelta(0), TICK)] == [False, True, True]


@given(walls())
@settings(deadline=None, max_examples=times(400))
def test_a_time_on_the_wall_is_the_instant_when_the_wall_shows_it(case: tuple[str, Any]) -> None:
    zone, shown = case
    due, there = due_of(zone, shown), ZoneInfo(zone)
    assert due.utcoffset() == timedelta(0)
    if exists_once(shown, there):
        assert due.astimezone(there).replace(tzinfo=None) == shown
    elif due.astimezone(there).replace(tzinfo=None) == shown:
        later = shown.replace(tzinfo=there, fold=1).astimezone(UTC)
        assert due <= later, "of two such times the first counts"
    else:
        skipped = abs(due.astimezone(there).replace(tzinfo=None) - shown)
        assert skipped <= timedelta(days=1), "a time that never was is next to the gap"


@given(walls(), st.integers(-14 * 60, 14 * 60))
@settings(deadline=None, max_examples=times(100))
def test_a_time_with_an_offset_of_its_own_is_that_instant(
    case: tuple[str, Any], minutes: int
) -> None:
    zone, shown = case
    offset = timedelta(minutes=minutes)
    given_ = datetime.fromisoformat(
        f"{shown.isoformat()}{'+' if minutes >= 0 else '-'}{clock(offset)}"
    )
    assert due_of(zone, given_) == shown.replace(tzinfo=UTC) - offset


def clock(offset: timedelta) -> str:
    return (wall(2000, 1, 1) + abs(offset)).strftime("%H:%M")


def test_the_zones_of_the_world_have_days_of_change_and_are_tried() -> None:
    assert len(ZONES) > 400
    assert changes_of("Europe/Berlin", 2026) == (wall(2026, 3, 29), wall(2026, 10, 25))


# --- what a deadline asks for --------------------------------------------------------------------


@given(st.lists(instants, min_size=4, max_size=4, unique=True), st.data())
@settings(deadline=None, max_examples=times(200))
def test_a_phase_ends_at_its_own_deadline_and_at_no_other(dates: Any, data: st.DataObject) -> None:
    assignment = Assignment(
        "a", "A", release=Switch.DEADLINE, **dict(zip(KINDS, dates, strict=True))
    )
    number = data.draw(st.integers(0, 3))
    deadline = dates[number]
    after = (*ORDER, Phase.CLOSED)[number + 1]
    for by, expected in ((-TICK, None), (timedelta(0), after), (TICK, after)):
        assert next_by_deadline(assignment, ORDER[number], deadline + by) is expected


@pytest.mark.parametrize("phase", ORDER)
def test_by_hand_and_without_a_date_nothing_ends_by_itself(phase: Phase) -> None:
    far = datetime(2300, 1, 1, tzinfo=UTC)
    dates = dict.fromkeys(KINDS, datetime(2026, 1, 1, tzinfo=UTC))
    by_hand = Assignment("a", "A", switch=Switch.HAND, release=Switch.HAND, **dates)
    assert next_by_deadline(by_hand, phase, far) is None
    without = Assignment("a", "A", switch=Switch.DEADLINE, release=Switch.DEADLINE)
    assert next_by_deadline(without, phase, far) is None
    by_itself = replace(by_hand, switch=Switch.DEADLINE, release=Switch.DEADLINE)
    assert next_by_deadline(by_itself, phase, far) is not None


def test_what_is_closed_stays_closed() -> None:
    dates = dict.fromkeys(KINDS, datetime(2026, 1, 1, tzinfo=UTC))
    assignment = Assignment("a", "A", release=Switch.DEADLINE, **dates)
    assert next_by_deadline(assignment, Phase.CLOSED, datetime(2300, 1, 1, tzinfo=UTC)) is None


# --- extensions -----------------------------------------------------------------------------------


@pytest.fixture
def room(a_course: Callable[..., Classroom], database_url: str) -> Classroom:
    return a_course(database_url).with_students(4, groups_of=2)


@pytest.fixture
def people(room: Classroom) -> list[PersonId]:
    found = room.app.database.read(lambda tx: active_members(tx, room.app.course))
    return [found[name].person for name in room.students]


def of(room: Classroom, *who: PersonId) -> Deadlines:
    assignment = room.app.files.course.assignment("ps1")
    return room.app.database.read(lambda tx: deadlines(tx, room.app.course, assignment, who))


def give(room: Classroom, who: PersonId, **dates: datetime | None) -> None:
    given_ = {"due": None, "review_due": None, **dates}
    room.app.database.write(lambda tx: extend(tx, room.app.course, "ps1", who, **given_))


def of_class(room: Classroom) -> Deadlines:
    assignment = room.app.files.course.assignment("ps1")
    return Deadlines(assignment.due, assignment.review_due)


def test_an_extension_is_for_one_person_and_one_date(
    room: Classroom, people: list[PersonId]
) -> None:
    later = of_class(room).due + timedelta(days=1)
    give(room, people[0], due=later)
    assert of(room, people[0]) == Deadlines(later, of_class(room).review_due)
    assert of(room, people[1]) == of_class(room)
    assert of(room) == of_class(room)


def test_a_group_has_the_latest_deadline_that_any_of_it_has(
    room: Classroom, people: list[PersonId]
) -> None:
    first, second = (of_class(room).due + timedelta(days=days) for days in (1, 2))
    give(room, people[0], due=second)
    give(room, people[1], due=first, review_due=of_class(room).review_due + TICK)
    for group in (people[:2], people[1::-1], people):
        assert of(room, *group) == Deadlines(second, of_class(room).review_due + TICK)
    assert of(room, *people[2:]) == of_class(room)


def test_an_extension_takes_the_place_of_the_one_before(
    room: Classroom, people: list[PersonId]
) -> None:
    give(room, people[0], due=of_class(room).due + timedelta(days=5))
    give(room, people[0], review_due=of_class(room).review_due + timedelta(days=1))
    assert of(room, people[0]).due == of_class(room).due
    given_ = room.app.database.read(lambda tx: extensions(tx, room.app.course, "ps1"))
    assert given_ == {people[0]: (None, of_class(room).review_due + timedelta(days=1))}


def test_an_extension_never_makes_a_deadline_earlier_and_no_deadline_is_the_latest(
    room: Classroom, people: list[PersonId]
) -> None:
    give(room, people[0], due=of_class(room).due - timedelta(days=1))
    assert of(room, people[0]) == of_class(room)
    course, open_ = room.app.course, Assignment("ps1", "Without a date")
    found = room.app.database.read(lambda tx: deadlines(tx, course, open_, people))
    assert found == Deadlines(None, None)


def test_an_instant_comes_back_from_the_database_to_the_microsecond(
    room: Classroom, people: list[PersonId]
) -> None:
    for by in (-TICK, timedelta(0), TICK):
        later = of_class(room).due + timedelta(days=1) + by
        give(room, people[0], due=later.astimezone(ZoneInfo("Asia/Kathmandu")))
        due = of(room, people[0]).due
        assert due == later
        assert [is_past(due, later + tick) for tick in (-TICK, TICK)] == [False, True]
