"""Many clients at once on the servers of one course."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import http_round as play
import open_course
from real_server import RealServer, running
from server_process import SECONDS, Answer, Client

from jupyter_social.core.database import create_database_engine

STUDENTS = 24
REVIEWERS = 6
ASSIGNMENTS = tuple(f"a{number}" for number in range(50))

Sent = tuple[str, str, object]
"""A method, a path below the course, and a body."""


@dataclass
class Arena:
    """Servers of one course, and assignments of it that nothing has happened in yet."""

    servers: list[RealServer]
    url: str
    fresh: Iterator[str]

    def client(self, username: str, nth: int = 0) -> Client:
        return self.servers[nth % len(self.servers)].client(username)

    @property
    def lead(self) -> Client:
        return self.client("teacher")

    def students(self, number: int) -> list[Client]:
        return [self.client(f"student{nth:03d}", nth) for nth in range(number)]

    def reviewing(self) -> tuple[str, list[str]]:
        """An assignment under review, and the reviews of student000."""
        name, students = next(self.fresh), self.students(REVIEWERS)
        open_course.begin_reviews(self.lead, students, name, reviews=2)
        return name, play.my_reviews(students[0], assignment=name)

    def ask(self, statement: str) -> list[Any]:
        engine = create_database_engine(self.url)
        with engine.connect() as connection:
            found = connection.exec_driver_sql(statement).all()
        engine.dispose()
        return list(found)

    def at_once(self, requests: Sequence[tuple[str, Sent]], key: str | None = None) -> list[Answer]:
        """Send all requests in the same instant, each by its own connection."""
        barrier = threading.Barrier(len(requests))
        answers: list[Answer | BaseException | None] = [None] * len(requests)

        def send(nth: int, who: str, sent: Sent) -> None:
            try:
                answers[nth] = _sent(self.client(who, nth), sent, key, barrier)
            except BaseException as wrong:
                answers[nth] = wrong

        threads = [
            threading.Thread(target=send, args=(nth, who, sent))
            for nth, (who, sent) in enumerate(requests)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
        found = [answer for answer in answers if isinstance(answer, Answer)]
        assert len(found) == len(requests), answers
        return found


def _sent(client: Client, sent: Sent, key: str | None, barrier: threading.Barrier) -> Answer:
    method, path, body = sent
    headers = {**client.headers, "Content-Type": "application/json"}
    if key is not None:
        headers["Idempotency-Key"] = key
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=SECONDS)
    connection.connect()
    barrier.wait(SECONDS)
    address = f"{client.prefix}courses/{client.course}{path}"
    connection.request(method, address, open_course.as_json(body), headers)
    answer = connection.getresponse()
    found = Answer(answer.status, dict(answer.headers.items()), answer.read())
    connection.close()
    return found


@contextmanager
def arena(folder: Path, url: str, *, servers: int, fault: str = "") -> Iterator[Arena]:
    course = open_course.make_course(folder / "course", url, ASSIGNMENTS, students=STUDENTS)
    with ExitStack() as stack:
        started = [
            stack.enter_context(running(folder / f"server-{nth}", course, url, fault=fault))
            for nth in range(servers)
        ]
        yield Arena(started, url, iter(ASSIGNMENTS))
