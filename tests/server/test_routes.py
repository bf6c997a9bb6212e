"""The operation table over HTTP, through a real Jupyter server."""

from __future__ import annotations

from server_process import served


def test_staff_reads_the_roster(a_course) -> None:
    room = a_course().with_students(3)
    with served(room) as server:
        answer = server.client("teacher").get("/roster")
        print(answer, "\n".join(server.log))
        assert answer.status == 200
