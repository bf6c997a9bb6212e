"""A class at work, and beside it a small model of what must be allowed to whom and when.

Each method of `Play` asks one thing of the program, as one person, and holds the outcome against
the model, which knows deadlines and phases by rules of its own; then every invariant is asked. An
act is refused with a `Problem` or done: any other exception is a bug.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from builders import Classroom, SeededRandom, TestClock, as_bytes, code, notebook, student, teacher
from invariants import check_all
from sqlalchemy import select

from jupyter_social.app import open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.core import phases, pseudonyms
from jupyter_social.core.errors import Problem
from jupyter_social.core.membership import Caller
from jupyter_social.core.people import Identity, Role, RosterEntry
from jupyter_social.core.phases import Phase
from jupyter_social.core.tables import metadata
from jupyter_social.exchange import store as hand_ins
from jupyter_social.operations import OPERATIONS
from jupyter_social.roster.views import EntryView

OPS = {operation.name: operation for operation in OPERATIONS}
TEACHER, ASSISTANT = "teacher", "helper"
STUDENTS = 6
TICK = timedelta(microseconds=1)
OPENS, DUE, REVIEW_DUE, CLOSES = (
    datetime(2026, 1, day, 12, tzinfo=UTC) for day in (11, 16, 23, 28)
)
DATES = {"opens": OPENS, "due": DUE, "review_due": REVIEW_DUE, "closes": CLOSES}
COURSE = """\
[course]
name = "workflow"
title = "Workflow"
timezone = "UTC"

[assignments.ps1]
title = "Alone"
{dates}reviews = 2
release = "hand"

[assignments.team]
title = "Together"
by = "group"
{dates}reviews = 1
release = "deadline"
marks = "mean"
"""
BY_HAND = {
    (Phase.SET_UP, Phase.SUBMISSION),
    (Phase.SUBMISSION, Phase.SET_UP),
    (Phase.SUBMISSION, Phase.REVIEW),
    (Phase.REVIEW, Phase.SUBMISSION),
    (Phase.RELEASED, Phase.CLOSED),
    (Phase.CLOSED, Phase.RELEASED),
}
BY_DEADLINE = {
    Phase.SET_UP: ("opens", Phase.SUBMISSION),
    Phase.SUBMISSION: ("due", Phase.REVIEW),
    Phase.REVIEW: ("review_due", Phase.RELEASED),
    Phase.RELEASED: ("closes", Phase.CLOSED),
}
EDGES = (
    {("hand", *edge) for edge in BY_HAND}
    | {("deadline", before, after) for before, (_, after) in BY_DEADLINE.items()}
    | {("release", Phase.REVIEW, Phase.RELEASED), ("take back", Phase.RELEASED, Phase.REVIEW)}
)
"""Every way from one phase to another."""

OUT = (Phase.RELEASED, Phase.CLOSED)
READING = (Phase.REVIEW, *OUT)
MARKING = (Phase.REVIEW, Phase.RELEASED)


@dataclass
class Work:
    """What an owner has handed in last."""

    text: str
    stands: bool = True


@dataclass
class Preview:
    """What an owner has looked at."""

    id: str
    text: str
    taken: bool = False


@dataclass
class Written:
    """A review that has begun: what its draft says, and by which rubric it was submitted."""

    author: str
    body: dict[str, Any]
    version: int = 1
    rubric: dict[str, float] | None = None

    @property
    def submitted(self) -> bool:
        return self.rubric is not None


@dataclass
class Round:
    """What the model knows of one assignment."""

    name: str
    by_deadline: bool
    mean: bool
    phase: Phase = Phase.SET_UP
    due: dict[str, datetime] = field(default_factory=dict)
    review_due: dict[str, datetime] = field(default_factory=dict)
    works: dict[str, Work] = field(default_factory=dict)
    previews: dict[str, Preview] = field(default_factory=dict)
    written: dict[str, Written] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    overrides: dict[str, dict[str, float]] = field(default_factory=dict)
    releases: int = 0
    stands: bool = False
    opened: set[str] = field(default_factory=set)

    @property
    def standing(self) -> set[str]:
        return {owner for owner, work in self.works.items() if work.stands}

    @property
    def anything_submitted(self) -> bool:
        return any(review.submitted for review in self.written.values())

    def counted(self, owner: str) -> dict[str, Written]:
        """The reviews that the mark of an owner comes from."""
        return {
            id: review
            for id, review in self.written.items()
            if review.author == owner and review.submitted and id not in self.hidden
        }


class Play:
    """A course of six students in three groups, a teacher and an assistant, and its model."""

    def __init__(self, folder: Path, url: str, *, seed: int = 0) -> None:
        self.room = a_room(folder, url, seed)
        self.clock = self.room.clock
        self.people = {f"student{i:03d}": f"group-{i // 2}" for i in range(STUDENTS)}
        self.away: set[str] = set()
        self.paused = False
        self.rounds = {"ps1": Round("ps1", False, False), "team": Round("team", True, True)}
        self.edges: set[tuple[str, Phase, Phase]] = set()
        self.checks = True
        self.every, self.writes = 1, 0
        self.last: tuple[str | None, str, dict[str, Any], str] | None = None
        self.keys = 0
        self.roster()

    @property
    def app(self) -> Any:
        return self.room.app

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def students(self) -> list[str]:
        return list(self.people)

    def close(self) -> None:
        self.room.close()

    # --- asking, and looking ---------------------------------------------------------------

    def do(self, who: str | None, name: str, **fields: Any) -> Any:
        """Ask for an operation; returns its answer, or the problem."""
        operation = OPS[name]
        request = operation.body.model_validate(fields)
        caller = Caller(who) if who else Caller()
        self.keys += 1
        key = f"key-{self.keys}" if operation.writes else None
        try:
            answer = self.app.perform(operation, request, caller=caller, key=key)
        except Problem as problem:
            return problem
        if key:
            self.last = (who, name, fields, key)
            self.writes += 1
            if self.checks and self.writes % self.every == 0:
                check_all(self.app)
        return answer

    def must(self, allowed: bool, who: str | None, name: str, **fields: Any) -> Any:
        """Ask, and hold against the model whether it was allowed."""
        answer = self.do(who, name, **fields)
        refused = isinstance(answer, Problem)
        assert refused != allowed, f"{who} {name} {fields} at {self.now}: {answer}"
        return answer

    def everything(self) -> dict[str, list[str]]:
        """All rows of all tables."""

        def read(tx: Any) -> dict[str, list[str]]:
            return {
                name: sorted(map(repr, tx.execute(select(table))))
                for name, table in metadata.tables.items()
            }

        found: dict[str, list[str]] = self.app.database.read(read)
        return found

    def agrees(self) -> None:
        """The phases and the works that stand are those of the model."""

        def read(tx: Any) -> Any:
            known = phases.phases(tx, self.app.course)
            stands = {name: hand_ins.standing(tx, self.app.course, name) for name in self.rounds}
            return known, stands

        known, stands = self.app.database.read(read)
        for name, round in self.rounds.items():
            assert known.get(name, Phase.SET_UP) is round.phase, (name, round.phase, known)
            names = self.owners(name)
            assert {names[unit] for unit in stands[name]} == round.standing

    def owners(self, name: str) -> dict[str, str]:
        found: dict[str, str] = self.app.database.read(
            lambda tx: pseudonyms.owner_names(tx, self.app.course, name)
        )
        return found

    def tasks(self, name: str) -> dict[str, tuple[str, str]]:
        """(reviewer, author) by name of each review that is or was to do, by its id."""
        owners = self.owners(name)

        def read(tx: Any) -> dict[str, tuple[str, str]]:
            return {
                row.id: (owners[row.reviewer], owners[row.author])
                for table in ("given_away_task", "review_task")
                for row in tx.execute(select(metadata.tables[table]))
                if row.assignment == name
            }

        found: dict[str, tuple[str, str]] = self.app.database.read(read)
        return dict(sorted(found.items()))

    def tasks_of(self, name: str, who: str) -> list[str]:
        mine = self.owner(name, who)
        return [id for id, (reviewer, _) in self.tasks(name).items() if reviewer == mine]

    def rubric(self, name: str) -> dict[str, list[float]]:
        """The points to choose from, by criterion."""
        return {
            criterion.key: [level.points / 100 for level in criterion.levels]
            for criterion in self.app.files.course.assignment(name).criteria
        }

    def body(self, name: str, choice: int = 0, text: str = "") -> dict[str, Any]:
        """A whole review; `choice` decides the levels."""
        scores = {
            key: levels[(choice + at) % len(levels)]
            for at, (key, levels) in enumerate(self.rubric(name).items())
        }
        return {"scores": scores, "overall": text}

    # --- the model's rules ----------------------------------------------------------------------

    def may_act(self, who: str) -> bool:
        """Whether a student is here and the course is not paused."""
        return who in self.people and who not in self.away and not self.paused

    def owner(self, name: str, who: str) -> str:
        return self.people[who] if name == "team" else who

    def authors(self, name: str, owner: str) -> list[str]:
        here = [who for who in self.people if who not in self.away]
        return [who for who in here if self.owner(name, who) == owner]

    def due(self, round: Round, owner: str, kind: str = "due") -> datetime:
        extended = getattr(round, kind)
        dates = [extended[w] for w in self.authors(round.name, owner) if w in extended]
        return max([DATES[kind], *dates])

    def may_hand_in(self, round: Round, owner: str) -> bool:
        due = self.due(round, owner)
        if round.phase is Phase.REVIEW:
            return due > DUE and self.now < due and owner not in round.standing
        return round.phase is Phase.SUBMISSION and self.now < due

    def may_review(self, round: Round, owner: str) -> bool:
        return round.phase is Phase.REVIEW and self.now < self.due(round, owner, "review_due")

    def enter(self, round: Round, phase: Phase, how: str) -> None:
        if phase is not round.phase:
            self.edges.add((how, round.phase, phase))
        round.phase = phase

    # --- time, people and files ---------------------------------------------------------------

    def edges_of_time(self) -> list[datetime]:
        """All deadlines of anybody that are yet to come."""
        found = set(DATES.values())
        for round in self.rounds.values():
            found |= {*round.due.values(), *round.review_due.values()}
        return sorted(date for date in found if date + TICK > self.now)

    def go_to(self, when: datetime) -> None:
        assert when >= self.now
        self.clock.advance(seconds=(when - self.now) / timedelta(seconds=1))
        assert self.now == when

    def advance(self) -> None:
        """Let the deadlines switch what they switch."""
        self.app.advance()
        for round in self.rounds.values():
            while round.phase in BY_DEADLINE:
                kind, after = BY_DEADLINE[round.phase]
                if self.now < DATES[kind]:
                    break
                if after is Phase.RELEASED:
                    if not round.by_deadline or round.releases or not round.anything_submitted:
                        break
                    self.released(round)
                self.enter(round, after, "deadline")
        if self.checks:
            check_all(self.app)
        self.agrees()

    def roster(self) -> None:
        """Make the roster that of the model."""
        entries = [
            student(number, group=group)
            for number, (who, group) in enumerate(self.people.items())
            if who not in self.away
        ]
        helper = RosterEntry(Identity(ASSISTANT, "Hanna Helper", "h@uni.test"), Role.ASSISTANT)
        entries += [RosterEntry(teacher(), Role.INSTRUCTOR), helper]
        views = [EntryView.of(entry).model_dump() for entry in entries]
        self.must(True, None, "roster.replace", entries=views)

    def drop(self, who: str) -> None:
        self.away.add(who)
        self.roster()

    def readd(self, who: str) -> None:
        self.away.discard(who)
        self.roster()

    def move(self, who: str, group: str) -> None:
        self.people[who] = group
        self.roster()

    def write_rubric(self, *, most: float = 4, extra: bool = False) -> None:
        """Edit rubric.toml: the most points of its criteria, and whether there is another."""
        (self.room.folder / "rubric.toml").write_text(rubric_toml(most, extra), encoding="utf-8")
        self.app.files = CourseFolder(self.room.folder)

    def pause(self, paused: bool) -> None:
        self.must(True, TEACHER, "safety.pause", paused=paused, reason="a pause")
        self.paused = paused

    def again(self) -> None:
        """The last write once more with its key: done already, so nothing changes."""
        if self.last is None:
            return
        who, name, fields, key = self.last
        before = self.everything()
        operation = OPS[name]
        request = operation.body.model_validate(fields)
        with suppress(Problem):
            self.app.perform(operation, request, caller=Caller(who) if who else Caller(), key=key)
        assert self.everything() == before, f"{name} once more changed something"

    # --- phases -------------------------------------------------------------------------------

    def switch(self, name: str, phase: Phase, who: str | None = TEACHER) -> None:
        round = self.rounds[name]
        edge = (round.phase, phase)
        back = {
            (Phase.SUBMISSION, Phase.SET_UP): "opens",
            (Phase.REVIEW, Phase.SUBMISSION): "due",
            (Phase.CLOSED, Phase.RELEASED): "closes",
        }
        allowed = phase is round.phase or (
            edge in BY_HAND
            and not (edge in back and self.now >= DATES[back[edge]])
            and not (edge == (Phase.REVIEW, Phase.SUBMISSION) and round.written)
        )
        allowed = allowed and who in (TEACHER, None)
        self.must(allowed, who, "rounds.switch", assignment=name, phase=phase)
        if allowed:
            self.enter(round, phase, "hand")
        self.agrees()

    def extend(self, name: str, who: str, *, due: Any = None, review_due: Any = None) -> None:
        given = {"due": due, "review_due": review_due}
        later = all(date is None or date > DATES[kind] for kind, date in given.items())
        allowed = later and who not in self.away
        self.must(allowed, TEACHER, "rounds.extend", assignment=name, username=who, **given)
        if allowed:
            round = self.rounds[name]
            for kind, date in given.items():
                dates = getattr(round, kind)
                dates.pop(who, None)
                if date is not None:
                    dates[who] = date

    # --- handing in -----------------------------------------------------------------------------

    def preview(self, who: str, name: str, text: str) -> None:
        round, owner = self.rounds[name], self.owner(name, who)
        allowed = self.may_act(who) and self.may_hand_in(round, owner)
        files = [{"name": "work.ipynb", "content": a_notebook(text)}]
        answer = self.must(allowed, who, "submissions.preview", assignment=name, files=files)
        if allowed:
            round.previews[owner] = Preview(answer.preview, text)

    def hand_in(self, who: str, name: str) -> None:
        """Hand in what was previewed last."""
        round, owner = self.rounds[name], self.owner(name, who)
        seen = round.previews.get(owner)
        may = self.may_hand_in(round, owner)
        allowed = self.may_act(who) and seen is not None and (seen.taken or may)
        preview = seen.id if seen else "nothing"
        self.must(allowed, who, "submissions.hand-in", assignment=name, preview=preview)
        if allowed and seen and not seen.taken:
            before = round.works.get(owner)
            if before is None or not before.stands or before.text != seen.text:
                round.works[owner] = Work(seen.text)
                seen.taken = True
        self.agrees()

    def withdraw(self, who: str, name: str) -> None:
        round, owner = self.rounds[name], self.owner(name, who)
        work = round.works.get(owner)
        in_time = round.phase is Phase.SUBMISSION and self.now < self.due(round, owner)
        allowed = self.may_act(who) and work is not None and (not work.stands or in_time)
        self.must(allowed, who, "submissions.withdraw-mine", assignment=name)
        if allowed and work:
            work.stands = False
        self.agrees()

    def staff_withdraws(self, name: str, owner: str, who: str = TEACHER) -> None:
        work = self.rounds[name].works.get(owner)
        here = bool(self.authors(name, owner))
        allowed = who == TEACHER and here and work is not None and work.stands
        self.must(allowed, who, "submissions.withdraw", assignment=name, owner=owner)
        if allowed and work:
            work.stands = False
        self.agrees()

    def staff_receives(self, name: str, owner: str, text: str) -> None:
        round = self.rounds[name]
        allowed = bool(self.authors(name, owner))
        files = [{"name": "work.ipynb", "content": a_notebook(text)}]
        self.must(
            allowed, ASSISTANT, "submissions.receive", assignment=name, owner=owner, files=files
        )
        before = round.works.get(owner)
        if allowed and (before is None or before.text != text):
            round.works[owner] = Work(text)
        self.agrees()

    # --- reviewing ------------------------------------------------------------------------------

    def assign(self, name: str, reviews: int, **options: Any) -> Any:
        return self.do(TEACHER, "reviews.assign", assignment=name, reviews=reviews, **options)

    def write(
        self,
        who: str,
        name: str,
        review: str,
        body: dict[str, Any],
        *,
        submit: bool = False,
        stale: int = 0,
    ) -> None:
        """Save or submit a review; `stale` is added to the version of its draft."""
        round, owner = self.rounds[name], self.owner(name, who)
        reviewer, author = self.tasks(name).get(review, ("", ""))
        before = round.written.get(review)
        version = (before.version if before else 0) + stale
        same = before is not None and same_text(before.body, body)
        allowed = (
            self.may_act(who)
            and reviewer == owner
            and self.may_review(round, owner)
            and not (before and before.submitted)
            and (same or (version == (before.version if before else 0)))
            and (before is not None or author in round.standing)
            and self.fits(name, body, whole=submit)
        )
        if submit and before and before.submitted and same:
            allowed = self.may_act(who) and reviewer == owner and round.phase in READING
        operation = "reviews.submit" if submit else "reviews.save"
        version = max(version, 0)
        self.must(
            allowed, who, operation, assignment=name, review=review, version=version, body=body
        )
        if not allowed or (before and before.submitted):
            return
        written = before or Written(author, body, version=0)
        if not same:
            written.body, written.version = body, written.version + 1
        if submit:
            written.rubric = {key: max(levels) for key, levels in self.rubric(name).items()}
        round.written[review] = written

    def fits(self, name: str, body: Mapping[str, Any], *, whole: bool) -> bool:
        rubric = self.rubric(name)
        chosen = all(points in rubric.get(key, ()) for key, points in body["scores"].items())
        return chosen and (not whole or body["scores"].keys() == rubric.keys())

    def take_back(self, who: str, name: str, review: str) -> None:
        round, owner = self.rounds[name], self.owner(name, who)
        before = round.written.get(review)
        submitted = before is not None and before.submitted
        mine = self.tasks(name).get(review, ("",))[0] == owner
        allowed = self.may_act(who) and mine and round.phase in READING
        allowed = allowed and (not submitted or self.may_review(round, owner))
        self.must(allowed, who, "reviews.take-back", assignment=name, review=review)
        if allowed and before and submitted:
            before.rubric = None

    # --- releases and feedback ------------------------------------------------------------------

    def released(self, round: Round) -> None:
        round.releases, round.stands, round.opened = round.releases + 1, True, set()

    def release(self, name: str, who: str = TEACHER) -> None:
        round = self.rounds[name]
        fresh = round.phase is Phase.REVIEW and round.anything_submitted
        allowed = who == TEACHER and (fresh or round.phase in OUT)
        self.must(allowed, who, "feedback.release", assignment=name)
        if allowed and fresh:
            self.released(round)
            self.enter(round, Phase.RELEASED, "release")
        self.agrees()

    def take_back_release(self, name: str) -> None:
        round = self.rounds[name]
        few = 2 * len(round.opened & round.standing) < len(round.standing)
        allowed = round.releases > 0 and (
            not round.stands or (round.phase is Phase.RELEASED and few)
        )
        self.must(allowed, TEACHER, "feedback.take-back", assignment=name, reason="a mistake")
        if allowed and round.stands:
            round.stands = False
            self.enter(round, Phase.REVIEW, "take back")
        self.agrees()

    def open(self, who: str, name: str) -> Any:
        """Open one's feedback; returns what is shown, None where that is refused."""
        round, owner = self.rounds[name], self.owner(name, who)
        answer = self.must(self.may_act(who), who, "feedback.open", assignment=name)
        if not self.may_act(who):
            return None
        sees = round.phase in OUT and owner in round.standing
        assert (answer.state == "opened") == sees
        assert len(answer.reviews) == (len(round.counted(owner)) if sees else 0)
        if sees:
            round.opened.add(owner)
            assert_close(answer.mark, self.mark(round, owner))
        return answer

    def feedback_of(self, name: str, owner: str) -> list[str]:
        """The author's names of the reviews of a work."""
        ids = set(self.rounds[name].counted(owner))
        table = metadata.tables["feedback"]
        rows = self.app.database.read(lambda tx: list(tx.execute(select(table))))
        return sorted(row.id for row in rows if row.review_id in ids)

    def speak(self, who: str, name: str, feedback: str, operation: str = "feedback.rate") -> None:
        """Rate or report a review of one's work."""
        round, owner = self.rounds[name], self.owner(name, who)
        opened = round.phase in OUT and owner in round.opened & round.standing
        allowed = self.may_act(who) and opened and feedback in self.feedback_of(name, owner)
        said: dict[str, Any] = {"helpful": True} if operation == "feedback.rate" else {}
        if operation == "feedback.rate":
            allowed = allowed and round.phase is not Phase.CLOSED
        else:
            said = {"reason": "rude"}
        self.must(allowed, who, operation, assignment=name, review=feedback, **said)

    def decide(self, hide: bool, who: str = ASSISTANT) -> None:
        """Decide the first report there is."""
        reports = self.do(who, "safety.reports").reports
        if not reports:
            return
        row = reports[0]
        decision = "hide" if hide else "keep"
        self.must(True, who, "safety.decide", report=row.report, decision=decision, note="seen")
        hidden = self.rounds[row.assignment].hidden
        if row.decision == decision:
            return
        if hide:
            hidden.add(row.review)
        elif row.decision is not None:
            hidden.discard(row.review)

    def hide(self, name: str, review: str, hidden: bool) -> None:
        round = self.rounds[name]
        fields = {"assignment": name, "review": review, "hidden": hidden, "reason": "rude"}
        allowed = review in round.written
        self.must(allowed, ASSISTANT, "safety.hide", **fields)
        if allowed:
            (round.hidden.add if hidden else round.hidden.discard)(review)

    # --- marks ----------------------------------------------------------------------------------

    def unit(self, name: str, owner: str) -> str:
        found = [unit for unit, known in self.owners(name).items() if known == owner]
        return found[0] if found else "nobody"

    def override(self, name: str, owner: str, points: dict[str, float]) -> None:
        round, rubric = self.rounds[name], self.rubric(name)
        fits = all(key in rubric and value <= max(rubric[key]) for key, value in points.items())
        allowed = owner in round.standing and round.phase in MARKING and fits
        fields = {"assignment": name, "work": self.unit(name, owner)}
        self.must(allowed, TEACHER, "marks.override", **fields, points=points, reason="better")
        if allowed:
            round.overrides[owner] = points

    def staff_review(self, name: str, owner: str, body: dict[str, Any]) -> None:
        round = self.rounds[name]
        allowed = owner in round.standing and round.phase in MARKING
        allowed = allowed and self.fits(name, body, whole=True)
        fields = {"assignment": name, "work": self.unit(name, owner), "body": body}
        self.must(allowed, ASSISTANT, "marks.review", **fields)
        if not allowed:
            return
        table = metadata.tables["review"]
        unit = fields["work"]
        found = select(table.c.id).where(table.c.staff_id.is_not(None), table.c.author == unit)
        id = self.app.database.read(lambda tx: tx.execute(found).scalar_one())
        before = round.written.get(id)
        if before is None or not same_text(before.body, body):
            most = {key: max(levels) for key, levels in self.rubric(name).items()}
            round.written[id] = Written(owner, body, rubric=most)

    def mark(self, round: Round, owner: str) -> float | None:
        """The mark of a work, computed anew from all that the model has seen."""
        total = 0.0
        for key, levels in self.rubric(round.name).items():
            most = max(levels)
            given = [
                review.body["scores"][key] * most / review.rubric[key]
                for review in round.counted(owner).values()
                if review.rubric and key in review.rubric
            ]
            if key in round.overrides.get(owner, {}):
                given = [min(round.overrides[owner][key], most)]
            if not given:
                return None
            total += statistics.fmean(given) if round.mean else statistics.median(given)
        return total

    def compare_marks(self, name: str) -> None:
        """The marks that staff see, and those taken out, are the model's."""
        round, owners = self.rounds[name], self.owners(name)
        rows = self.do(TEACHER, "marks.list", assignment=name).marks
        listed = {owners[row.work]: row for row in rows}
        assert listed.keys() == round.standing
        for owner, row in listed.items():
            assert row.reviews == len(round.counted(owner))
            assert_close(row.mark, self.mark(round, owner))
        for row in self.must(True, TEACHER, "marks.export", assignment=name).rows:
            assert row.handed_in == (row.owner in round.standing)
            if row.handed_in:
                assert_close(row.mark, self.mark(round, row.owner))


def assert_close(shown: float | None, expected: float | None) -> None:
    if expected is None or shown is None:
        assert shown == expected
    else:
        assert abs(shown - expected) < 0.0051, (shown, expected)


def same_text(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    return all(first.get(name) == second.get(name) for name in ("scores", "overall"))


def a_notebook(text: str) -> bytes:
    return as_bytes(notebook(code(f"x = {text!r}", id="q1", nbgrader={"grade_id": "q1"})))


def rubric_toml(most: float, extra: bool) -> str:
    keys = ["clear", "whole", *(["more"] if extra else [])]
    levels = ", ".join(f'{{ points = {points}, title = "{points}" }}' for points in (0, 1, most))
    return "\n".join(
        f'[[assignments.{name}.criteria]]\nkey = "{key}"\ntitle = "{key}"\nlevels = [{levels}]\n'
        for name in ("ps1", "team")
        for key in keys
    )


def a_room(folder: Path, url: str, seed: int) -> Classroom:
    source = folder / "source" / "ps1"
    source.mkdir(parents=True)
    (source / "work.ipynb").write_bytes(a_notebook("answer here"))
    dates = "".join(f"{kind} = {when:%Y-%m-%dT%H:%M:%SZ}\n" for kind, when in DATES.items())
    (folder / "course.toml").write_text(COURSE.format(dates=dates), encoding="utf-8")
    (folder / "rubric.toml").write_text(rubric_toml(4, False), encoding="utf-8")
    clock = TestClock()
    app = open_application(CourseFolder(folder), url, clock=clock, random=SeededRandom(seed))
    return Classroom(folder, url, app, clock)


# --- a whole round, to the letter ---------------------------------------------------------------


def a_whole_round(play: Play) -> None:
    """One round of both assignments through every edge of the graph, at every edge of time."""
    for act in (_opens, _hands_in, _reviews, _releases, _closes):
        act(play)
        if play.checks:
            check_all(play.app)


def _opens(play: Play) -> None:
    play.preview("student000", "ps1", "too early")
    for name in play.rounds:
        play.switch(name, Phase.SUBMISSION)
        play.switch(name, Phase.SET_UP)
        play.switch(name, Phase.CLOSED)
    play.go_to(OPENS - TICK)
    play.advance()
    play.go_to(OPENS)
    play.advance()
    play.switch("ps1", Phase.SET_UP)
    play.switch("ps1", Phase.REVIEW, ASSISTANT)


def _hands_in(play: Play) -> None:
    for who in play.students:
        play.preview(who, "ps1", f"the work of {who}")
        play.again()
        play.hand_in(who, "ps1")
        play.again()
        play.preview(who, "team", f"the work of {play.people[who]}")
        play.hand_in(who, "team")
    play.withdraw("student001", "ps1")
    play.hand_in("student001", "ps1")
    play.preview("student001", "ps1", "the work of student001")
    play.hand_in("student001", "ps1")
    play.pause(True)
    play.preview("student000", "ps1", "while paused")
    play.pause(False)
    play.switch("ps1", Phase.REVIEW)
    play.preview("student000", "ps1", "too late")
    play.switch("ps1", Phase.SUBMISSION)
    play.extend("ps1", "student005", due=DUE)
    play.extend("ps1", "student005", due=DUE + 10 * TICK)
    play.extend("team", "student001", due=DUE + 10 * TICK)
    play.go_to(DUE - TICK)
    play.preview("student002", "ps1", "in the last instant")
    play.hand_in("student002", "ps1")
    play.go_to(DUE)
    play.withdraw("student003", "ps1")
    play.preview("student003", "ps1", "too late")
    play.preview("student005", "ps1", "with more time")
    play.hand_in("student005", "ps1")
    play.preview("student000", "team", "the group has more time")
    play.advance()
    play.switch("ps1", Phase.SUBMISSION)
    play.preview("student005", "ps1", "once more")
    play.withdraw("student005", "ps1")


def _reviews(play: Play) -> None:
    for name in play.rounds:
        for number, who in enumerate(play.students):
            for review in play.tasks_of(name, who):
                if (who, review) != ("student003", play.tasks_of("ps1", who)[-1]):
                    _writes(play, who, name, review, number)
    others = play.tasks_of("ps1", "student001")
    play.write("student000", "ps1", others[0], play.body("ps1", 1, "not mine"))
    play.take_back("student000", "ps1", others[0])
    play.switch("ps1", Phase.SUBMISSION)
    play.staff_withdraws("ps1", "student005", ASSISTANT)
    play.staff_withdraws("ps1", "student005")
    play.assign("ps1", 2)
    play.preview("student005", "ps1", "handed in again")
    play.hand_in("student005", "ps1")
    play.assign("ps1", 2, conflicts=[{"reviewer": "student000", "author": "student005"}])
    play.drop("student003")
    play.take_back("student003", "ps1", play.tasks_of("ps1", "student003")[0])
    play.readd("student003")
    play.write_rubric(most=6)
    play.staff_review("ps1", "student002", play.body("ps1", 2, "by staff"))
    play.override("ps1", "student002", {"clear": 7})
    play.override("ps1", "student002", {"clear": 5.5})
    play.compare_marks("ps1")
    play.override("ps1", "student002", {})
    play.extend("ps1", "student004", review_due=REVIEW_DUE + 10 * TICK)
    play.go_to(REVIEW_DUE)
    for who in ("student000", "student004"):
        mine = play.tasks_of("ps1", who)[0]
        play.take_back(who, "ps1", mine)
        play.write(who, "ps1", mine, play.body("ps1", 1, "at the end"), submit=True)
    play.go_to(REVIEW_DUE + 10 * TICK)
    play.take_back("student004", "ps1", play.tasks_of("ps1", "student004")[0])
    play.advance()


def _writes(play: Play, who: str, name: str, review: str, number: int) -> None:
    body = play.body(name, number, f"from {who}")
    play.write(who, name, review, play.body(name, number, "a draft"))
    play.write(who, name, review, play.body(name, number, "in another tab"), stale=-1)
    play.write(who, name, review, {"scores": {}, "overall": "not whole"}, submit=True)
    play.write(who, name, review, body, submit=True)
    play.write(who, name, review, body, submit=True)
    play.again()
    play.write(who, name, review, play.body(name, number + 1, "another"), submit=True)
    if number % 2:
        play.take_back(who, name, review)
        play.write(who, name, review, play.body(name, number + 1, "another"), submit=True)


def _releases(play: Play) -> None:
    play.switch("ps1", Phase.RELEASED)
    play.open("student000", "ps1")
    play.release("ps1", ASSISTANT)
    play.release("ps1")
    play.open("student000", "ps1")
    play.open("student001", "ps1")
    for name in play.rounds:
        play.take_back_release(name)
    play.advance()
    play.open("student000", "ps1")
    play.release("ps1")
    play.release("team")
    for who in ("student000", "student001", "student002"):
        play.open(who, "ps1")
    play.take_back_release("ps1")
    play.open("student000", "team")
    mine, other = (play.feedback_of("ps1", who)[0] for who in ("student000", "student001"))
    for operation in ("feedback.rate", "feedback.report"):
        play.speak("student000", "ps1", mine, operation)
        play.speak("student000", "ps1", other, operation)
    play.decide(hide=True)
    play.open("student000", "ps1")
    play.compare_marks("ps1")
    play.compare_marks("team")


def _closes(play: Play) -> None:
    play.switch("ps1", Phase.CLOSED)
    play.speak("student001", "ps1", play.feedback_of("ps1", "student001")[0])
    play.override("ps1", "student001", {"clear": 1})
    play.take_back_release("ps1")
    play.switch("ps1", Phase.RELEASED)
    play.go_to(CLOSES - TICK)
    play.advance()
    play.go_to(CLOSES)
    play.advance()
    play.switch("ps1", Phase.RELEASED)


def each_edge(play: Play) -> Iterator[str]:
    """Say which ways from phase to phase were not gone."""
    yield from (f"{how}: {before} to {after}" for how, before, after in sorted(EDGES - play.edges))
