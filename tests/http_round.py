"""A round as its people play it over HTTP: hand in, review, read the feedback.

Each function is one person's doing through their own client, and insists that it worked.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

from builders import as_bytes, code, notebook
from server_process import Answer, Client

Judge = Callable[[str], dict[str, float]]
"""From a review's id to the points given."""


def done(answer: Answer) -> Any:
    """The answer's JSON; anything but a success is a failure of the test."""
    assert answer.status == 200, (answer.status, answer.body)
    return answer.json


def work(text: str) -> dict[str, bytes]:
    """A hand-in of one notebook with one graded cell."""
    cell = code(text, id="q1", nbgrader={"grade_id": "q1"})
    return {"work.ipynb": as_bytes(notebook(cell))}


def sent_files(files: dict[str, bytes]) -> dict[str, Any]:
    """Files as they travel."""
    sent = [
        {"name": name, "content": base64.b64encode(data).decode()} for name, data in files.items()
    ]
    return {"files": sent}


def preview(client: Client, files: dict[str, bytes], *, assignment: str = "ps1") -> Any:
    path = f"/assignments/{assignment}/my-submission/preview"
    return done(client.put(path, sent_files(files)))


def hand_in(client: Client, text: str, *, assignment: str = "ps1") -> Any:
    made = preview(client, work(text), assignment=assignment)
    path = f"/assignments/{assignment}/my-submission"
    return done(client.post(path, {"preview": made["preview"]}))


def my_reviews(client: Client, *, assignment: str = "ps1") -> list[str]:
    found = done(client.get(f"/assignments/{assignment}/my-reviews"))
    return [row["review"] for row in found["reviews"]]


def write_review(
    client: Client, review: str, scores: dict[str, float], *, assignment: str = "ps1"
) -> Any:
    """Read the work, draft with a comment on its first cell, and submit."""
    path = f"/assignments/{assignment}/my-reviews/{review}"
    shown = done(client.get(path))
    name = shown["notebooks"][0]
    content = json.loads(done(client.get(f"{path}/notebooks/{name}"))["content"])
    assert client.get(f"{path}/pages/{name}").status == 200
    body = {
        "scores": scores,
        "remarks": {next(iter(scores)): "I could follow this."},
        "comments": [{"notebook": name, "cell": content["cells"][0]["id"], "text": "Why 42?"}],
        "overall": "Thank you, I learned something.",
    }
    saved = done(client.put(path, {"version": shown["version"], "body": body}))
    return done(client.post(path, {"version": saved["version"], "body": body}))


def write_reviews(client: Client, judge: Judge, *, assignment: str = "ps1") -> list[str]:
    reviews = my_reviews(client, assignment=assignment)
    for review in reviews:
        write_review(client, review, judge(review), assignment=assignment)
    return reviews


def switch(client: Client, phase: str, *, assignment: str = "ps1") -> Any:
    return done(client.post(f"/assignments/{assignment}/round/phase", {"phase": phase}))


def assign(client: Client, reviews: int, *, assignment: str = "ps1", **options: Any) -> Any:
    body = {"reviews": reviews, **options}
    return done(client.post(f"/assignments/{assignment}/reviews/assign", body))


def release(client: Client, *, assignment: str = "ps1") -> Any:
    return done(client.post(f"/assignments/{assignment}/release"))


def open_feedback(client: Client, *, assignment: str = "ps1") -> Any:
    return done(client.post(f"/assignments/{assignment}/my-feedback"))


def marks(client: Client, *, assignment: str = "ps1") -> dict[str, Any]:
    """The rows of the staff list by work."""
    rows = done(client.get(f"/assignments/{assignment}/marks"))["marks"]
    return {row["work"]: row for row in rows}


def all_hand_in(clients: Iterable[Client], *, assignment: str = "ps1") -> None:
    for number, client in enumerate(clients):
        hand_in(client, f"answer = {number}", assignment=assignment)
