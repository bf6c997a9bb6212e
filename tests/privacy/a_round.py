"""A round with everything in it that people leave behind, for what an erasure must find."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from builders import Classroom, as_bytes, code, notebook

from jupyter_social.core.membership import Caller
from jupyter_social.operations import OPERATIONS

BY_NAME = {operation.name: operation for operation in OPERATIONS}
TEACHER = "teacher"


def ask(
    room: Classroom, who: str | None, operation: str, *, key: str | None = None, **f: Any
) -> Any:
    found = BY_NAME[operation]
    caller = Caller(who) if who else Caller()
    return room.app.perform(found, found.body.model_validate(f), caller=caller, key=key)


def played(folder: Path, url: str, *, students: int = 6) -> Classroom:
    """A class whose members have handed in, reviewed, rated, reported and been overridden."""
    room = Classroom.new(folder, url).with_students(students)
    ps1 = {"assignment": "ps1"}
    ask(room, TEACHER, "rounds.switch", **ps1, phase="submission")
    for name in room.students:
        hand_in(room, name)
        preview(room, name, f"# {signature(name)} changed their mind\ny = 2")
    ask(room, TEACHER, "rounds.switch", **ps1, phase="review")
    ask(room, TEACHER, "reviews.assign", **ps1, reviews=2, seed=7)
    ask(room, TEACHER, "rounds.extend", **ps1, username="student001",
        review_due="2026-02-01T12:00:00Z")  # fmt: skip
    for name in room.students:
        review_all(room, name)
    ask(room, TEACHER, "feedback.release", **ps1)
    for name in room.students:
        read_feedback(room, name)
    for row in ask(room, TEACHER, "marks.list", **ps1).marks:
        why = {"points": {"clear": 3.25}, "reason": "looked at it again"}
        ask(room, TEACHER, "marks.override", **ps1, work=row.work, **why)
    return room


def look_again(room: Classroom) -> None:
    """Staff decide, and name people in their reasons although they need not."""
    ps1 = {"assignment": "ps1"}
    works = [row.work for row in ask(room, TEACHER, "marks.list", **ps1).marks]
    reports = ask(room, TEACHER, "safety.reports").reports
    for number, name in enumerate(room.students):
        asked = {"points": {"clear": 3.5}, "reason": f"{signature(name)} asked for it"}
        ask(room, TEACHER, "marks.override", **ps1, work=works[number], **asked)
        said = {"decision": "keep", "note": f"{name.upper()} was not hurt"}
        ask(room, TEACHER, "safety.decide", report=reports[number].report, **said)
        hidden = {"review": reports[number].review, "hidden": True, "reason": f"for {name}"}
        ask(room, TEACHER, "safety.hide", **ps1, **hidden)
        ask(room, TEACHER, "safety.hide", **ps1, **{**hidden, "hidden": False})


def hand_in(room: Classroom, name: str) -> None:
    seen = preview(room, name, f"# by {signature(name)}\nx = 1")
    ask(room, name, "submissions.hand-in", assignment="ps1", preview=seen.preview, key=f"in {name}")


def preview(room: Classroom, name: str, text: str) -> Any:
    cell = code(text, id="q1", nbgrader={"grade_id": "q1"})
    files = [
        {"name": "work.ipynb", "content": as_bytes(notebook(cell, author=signature(name)))},
        {"name": f"{name}.txt", "content": f"notes of {signature(name)}".encode()},
    ]
    return ask(room, name, "submissions.preview", assignment="ps1", files=files)


def review_all(room: Classroom, name: str) -> None:
    for row in ask(room, name, "reviews.mine", assignment="ps1").reviews:
        body = {
            "scores": {"clear": 2, "whole": 1.5},
            "remarks": {"clear": f"remark of {signature(name)}"},
            "overall": f"words of {signature(name)}",
        }
        sent = {"assignment": "ps1", "review": row.review, "body": body}
        ask(room, name, "reviews.save", **sent, version=0, key=f"save {row.review}")
        ask(room, name, "reviews.submit", **sent, version=1)


def read_feedback(room: Classroom, name: str) -> None:
    mine = ask(room, name, "feedback.open", assignment="ps1")
    first, second = (found.review for found in mine.reviews)
    said = {"helpful": True, "said": f"thanks, {signature(name)}"}
    ask(room, name, "feedback.rate", assignment="ps1", review=first, **said)
    reason = f"rude to {signature(name)}"
    ask(room, name, "feedback.report", assignment="ps1", review=second, reason=reason)


def signature(name: str) -> str:
    """A name that stands in nothing but what this person wrote, as long as it is erased whole."""
    number = int(name.removeprefix("student"))
    return f"Given{number} Family{number} ({name})"


def traces(name: str) -> tuple[bytes, ...]:
    """What must be nowhere after an erasure: user name, names and e-mail."""
    number = int(name.removeprefix("student"))
    return (name.encode(), f"Family{number}".encode(), f"Given{number}".encode(),
            f"s{number}@uni.test".encode())  # fmt: skip
