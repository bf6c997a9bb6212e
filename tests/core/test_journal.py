"""The journal is dense and in commit order on both databases."""

from __future__ import annotations

from collections.abc import Callable

from builders import Classroom

from jupyter_social.core import journal


def test_events_are_numbered_without_a_gap(
    a_course: Callable[..., Classroom], database_url: str
) -> None:
    room = a_course(database_url).with_students(3).who_all_hand_in()
    events = room.app.database.read(lambda tx: journal.read_since(tx, room.app.course, 0))
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert [event.kind for event in events] == ["roster.replaced", *["submission.received"] * 3]
