"""A class in each stage of a round, and the ids and bodies that are of use in it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import http_round as play
from api_fuzz import Seeds
from builders import RUBRIC_TOML, Classroom, student, teacher
from server_process import Client, Server, served

from jupyter_social.core.people import Identity, Role, RosterEntry

STAGES = ("submission", "review", "released")
SCORES = {"clear": 2.0, "whole": 1.5}
REASON = {"reason": "It was asked for."}
TEXT = {
    "scores": SCORES,
    "remarks": {"clear": "I could follow."},
    "overall": "Thank you.",
    "comments": [],
}
OTHER_TEXT = {**TEXT, "overall": "Thank you very much."}
MANY = 10_000_000


@dataclass(frozen=True)
class Stage:
    """A served class, and what exists in it."""

    server: Server
    seeds: Seeds

    @property
    def callers(self) -> dict[str, Client]:
        people = {"student": "student000", "assistant": "helper", "instructor": "teacher"}
        clients = {role: self.server.client(name) for role, name in people.items()}
        return {**clients, "operator": self.server.operator()}


@contextmanager
def a_stage(folder: Path, name: str) -> Iterator[Stage]:
    """Serve six students, an assistant and a teacher, as far as the round is."""
    room = Classroom.new(folder / "course", f"sqlite:///{folder / 'state' / 'course.db'}")
    (room.folder / "rubric.toml").write_text(RUBRIC_TOML, encoding="utf-8")
    helper = RosterEntry(Identity("helper", "Hedy Helper", ""), Role.ASSISTANT)
    students = [student(number, group=f"group-{number // 2}") for number in range(6)]
    room.replace_roster([*students, helper, RosterEntry(teacher(), Role.INSTRUCTOR)])
    # No job comes between: what a case meets is what the case before left.
    with served(
        room, reads_per_ten_seconds=MANY, writes_per_minute=MANY, job_seconds=3600.0
    ) as server:
        fields = _played(server, name)
        yield Stage(server, Seeds(_fields(fields), _bodies(room, fields)))
    room.close()


def _played(server: Server, until: str) -> dict[str, list[str]]:
    """Play the round and return the ids that came up on the way, by the field they belong in."""
    lead = server.client("teacher")
    students = [server.client(name) for name in server.room.students]
    for assignment in ("ps1", "team"):
        play.switch(lead, "submission", assignment=assignment)
    play.all_hand_in(students)
    if until == "submission":
        made = play.preview(students[0], play.work("answer = 'better'"))
        return {"preview": [made["preview"]]}
    play.switch(lead, "review")
    play.assign(lead, 3, seed=5)
    if until == "review":
        return {"review": _reviews_in_all_states(students[0]), "work": list(play.marks(lead))}
    for one in students:
        play.write_reviews(one, lambda _review: dict(SCORES))
    play.release(lead)
    return _feedback(server, lead, students)


def _reviews_in_all_states(reviewer: Client) -> list[str]:
    """One is open, one is a draft, one is submitted; each is found with the same chance."""
    reviews = play.my_reviews(reviewer)
    draft = {"version": 0, "body": {**TEXT, "overall": "Begun."}}
    play.done(reviewer.put(f"/assignments/ps1/my-reviews/{reviews[1]}", draft))
    play.write_review(reviewer, reviews[2], SCORES)
    return reviews


def _feedback(server: Server, lead: Client, students: list[Client]) -> dict[str, list[str]]:
    page = play.open_feedback(students[0])
    mine = [row["review"] for row in page["reviews"]]
    reported = play.open_feedback(students[1])["reviews"][0]["review"]
    play.done(students[1].post(f"/assignments/ps1/my-feedback/{reported}/report", REASON))
    works = list(play.marks(lead))
    seen = play.done(lead.get(f"/assignments/ps1/works/{works[0]}"))["reviews"]
    reports = play.done(lead.get("/reports"))["reports"]
    return {
        "review": [*mine, *(row["review"] for row in seen), *play.my_reviews(students[0])],
        "work": works,
        "report": [row["report"] for row in reports],
    }


def _fields(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {
        "course": ["testing"],
        "assignment": ["ps1", "ps1", "ps1", "team"],
        "notebook": ["work.ipynb"],
        "username": ["student003", "teacher"],
        "preview": ["none"],
        "review": ["none"],
        "work": ["none"],
        "report": ["none"],
        **found,
    }


def _bodies(room: Classroom, found: dict[str, list[str]]) -> dict[str, list[Any]]:
    entries = [
        {"username": p.identity.username, "role": p.role.value, "group": p.group}
        for p in room.people
    ]
    files = [
        {"name": name, "content": base64.b64encode(data).decode()}
        for name, data in play.work("answer = 'new'").items()
    ]
    versions: Callable[[Any], list[Any]] = lambda body: [  # noqa: E731
        {"version": version, "body": body} for version in range(3)
    ]
    return {
        "roster.replace": [{"entries": entries}, {"entries": entries[1:]}],
        "submissions.receive": [{"owner": "student001", "files": files}],
        "submissions.withdraw": [{"owner": "student001"}],
        "submissions.preview": [{"files": files}],
        "submissions.hand-in": [{"preview": id} for id in found.get("preview", ["none"])],
        "submissions.withdraw-mine": [{}],
        "reviews.assign": [{"reviews": 3}, {"reviews": 2, "reciprocal": "allow"}],
        "reviews.reveal": [REASON],
        "rounds.switch": [{"phase": p} for p in ("set-up", "submission", "review", "closed")],
        "rounds.extend": [{"username": "student001", "due": "2026-01-18T12:00:00Z"}],
        "reviews.save": [*versions(TEXT), *versions(OTHER_TEXT)],
        "reviews.submit": [*versions(TEXT), *versions(OTHER_TEXT)],
        "reviews.take-back": [{}],
        "feedback.open": [{}],
        "feedback.rate": [{"helpful": True}, {"helpful": False, "said": "I knew that."}],
        "feedback.report": [REASON],
        "feedback.release": [{}],
        "feedback.take-back": [REASON],
        "marks.override": [{"points": {"clear": 4}, **REASON}, {"points": {}, **REASON}],
        "marks.review": [{"body": TEXT}],
        "marks.export": [{}],
        "safety.decide": [{"decision": choice, "note": "Seen."} for choice in ("hide", "keep")],
        "safety.hide": [{"hidden": choice, **REASON} for choice in (True, False)],
        "safety.pause": [{"paused": choice, **REASON} for choice in (True, False)],
        "people.export": [{}],
        "people.erase": [REASON],
    }
