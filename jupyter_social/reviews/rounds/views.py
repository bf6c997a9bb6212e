"""The round as staff plan it and as a student goes through it."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime

from jupyter_social.core.phases import Phase
from jupyter_social.core.views import View
from jupyter_social.reviews.marks.views import FeedbackState


class MyRounds(View):
    """Asks where one's assignments stand."""


class MyRound(View):
    """Where one assignment stands for oneself, and what to do next."""

    assignment: str
    title: str
    phase: Phase
    due: datetime | None
    review_due: datetime | None
    handed_in: bool
    reviews_done: int
    reviews_expected: int
    feedback: FeedbackState
    next_step: str


class MyRoundsShown(View):
    """All assignments that are open or were, in order of their deadlines."""

    course: str
    title: str
    rounds: list[MyRound]
    practice: str | None


class ShowRound(View):
    """Asks staff's planner of an assignment."""

    assignment: str


class PlannerTask(View):
    """One thing to do in a phase; `how` is the command that does it."""

    phase: Phase
    what: str
    done: bool
    count: int | None = None
    of: int | None = None
    how: str = ""


class ExtensionRow(View):
    """Somebody's later deadlines."""

    username: str
    due: datetime | None
    review_due: datetime | None


class RoundShown(View):
    """The planner: where the round stands and what is to be done in each phase."""

    assignment: str
    title: str
    phase: Phase
    opens: datetime | None
    due: datetime | None
    review_due: datetime | None
    closes: datetime | None
    tasks: list[PlannerTask]
    extensions: list[ExtensionRow]
    paused: bool
    notes: list[str]
    practice: str | None


class SwitchPhase(View):
    """Switches the phase of an assignment by hand."""

    assignment: str
    phase: Phase


class ExtendDeadline(View):
    """Gives somebody more time, in place of what they were given before."""

    assignment: str
    username: str
    due: AwareDatetime | None = None
    review_due: AwareDatetime | None = None
