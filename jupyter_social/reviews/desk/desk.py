"""What lies on a reviewer's desk: read once at the beginning of each of their acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jupyter_social.core.course import Assignment
from jupyter_social.core.errors import NOTHING_HERE, Conflict, NotFound, NotNow
from jupyter_social.core.operations import Act
from jupyter_social.core.owners import my_owner, my_unit
from jupyter_social.core.people import UnitId
from jupyter_social.core.phases import Phase, deadlines, is_past, phase_of
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.desk import store
from jupyter_social.reviews.desk.rules import EntryKind
from jupyter_social.reviews.desk.store import Entry, Review
from jupyter_social.reviews.desk.views import ReviewState
from jupyter_social.reviews.store import Task

_READING = (Phase.REVIEW, Phase.RELEASED, Phase.CLOSED)


@dataclass(frozen=True)
class Desk:
    """One reviewer's tasks in one assignment.

    `given_away` are authors by the ids of tasks that somebody else has now, `standing` the
    submission that stands of each unit.
    """

    assignment: Assignment
    unit: UnitId
    phase: Phase
    due: datetime | None
    is_open: bool = False
    tasks: Mapping[str, Task] = field(default_factory=dict)
    given_away: Mapping[str, UnitId] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    standing: Mapping[UnitId, str] = field(default_factory=dict)

    def find(self, review: str) -> None:
        """Refuse an id that is none of this reviewer's, as if it did not exist."""
        if review not in self.tasks and review not in self.given_away:
            raise NotFound(NOTHING_HERE)

    def author(self, review: str) -> UnitId:
        """Return whose work it is."""
        if review in self.tasks:
            return self.tasks[review].author
        return self.given_away[review]

    def state(self, review: str) -> ReviewState:
        """Return how far the review is."""
        entry = self.entries.get(review)
        if entry is not None and entry.kind is EntryKind.SUBMITTED:
            return ReviewState.SUBMITTED
        if review in self.reviews:
            return ReviewState.DRAFT
        if self.author(review) not in self.standing:
            return ReviewState.NOT_NEEDED
        return ReviewState.OPEN

    def begun(self, review: str) -> Review:
        """Return the review that begins now, bound to the version of the work that stands."""
        author = self.author(review)
        if author not in self.standing:
            raise Conflict("This work was taken back by its author: there is nothing to review.")
        return Review(review, author, self.standing[author], reviewer=self.unit)

    def notebooks(self, act: Act, review: str) -> dict[str, bytes]:
        """Return the notebooks of the work as peers get them."""
        submission = self.submission(review)
        return {} if submission is None else act.hand_ins.anonymous_notebooks(act.tx, submission)

    def submission(self, review: str) -> str | None:
        """Return the version of the work that is reviewed: that with which the review began."""
        if review in self.reviews:
            return self.reviews[review].submission
        return self.standing.get(self.author(review))

    def listed(self) -> list[str]:
        """Return the ids of what is to do or was done, in an order that tells nothing."""
        return sorted({*self.tasks, *self.reviews})


def desk_of(act: Act, assignment: Assignment) -> Desk:
    """Read the actor's desk; empty before the review phase, and for who never handed in."""
    name = assignment.name
    phase = phase_of(act.tx, act.course, name)
    unit = my_unit(act, assignment)
    if phase not in _READING or unit is None:
        return Desk(assignment, UnitId(""), phase, assignment.review_due)
    tasks = allocation.tasks_of(act.tx, act.course, name, unit)
    given_away = store.given_away(act.tx, act.course, name, unit)
    mine = {*tasks, *given_away}
    people = [author.person for author in my_owner(act, assignment.by).authors]
    due = deadlines(act.tx, act.course, assignment, people).review_due
    return Desk(
        assignment=assignment,
        unit=unit,
        phase=phase,
        due=due,
        is_open=phase is Phase.REVIEW and not is_past(due, act.clock.now()),
        tasks=tasks,
        given_away=given_away,
        reviews=store.reviews_by(act.tx, mine),
        entries=store.entries(act.tx, mine),
        standing=act.hand_ins.standing(act.tx, act.course, name),
    )


def refuse_unless_open(desk: Desk) -> None:
    """Refuse changes to reviews outside their time."""
    if desk.phase is not Phase.REVIEW:
        raise NotNow("The reviews of this assignment are closed, so this one stays as it is.")
    if not desk.is_open:
        raise NotNow(
            "The time for reviews is over. Your draft is kept; if something held you up, ask your "
            "teacher for more time."
        )
