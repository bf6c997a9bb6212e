"""Two worlds that differ only in who wrote what, and everything an observer can see of them.

A world is a class of *slots*: the first hands in first, reviews these works, gives those points.
Who sits in which slot is the secret. World B seats everybody but the observer anew, lets people
finish their hand-ins and reviews in another order, and is the same in everything else: the seeded
random source, the standing clock, and what is written in each slot, which carries its owner's
name, paths, kernel and metadata as real files do (threats, section 3.1).

The crawl is made from the operation table: whatever a student may call is called, with the ids the
observer has seen, with somebody else's, and with ids of nobody; an operation that never succeeds
fails the test, since then nothing was looked at.
"""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_round as play
from builders import Classroom, as_bytes, code, notebook, student, teacher
from server_process import Answer, Client, Server, served

from jupyter_social.core.people import Role, RosterEntry
from jupyter_social.core.permissions import PERMISSIONS
from jupyter_social.operations import OPERATIONS

SIZE, REVIEWS = 7, 2
OBSERVER = 0
NOBODY = "AAAAAAAAAAAAAAAAAAAAAA"
SCORES = [{"clear": 4, "whole": 1.5}, {"clear": 2, "whole": 0}, {"clear": 0, "whole": 1.5}]


@dataclass(frozen=True)
class Secret:
    """What differs between worlds: who sits in each slot, and in which order people finish."""

    seats: tuple[int, ...]
    hand_ins: tuple[int, ...]
    reviewing: tuple[int, ...]

    @classmethod
    def plain(cls, size: int = SIZE) -> Secret:
        return cls(tuple(range(size)), tuple(range(size)), (*range(1, size), OBSERVER))

    @classmethod
    def reversed(cls, size: int = SIZE) -> Secret:
        """Everybody but the observer in the opposite order: whatever sorts by people turns."""
        others = tuple(range(size - 1, 0, -1))
        # Turned by one, or the opposite seats would do their reviews at the same time again.
        reviewing = (*others[1:], OBSERVER, others[0])
        return cls((OBSERVER, *others), (OBSERVER, *others), reviewing)

    @classmethod
    def drawn(cls, rng: random.Random, size: int = SIZE) -> Secret:
        """Another seating of everybody but the observer, and other orders."""
        others = list(range(1, size))
        while others == list(range(1, size)):
            rng.shuffle(others)
        hand_ins, reviewing = list(range(1, size)), list(range(1, size))
        rng.shuffle(hand_ins)
        while set(reviewing[: size // 2]) == set(range(1, size // 2 + 1)):
            rng.shuffle(reviewing)
        # Half of the others come before the observer, so that their number can tell something.
        reviewing.insert(size // 2 + rng.randrange(size // 2), OBSERVER)
        return cls((OBSERVER, *others), (OBSERVER, *hand_ins), tuple(reviewing))


@dataclass
class Seen:
    """All that the observer could get, in order: bytes, headers and statuses."""

    lines: list[tuple[str, str, int, tuple[tuple[str, str], ...], bytes]] = field(
        default_factory=list
    )
    succeeded: set[str] = field(default_factory=set)
    exist: list[str] = field(default_factory=list)
    """What was answered otherwise for an id of somebody else than for one of nobody."""

    def note(self, when: str, operation: str, asked: str, answer: Answer) -> Answer:
        headers = tuple(sorted(_fixed(answer)))
        self.lines.append((when, asked, answer.status, headers, answer.body))
        if answer.status == 200:
            self.succeeded.add(operation)
        return answer


def student_operations() -> dict[str, Any]:
    """The operations that a student may call."""
    return {
        operation.name: operation
        for operation in OPERATIONS
        if Role.STUDENT in PERMISSIONS[operation.needs]
    }


class World:
    """One world being played, with the observer looking on."""

    def __init__(self, room: Classroom, server: Server, secret: Secret) -> None:
        self.room = room
        self.server = server
        self.secret = secret
        self.seen = Seen()
        self.teacher = server.client("teacher")
        self.clients = [server.client(f"student{seat:03d}") for seat in secret.seats]
        self.observer = self.clients[OBSERVER]
        self.previews: dict[int, str] = {}
        self.thorough = True

    def play(self) -> None:
        self.crawl("set-up")
        play.switch(self.teacher, "submission")
        self.crawl("nobody has handed in")
        self.submission()
        play.switch(self.teacher, "review")
        play.assign(self.teacher, REVIEWS, seed=5)
        self.crawl("assigned")
        self.review()
        play.release(self.teacher)
        self.crawl("released")
        self.write("feedback.open", "POST", "/assignments/ps1/my-feedback", {})
        self.crawl("opened")
        body = {"reason": "put right"}
        play.done(self.teacher.post("/assignments/ps1/release/take-back", body))
        self.crawl("taken back")
        play.release(self.teacher)
        self.write("feedback.open", "POST", "/assignments/ps1/my-feedback", {})
        self.feedback()
        play.switch(self.teacher, "closed")
        self.crawl("closed")

    def submission(self) -> None:
        for slot in range(SIZE):
            made = self.as_observer(slot)(
                "submissions.preview",
                "PUT",
                "/assignments/ps1/my-submission/preview",
                {"files": self.files(slot)},
            )
            self.previews[slot] = made["preview"]
        self.crawl("previewed")
        for slot in self.secret.hand_ins:
            self.room.clock.advance(seconds=61)
            self.hand_in(slot)
        self.write("submissions.withdraw-mine", "POST", f"{_MINE}/withdraw", {})
        self.hand_in_again(OBSERVER)
        self.crawl("handed in")

    def review(self) -> None:
        for turn, slot in enumerate(self.secret.reviewing):
            if turn == SIZE // 2:
                self.crawl("half of the reviews are in")
            self.room.clock.advance(seconds=67)
            self.write_reviews(slot)
        self.crawl("all reviews are in")

    def feedback(self) -> None:
        page = play.done(self.observer.get("/assignments/ps1/my-feedback"))
        first, second = (review["review"] for review in page["reviews"])
        path = "/assignments/ps1/my-feedback"
        self.write("feedback.rate", "PUT", f"{path}/{first}/helpful", {"helpful": True})
        self.write("feedback.report", "POST", f"{path}/{second}/report", {"reason": "unkind"})
        self.crawl("rated and reported")

    def files(self, slot: int) -> list[dict[str, str]]:
        """The same work in every world, but for what its owner's machine leaves in it."""
        seat = self.secret.seats[slot]
        who = student(seat).identity
        cell = code(
            f"# {who.name} worked on this\nanswer = {slot}",
            id="q1" if slot % 2 else f"cell-of-{who.username}",
            nbgrader={"grade_id": "q1"},
            execution={"iopub.execute_input": f"2026-01-10T12:00:{seat:02d}.123456Z"},
            outputs=[
                {
                    "output_type": "stream",
                    "name": "stdout",
                    "text": f"/home/{who.username}/course\n{who.email}\n",
                }
            ],
        )
        content = notebook(cell, authors=[{"name": who.name}], vscode={"hash": who.username})
        content["metadata"]["kernelspec"] = {"name": "python3", "display_name": who.username}
        name = "work.ipynb" if slot == OBSERVER else f"{who.username}.ipynb"
        return [{"name": name, "content": base64.b64encode(as_bytes(content)).decode()}]

    def hand_in(self, slot: int) -> None:
        body = {"preview": self.previews[slot]}
        if slot == OBSERVER:
            self.write("submissions.hand-in", "POST", _MINE, body)
        else:
            play.done(self.clients[slot].post(_MINE, body))

    def hand_in_again(self, slot: int) -> None:
        made = play.done(self.clients[slot].put(f"{_MINE}/preview", {"files": self.files(slot)}))
        self.previews[slot] = made["preview"]
        self.hand_in(slot)

    def write_reviews(self, slot: int) -> None:
        client = self.clients[slot]
        for number, review in enumerate(play.my_reviews(client)):
            if slot != OBSERVER:
                play.write_review(client, review, SCORES[(slot + number) % 3])
                continue
            path = f"/assignments/ps1/my-reviews/{review}"
            body = {"scores": SCORES[number % 3], "overall": "Well done."}
            self.write("reviews.save", "PUT", path, {"version": 0, "body": body})
            self.write("reviews.submit", "POST", path, {"version": 1, "body": body})
            self.write("reviews.take-back", "POST", f"{path}/take-back", {})
            self.write("reviews.submit", "POST", path, {"version": 1, "body": body})

    def write(self, operation: str, method: str, path: str, body: Any) -> Any:
        """The observer does something, and it works."""
        answer = self.observer.write(method, path, body, key=None)
        self.seen.note("writes", operation, f"{method} {path}", answer)
        return play.done(answer)

    def as_observer(self, slot: int) -> Callable[..., Any]:
        if slot == OBSERVER:
            return self.write
        client = self.clients[slot]
        return lambda _, method, path, body: play.done(client.write(method, path, body, key=None))

    def crawl(self, when: str) -> None:
        """Get all that the observer can get, and try what they cannot."""
        mine = self.ids_of(self.observer)
        others = self.ids_of_others(mine)
        for operation in student_operations().values():
            if operation.method != "GET" and not self.thorough:
                continue
            for fields in _fillings(operation.path, mine):
                self.ask(when, operation, fields)
            if not re.search(r"\{(review|preview)\}", operation.path):
                continue
            for fields in _fillings(operation.path, others):
                nobody = {
                    name: NOBODY if name in ("review", "preview") else value
                    for name, value in fields.items()
                }
                told = [self.ask(when, operation, found) for found in (fields, nobody)]
                same = {(a.status, a.body, tuple(sorted(_fixed(a)))) for a in told}
                if len(same) > 1:
                    self.seen.exist.append(f"{when}: {operation.name} {fields}: {same}")

    def ask(self, when: str, operation: Any, fields: dict[str, str]) -> Answer:
        """Read, or for writes send an empty request: its refusal must tell nothing either."""
        path = operation.path.format(**fields)
        asked = f"{operation.method} {path}"
        if operation.method == "GET":
            answer = self.observer.get(path)
        else:
            answer = self.observer.write(operation.method, path, {"nonsense": 1}, key=None)
        return self.seen.note(when, operation.name, asked, answer)

    def ids_of(self, client: Client) -> dict[str, list[str]]:
        """The ids that somebody has seen."""
        reviews = client.get("/assignments/ps1/my-reviews").json.get("reviews", [])
        feedback = client.get("/assignments/ps1/my-feedback").json.get("reviews", [])
        names = {name for review in reviews for name in review["notebooks"]}
        return {
            "assignment": ["ps1", "team", "nothing"] if self.thorough else ["ps1"],
            "review": [row["review"] for row in (*reviews, *feedback)],
            "preview": [self.previews[OBSERVER]] if OBSERVER in self.previews else [],
            "notebook": sorted({"work.ipynb", "notebook-1.ipynb", *names}),
        }

    def ids_of_others(self, mine: dict[str, list[str]]) -> dict[str, list[str]]:
        """Ids that exist and are not the observer's: of one other reviewer, author and preview."""
        found = self.ids_of(self.clients[1])
        known = set(mine["review"])
        return {
            "assignment": ["ps1"],
            "review": [review for review in found["review"] if review not in known],
            "preview": [self.previews[1]] if 1 in self.previews else [],
            "notebook": ["work.ipynb"],
        }

    def pairs(self) -> list[Any]:
        """What staff see who reveal, with a reason."""
        body = {"reason": "a test"}
        answer = self.teacher.post("/assignments/ps1/reviews/reveal", body)
        return sorted(play.done(answer)["pairs"])


_MINE = "/assignments/ps1/my-submission"


def _fixed(answer: Answer) -> Iterator[tuple[str, str]]:
    """The headers but for the web server's clock and the Jupyter server's own sign-in."""
    for name, value in answer.headers.items():
        own = name.lower() == "set-cookie" and value.startswith("username-")
        if name.lower() != "date" and not own:
            yield name.lower(), value


def _fillings(path: str, ids: dict[str, list[str]]) -> list[dict[str, str]]:
    """Every way to fill the fields of a path."""
    fillings: list[dict[str, str]] = [{}]
    for name in re.findall(r"\{(\w+)\}", path):
        fillings = [{**filled, name: value} for filled in fillings for value in ids[name]]
    return fillings


@contextmanager
def a_world(folder: Path, url: str, secret: Secret) -> Iterator[World]:
    """A class in a new folder and database, served."""
    room = Classroom.new(folder, url, seed=1)
    room.replace_roster(
        [*(student(seat) for seat in range(SIZE)), RosterEntry(teacher(), Role.INSTRUCTOR)]
    )
    try:
        with served(
            room, reads_per_ten_seconds=10**6, writes_per_minute=10**6, job_seconds=3600
        ) as server:
            yield World(room, server, secret)
    finally:
        room.close()


def differences(one: Seen, other: Seen) -> list[str]:
    """Say in words what an observer could tell by: the worlds apart, or what exists."""
    told = [*one.exist, *other.exist]
    for mine, yours in zip(one.lines, other.lines, strict=False):
        for what, a, b in zip(
            ("when", "asked", "status", "headers", "body"), mine, yours, strict=True
        ):
            if a != b:
                told.append(f"{mine[0]}, {mine[1]}: {what} {a!r} and {b!r}")
    if len(one.lines) != len(other.lines):
        told.append(f"{len(one.lines)} and {len(other.lines)} answers")
    return told
