"""kill -9 of the server under writing clients: what was answered is there, and there once.

What is killed is the service with its handlers and database in a process of its own, without the
rest of a Jupyter server (see `light_server`), so that a hundred kills take a minute.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote

import http_round as play
import light_server
import open_course
import pytest
from nightly import times
from server_process import Answer, Client

from jupyter_social.core.ownership import announced_door

STUDENTS = 6
SECONDS = 60
LONGEST_LIFE = 0.4
DRAFTED, HANDED_IN, RATED = "drafted", "handed", "rated"


class Killable:
    """The server, which can be started and killed again and again."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "state" / "course.db"
        self.log = folder / "server.log"
        url = f"sqlite:///{self.file}"
        course = folder / "course"
        open_course.make_course(course, url, (DRAFTED, HANDED_IN, RATED), students=STUDENTS)
        self.process = subprocess.Popen(
            [sys.executable, light_server.__file__, course, url, self.log],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.pid = 0
        self.door: tuple[int, str] = (0, "")

    def start(self, fault: str = "") -> None:
        """Start it, with a fault or without, and wait until it answers."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{fault}\n".encode())
        self.process.stdin.flush()
        self.pid = int(self.process.stdout.readline())
        for _ in range(SECONDS * 200):
            door = announced_door(self.file)
            if door is not None and f'"pid": {self.pid}' in self._note():
                self.door = (int(door.address.rpartition(":")[2]), door.secret)
                # The note may be that of the one before, whose door is shut by now.
                with suppress(OSError):
                    if self.client("teacher").get("/roster").status != 503:
                        return
            time.sleep(0.005)
        raise AssertionError("it did not start again: " + self.log.read_text())

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def client(self, username: str) -> Client:
        port, secret = self.door
        headers = {"Authorization": f"Bearer {secret}", "X-Act-For": quote(username)}
        return Client(port, headers=headers)

    def query(self, statement: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.file, timeout=SECONDS)) as connection:
            return connection.execute(statement, values).fetchall()

    def _note(self) -> str:
        try:
            return self.file.with_name(self.file.name + ".owner").read_text()
        except FileNotFoundError:
            return ""


@dataclass
class Writer:
    """A student who writes without end and counts what was answered."""

    server: Killable
    name: str
    review: str
    received: str
    acknowledged: dict[str, int] = field(
        default_factory=lambda: {"saves": 0, "entries": 0, "hand-ins": 0, "ratings": 0}
    )
    retries: int = 0
    trouble: str = ""
    done: int = 0

    def write(self, stop: threading.Event) -> None:
        """Write until told to stop; the last thing that was begun is finished."""
        try:
            while not stop.is_set():
                self._one_of_each()
        except AssertionError as wrong:
            self.trouble = f"{self.name}: {wrong}"

    def _one_of_each(self) -> None:
        self.done += 1
        mine = open_course.review_path(DRAFTED, self.review)
        self._save(mine, f"first of {self.done}")
        self._save(mine, f"second of {self.done}")
        body = open_course.text(f"second of {self.done}")
        self._send("POST", mine, {"version": self.acknowledged["saves"], "body": body})
        self.acknowledged["entries"] += 1
        self._send("POST", f"{mine}/take-back", {})
        self.acknowledged["entries"] += 1
        rated = f"/assignments/{RATED}/my-feedback/{self.received}/helpful"
        self._send("PUT", rated, {"helpful": True, "said": str(self.acknowledged["ratings"] + 1)})
        self.acknowledged["ratings"] += 1
        self._hand_in()

    def _save(self, path: str, words: str) -> None:
        body = {"version": self.acknowledged["saves"], "body": open_course.text(words)}
        answer = self._send("PUT", path, body)
        self.acknowledged["saves"] += 1
        assert answer["version"] == self.acknowledged["saves"], "the answer is of another save"

    def _hand_in(self) -> None:
        path = f"/assignments/{HANDED_IN}/my-submission"
        files = play.sent_files(play.work(f"answer = '{self.name} {self.done}'"))
        made = self._send("PUT", f"{path}/preview", files)
        answer = self._send("POST", path, {"preview": made["preview"]})
        self.acknowledged["hand-ins"] += 1
        assert answer["version"] == self.acknowledged["hand-ins"], "another version was answered"

    def _send(self, method: str, path: str, body: object) -> Any:
        """Send until there is an answer, always with the same key."""
        key = os.urandom(8).hex()
        for _ in range(SECONDS * 100):
            try:
                answer = self._try(method, path, body, key)
                if answer.status != 503:
                    return play.done(answer)
            except (OSError, HTTPException):
                self.retries += 1
                time.sleep(0.01)
        raise AssertionError("nobody answers")

    def _try(self, method: str, path: str, body: object, key: str) -> Answer:
        return self.server.client(self.name).write(method, path, body, key=key)

    def stored(self) -> dict[str, int]:
        """The same counts from the database."""
        ask = self.server.query
        saves = ask("SELECT version FROM review_draft WHERE review_id = ?", self.review)
        entries = ask("SELECT count(*) FROM review_entry WHERE review_id = ?", self.review)
        versions = ask(
            "SELECT count(*) FROM submission s JOIN unit u ON u.id = s.unit_id "
            "JOIN member m ON m.person_id = u.person_id "
            "WHERE m.username = ? AND s.assignment = ?",
            self.name,
            HANDED_IN,
        )
        said = ask(
            "SELECT h.text FROM helpfulness h JOIN feedback f ON f.review_id = h.review_id "
            "WHERE f.id = ?",
            self.received,
        )
        found = {"saves": saves, "entries": entries, "hand-ins": versions, "ratings": said}
        return {what: int(rows[0][0]) if rows else 0 for what, rows in found.items()}


@contextmanager
def writing(folder: Path) -> Iterator[tuple[Killable, list[Writer]]]:
    """A served class, each of whom has a review to write, work to hand in and one to rate."""
    server = Killable(folder)
    try:
        server.start()
        lead = server.client("teacher")
        names = [f"student{number:03d}" for number in range(STUDENTS)]
        students = [server.client(name) for name in names]
        open_course.begin_reviews(lead, students, DRAFTED, reviews=2)
        open_course.release_all(lead, students, RATED)
        play.switch(lead, "submission", assignment=HANDED_IN)
        yield server, [_writer(server, name) for name in names]
    finally:
        assert server.process.stdin
        assert server.process.stdout
        server.process.stdin.close()
        server.process.wait(SECONDS)
        server.process.stdout.close()


def _writer(server: Killable, name: str) -> Writer:
    client = server.client(name)
    review = play.my_reviews(client, assignment=DRAFTED)[0]
    page = play.open_feedback(client, assignment=RATED)
    return Writer(server, name, review, page["reviews"][0]["review"])


def killed(server: Killable, writers: list[Writer], kills: int, *, fault: str = "") -> list[str]:
    """Kill so often while all write; returns what was lost or doubled."""
    chance, stop, wrong = random.Random(1), threading.Event(), []
    threads = [threading.Thread(target=writer.write, args=(stop,)) for writer in writers]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        time.sleep(chance.uniform(0, LONGEST_LIFE))
        server.kill()
        answered = [dict(writer.acknowledged) for writer in writers]
        server.start(fault)
        assert server.query("PRAGMA integrity_check") == [("ok",)]
        for writer, counts in zip(writers, answered, strict=True):
            there = writer.stored()
            wrong += [
                f"{writer.name} lost {what}: {counts[what]} answered, {there[what]} there"
                for what in counts
                if there[what] < counts[what]
            ]
    stop.set()
    for thread in threads:
        thread.join(SECONDS)
    wrong += [writer.trouble for writer in writers if writer.trouble]
    wrong += [
        f"{writer.name}: {writer.acknowledged} answered, {writer.stored()} there"
        for writer in writers
        if writer.stored() != writer.acknowledged
    ]
    return wrong


@pytest.mark.timeout(3600)
def test_nothing_answered_is_lost_or_doubled(tmp_path: Path) -> None:
    kills = times(100)
    with writing(tmp_path) as (server, writers):
        assert killed(server, writers, kills) == []
        submitted = sum(writer.acknowledged["entries"] for writer in writers) // 2
        kinds = "SELECT count(*) FROM journal WHERE kind = ?"
        before = 2 * STUDENTS
        assert server.query(kinds, "review.submitted") == [(submitted + before,)]
        assert server.query(kinds, "review.taken-back") == [(submitted,)]
        answered = sum(sum(writer.acknowledged.values()) for writer in writers)
        print(f"{kills} kills, {answered} writes, {sum(w.retries for w in writers)} retries")
        assert answered > kills
        assert sum(writer.retries for writer in writers) > kills
        assert "died by itself" not in server.log.read_text()
        assert "ERROR" not in server.log.read_text()


@pytest.mark.parametrize(
    ("fault", "told"), [("ack_before_commit", "lost"), ("done_again", "answered, ")]
)
def test_a_server_that_loses_or_doubles_is_noticed(tmp_path: Path, fault: str, told: str) -> None:
    with writing(tmp_path) as (server, writers):
        wrong = killed(server, writers, 12, fault=fault)
    assert [line for line in wrong if told in line], wrong
