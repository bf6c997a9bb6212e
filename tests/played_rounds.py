"""Two courses in one database, their rounds played to a phase, through the operations alone.

Each course has the same people (in the other course their names begin with `other-`). All of `ps1`
is handed in by persons, `team` by groups, and both rounds are in the same phase:

- `author` has handed in, has written one review and has one to write, and has opened the feedback;
  `mate` is in the same group. There is a second preview of theirs that was not handed in.
- `peer` is as far as `author`, in another group.
- `pal` has reported a review. `fifth` and `sixth` are the third group.
- `riser` and `chief` handed in, reviewed and opened the feedback as students; now `riser` is an
  assistant and `chief` an instructor.
- `looker` has a preview only, `absent` has nothing; `leaver` did all of it and is in no roster now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from builders import Classroom, SeededRandom, as_bytes, code, notebook
from sqlalchemy import Connection

from jupyter_social.app import Application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.core import pseudonyms
from jupyter_social.core.course import HandInBy
from jupyter_social.core.membership import Caller, members
from jupyter_social.core.people import Identity, Role, RosterEntry, UnitId
from jupyter_social.exchange import store as hand_ins
from jupyter_social.operations import OPERATIONS
from jupyter_social.reviews import store as allocation
from jupyter_social.reviews.desk import store as desk
from jupyter_social.reviews.marks import store as marks
from jupyter_social.reviews.safety import store as safety
from jupyter_social.reviews.store import TaskState

PHASES = ("set-up", "submission", "review", "released", "taken-back", "closed")
BY_NAME = {operation.name: operation for operation in OPERATIONS}
MADE_UP = "A" * 22
LATER = "2026-02-01T12:00:00Z"
GROUPS = {
    "author": "reds",
    "mate": "reds",
    "peer": "blues",
    "pal": "blues",
    "fifth": "greens",
    "sixth": "greens",
    "looker": "greys",
    "absent": "greys",
    "leaver": None,
    "riser": None,
    "chief": None,
}
PROMOTED = {"riser": Role.ASSISTANT, "chief": Role.INSTRUCTOR}
HAND_IN = {
    "ps1": ("author", "mate", "peer", "pal", "fifth", "sixth", "leaver", *PROMOTED),
    "team": ("author", "peer", "fifth"),
}
OPEN = {"ps1": ("author", "pal", *PROMOTED), "team": ("author",)}
SOLO = """
[assignments.solo]
title = "In the other course only"
"""
NEXT = {
    "set-up": "submission",
    "submission": "review",
    "review": "released",
    "released": "closed",
    "taken-back": "released",
    "closed": "released",
}


@dataclass(frozen=True)
class Ids:
    """What somebody can name in a request, about one assignment."""

    assignment: str = "ps1"
    notebook: str = "work.ipynb"
    username: str = "author"
    preview: str = MADE_UP
    open_review: str = MADE_UP
    done_review: str = MADE_UP
    feedback: str = MADE_UP
    work: str = MADE_UP
    report: str = MADE_UP
    any_review: str = MADE_UP


def fields_of(name: str, ids: Ids, phase: str, people: list[RosterEntry]) -> dict[str, Any]:
    """The fields of a sensible request of this operation."""
    here = {"assignment": ids.assignment}
    draft = {**here, "review": ids.open_review, "version": 0, "body": full_review(ids.assignment)}
    done = {**here, "review": ids.done_review}
    mine = {**here, "review": ids.feedback}
    work = {**here, "work": ids.work}
    preview = {**here, "preview": ids.preview}
    reason = {"reason": "a test"}
    owner = {**here, "owner": ids.username}
    shown = {"notebook": ids.notebook}
    special: dict[str, dict[str, Any]] = {
        "roster.replace": {"entries": [as_entry(person) for person in people]},
        "roster.list": {},
        "submissions.receive": {**owner, "files": files("by staff")},
        "submissions.withdraw": owner,
        "submissions.preview": {**here, "files": files("looked at again")},
        "submissions.preview-notebook": {**preview, **shown},
        "submissions.preview-page": {**preview, **shown},
        "submissions.hand-in": preview,
        "submissions.my-notebook": {**here, **shown},
        "submissions.my-page": {**here, **shown},
        "reviews.assign": {**here, "reviews": 2},
        "reviews.reveal": {**here, **reason},
        "rounds.switch": {**here, "phase": NEXT[phase]},
        "rounds.extend": {**here, "username": ids.username, "due": LATER},
        "rounds.mine": {},
        "reviews.read": done,
        "reviews.notebook": {**done, **shown},
        "reviews.page": {**done, **shown},
        "reviews.save": draft,
        "reviews.submit": draft,
        "reviews.take-back": done,
        "feedback.rate": {**mine, "helpful": True},
        "feedback.report": {**mine, **reason},
        "feedback.take-back": {**here, **reason},
        "marks.work": work,
        "marks.work-notebook": {**work, **shown},
        "marks.work-page": {**work, **shown},
        "marks.override": {**work, "points": {"clear": 1}, **reason},
        "marks.review": {**work, "body": full_review(ids.assignment)},
        "safety.reports": {},
        "safety.decide": {"report": ids.report, "decision": "hide", "note": "a test"},
        "safety.hide": {**here, "review": ids.any_review, "hidden": True, **reason},
        "safety.pause": {"paused": True, **reason},
        "people.export": {"username": ids.username},
        "people.erase": {"username": ids.username, **reason},
        "audit.read": {},
    }
    return special.get(name, here)


def full_review(assignment: str) -> dict[str, Any]:
    """A review that leaves no question of the rubric open."""
    scores = {"together": 3} if assignment == "team" else {"clear": 4, "whole": 1.5}
    return {"scores": scores, "overall": "well done"}


def files(text: str) -> list[dict[str, Any]]:
    """One notebook with this text, as it is uploaded."""
    cell = code(f"answer = {text!r}", id="q1", nbgrader={"grade_id": "q1"})
    return [{"name": "work.ipynb", "content": as_bytes(notebook(cell))}]


def as_entry(person: RosterEntry) -> dict[str, Any]:
    who = person.identity
    fields = {"username": who.username, "name": who.name, "email": who.email}
    return {**fields, "role": person.role, "group": person.group}


@dataclass
class PlayedCourse:
    """A course whose rounds are in one phase, and how to act in it."""

    room: Classroom
    prefix: str
    phase: str = "set-up"

    @property
    def app(self) -> Application:
        return self.room.app

    def named(self, who: str) -> str:
        return self.prefix + who

    def do(self, who: str | None, operation: str, **fields: Any) -> Any:
        """Act as somebody (None: the operator)."""
        row = BY_NAME[operation]
        caller = Caller(self.named(who)) if who else Caller()
        return self.app.perform(row, row.body.model_validate(fields), caller=caller)

    def play(self, phase: str) -> PlayedCourse:
        """Let both rounds go on to this phase."""
        self.phase = phase
        self.room.replace_roster(self.roster())
        for assignment in HAND_IN:
            self._hand_in(assignment)
            if phase in ("set-up", "submission"):
                self._go_back(assignment, phase)
            else:
                self._review(assignment)
        for assignment in HAND_IN:
            if phase in ("released", "taken-back", "closed"):
                self._release(assignment, phase)
        self.room.replace_roster(self.roster_now())
        return self

    def roster(self) -> list[RosterEntry]:
        staff = {"helper": Role.ASSISTANT, "teacher": Role.INSTRUCTOR}
        students = [self._entry(who, Role.STUDENT, group) for who, group in GROUPS.items()]
        return [*students, *(self._entry(who, role) for who, role in staff.items())]

    def roster_now(self) -> list[RosterEntry]:
        """The roster without who left, and with who was promoted."""
        here = [p for p in self.roster() if p.identity.username != self.named("leaver")]
        now = {self.named(who): role for who, role in PROMOTED.items()}
        return [replace(p, role=now.get(p.identity.username, p.role)) for p in here]

    def ids_of(self, who: str, assignment: str) -> Ids:
        """What this person (or their group) would name in requests about the assignment."""
        return self.app.database.read(lambda tx: self._ids_of(tx, who, assignment))

    def _entry(self, who: str, role: Role, group: str | None = None) -> RosterEntry:
        name = self.named(who)
        return RosterEntry(Identity(name, f"{name} family", f"{name}@uni.test"), role, group)

    def _hand_in(self, assignment: str) -> None:
        self.do("teacher", "rounds.switch", assignment=assignment, phase="submission")
        for who in HAND_IN[assignment]:
            made = self._preview(who, assignment, f"first of {who}")
            self.do(who, "submissions.hand-in", assignment=assignment, preview=made)
            self._preview(who, assignment, f"second of {who}")
        if assignment == "ps1":
            self._preview("looker", assignment, "only looked at")
        self.do("teacher", "rounds.switch", assignment=assignment, phase="review")
        self.do("teacher", "reviews.assign", assignment=assignment, reviews=2)

    def _preview(self, who: str, assignment: str, text: str) -> str:
        shown = self.do(
            who, "submissions.preview", assignment=assignment, files=files(self.prefix + text)
        )
        return str(shown.preview)

    def _go_back(self, assignment: str, phase: str) -> None:
        self.do("teacher", "rounds.switch", assignment=assignment, phase="submission")
        if phase == "set-up":
            self.do("teacher", "rounds.switch", assignment=assignment, phase="set-up")

    def _review(self, assignment: str) -> None:
        body = full_review(assignment)
        for who in HAND_IN[assignment]:
            rows = self.do(who, "reviews.mine", assignment=assignment).reviews
            for row in rows[:1] if who in ("author", "peer") else rows:
                named = {"assignment": assignment, "review": row.review}
                self.do(who, "reviews.submit", **named, version=0, body=body)

    def _release(self, assignment: str, phase: str) -> None:
        self.do("teacher", "feedback.release", assignment=assignment)
        for who in OPEN[assignment]:
            self.do(who, "feedback.open", assignment=assignment)
        if assignment == "ps1":
            self._report("pal")
        if phase == "taken-back":
            self.do("teacher", "feedback.take-back", assignment=assignment, reason="a slip")
        if phase == "closed":
            self.do("teacher", "rounds.switch", assignment=assignment, phase="closed")

    def _report(self, who: str) -> None:
        mine = self.do(who, "feedback.mine", assignment="ps1")
        named = {"assignment": "ps1", "review": mine.reviews[0].review}
        self.do(who, "feedback.report", **named, reason="rude")

    def _ids_of(self, tx: Connection, who: str, assignment: str) -> Ids:
        course = self.app.course
        unit = self.unit_of(tx, who, assignment)
        begun = desk.reviews(tx, course, assignment)
        return Ids(
            assignment=assignment,
            notebook="notebook-1.ipynb" if assignment == "team" else "work.ipynb",
            username=self.named("author"),
            work=unit or _least(hand_ins.standing(tx, course, assignment)),
            report=_least(report.id for report in safety.reports(tx, course)),
            any_review=_least(begun),
            **({} if unit is None else self._ids_of_unit(tx, unit, assignment)),
        )

    def _ids_of_unit(self, tx: Connection, unit: UnitId, assignment: str) -> dict[str, str]:
        course = self.app.course
        tasks = allocation.tasks_of(tx, course, assignment, unit)
        done = [id for id, task in tasks.items() if task.state is not TaskState.OPEN]
        still_open = [id for id, task in tasks.items() if task.state is TaskState.OPEN]
        ids = marks.feedback_ids(tx, course, assignment)
        mine = [r.id for r in desk.reviews(tx, course, assignment).values() if r.author == unit]
        preview = hand_ins.preview_of(tx, unit)
        return {
            "preview": preview.id if preview else MADE_UP,
            "open_review": _least(still_open or tasks),
            "done_review": _least(done or tasks),
            "feedback": _least(ids[review][1] for review in mine if review in ids),
        }

    def unit_of(self, tx: Connection, who: str, assignment: str) -> UnitId | None:
        """The pseudonym of somebody who is or was in the course."""
        by = HandInBy.GROUP if assignment == "team" else HandInBy.PERSON
        everybody = members(tx, self.app.course)
        found = next((m for m in everybody if m.username == self.named(who)), None)
        if found is None:
            return None
        if found.active:
            return pseudonyms.find_unit(tx, self.app.course, assignment, found.person, by=by)
        names = pseudonyms.owner_names(tx, self.app.course, assignment)
        return next((unit for unit, name in names.items() if name == found.username), None)


def _least(ids: Any) -> str:
    return min(ids, default=MADE_UP)


@dataclass
class World:
    """Two courses in one database: `here`, and `elsewhere`, which is paused."""

    here: PlayedCourse
    elsewhere: PlayedCourse

    @classmethod
    def new(cls, folder: Path, url: str, phase: str) -> World:
        here = a_played_course(folder / "here", url, phase)
        room = here.room
        there = folder / "elsewhere"
        Classroom.write(there)
        file = there / "course.toml"
        file.write_text(file.read_text().replace('"testing"', '"elsewhere"') + SOLO)
        app = Application(
            CourseFolder(there), room.app.database, clock=room.clock, random=SeededRandom(7)
        )
        elsewhere = PlayedCourse(Classroom(there, url, app, room.clock), "other-").play(phase)
        elsewhere.do(None, "safety.pause", paused=True, reason="a quarrel")
        return cls(here, elsewhere)

    @property
    def phase(self) -> str:
        return self.here.phase

    def close(self) -> None:
        self.here.room.close()


def a_played_course(folder: Path, url: str, phase: str) -> PlayedCourse:
    """A course of its own whose rounds are in this phase."""
    return PlayedCourse(Classroom.new(folder, url), "").play(phase)
