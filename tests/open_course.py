"""A course without deadlines for servers in processes of their own, and its people's clients."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import http_round as play
from builders import SeededRandom, as_bytes, code, notebook, student, teacher
from server_process import Client

from jupyter_social.app import open_application
from jupyter_social.authoring.folder import CourseFolder
from jupyter_social.core.people import Role, RosterEntry
from jupyter_social.roster.operations import REPLACE
from jupyter_social.roster.views import EntryView, ReplaceRoster

HEAD = '[course]\nname = "testing"\ntitle = "Testing"\ntimezone = "Europe/Berlin"\n'
CRITERION = """
[[assignments.{name}.criteria]]
key = "clear"
title = "Clear"
levels = [ {{ points = 0, title = "Not yet" }}, {{ points = 2, title = "Yes" }} ]
"""
SCORES = {"clear": 2.0}


def make_course(folder: Path, url: str, assignments: Sequence[str], *, students: int) -> Path:
    """Write the files of a course and its roster."""
    graded = as_bytes(notebook(code("answer = 42", id="q1", nbgrader={"grade_id": "q1"})))
    for name in assignments:
        (folder / "source" / name).mkdir(parents=True)
        (folder / "source" / name / "work.ipynb").write_bytes(graded)
    tables = [f'\n[assignments.{name}]\ntitle = "{name}"\n' for name in assignments]
    (folder / "course.toml").write_text(HEAD + "".join(tables))
    (folder / "rubric.toml").write_text("".join(CRITERION.format(name=n) for n in assignments))
    app = open_application(CourseFolder(folder), url, random=SeededRandom(1))
    people = [*(student(n) for n in range(students)), RosterEntry(teacher(), Role.INSTRUCTOR)]
    app.perform(REPLACE, ReplaceRoster(entries=[EntryView.of(person) for person in people]))
    app.close()
    return folder


def text(overall: str) -> dict[str, Any]:
    """What a review says: complete, with some words to know it by."""
    return {"scores": SCORES, "remarks": {}, "comments": [], "overall": overall}


def hand_in_all(lead: Client, students: Sequence[Client], name: str) -> None:
    play.switch(lead, "submission", assignment=name)
    play.all_hand_in(students, assignment=name)


def begin_reviews(lead: Client, students: Sequence[Client], name: str, *, reviews: int) -> None:
    hand_in_all(lead, students, name)
    play.switch(lead, "review", assignment=name)
    play.assign(lead, reviews, assignment=name, seed=1)


def review_path(name: str, review: str) -> str:
    return f"/assignments/{name}/my-reviews/{review}"


def submit(client: Client, name: str, review: str, overall: str = "Thanks.") -> Any:
    body = {"version": 0, "body": text(overall)}
    return play.done(client.post(review_path(name, review), body))


def release_all(lead: Client, students: Sequence[Client], name: str) -> None:
    begin_reviews(lead, students, name, reviews=2)
    for one in students:
        for review in play.my_reviews(one, assignment=name):
            submit(one, name, review)
    play.release(lead, assignment=name)


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
