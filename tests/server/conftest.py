"""A class of four behind a server, shared by the tests of a module that change nothing in it.

Beside the real operations it offers those of `server_operations`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from builders import Classroom
from own_folders import own_folders
from server_operations import EXTRA
from server_process import Server, served

from jupyter_social.operations import OPERATIONS
from jupyter_social.server.addresses import Addresses

MANY = 1_000_000


def extend(server: Server) -> Server:
    """Let the server serve the operations made for tests, too."""
    server.extension.service.addresses = Addresses((*OPERATIONS, *EXTRA))
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A class of four and their teacher, all of whom may ask as fast as they can."""
    folder = tmp_path_factory.mktemp("class")
    with own_folders(folder):
        room = Classroom.new(folder / "course", f"sqlite:///{folder / 'state' / 'course.db'}")
        room.with_students(4).who_all_hand_in()
        with served(
            room, reads_per_ten_seconds=MANY, writes_per_minute=MANY, body_seconds=1.0
        ) as running:
            yield extend(running)
        room.close()
