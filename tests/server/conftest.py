"""A class of four behind a server, shared by the tests of a module that change nothing in it.

Beside the real operations there are a few made for tests: a page, one that fails, one that takes
every kind of field.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

import pytest
from builders import Classroom
from server_process import Server, served

from jupyter_social.core.errors import Invalid
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.permissions import Action
from jupyter_social.core.views import Page, View
from jupyter_social.operations import OPERATIONS
from jupyter_social.server.addresses import Addresses

SECRET_NAME = "Ada " + "Lovelace"
MANY = 1_000_000


class Asked(View):
    """Takes every kind of field."""

    number: int
    text_field: str = ""
    also: bool | None = None
    items: tuple[str, ...] = ()


class Told(View):
    """What was understood."""

    number: int
    text_field: str
    also: bool | None
    items: tuple[str, ...]
    caller: str


class Nothing(View):
    """Asks for nothing in particular."""


def tell(act: Act, request: Asked) -> Told:
    """Answer what was understood."""
    return Told(**request.model_dump(), caller=act.actor.label)


def show(act: Act, request: Nothing) -> Page:
    """Show a page."""
    return Page(html="<p>Übung</p>")


def fail(act: Act, request: Nothing) -> Told:
    """Fail, with a name in the message."""
    try:
        raise KeyError(SECRET_NAME)
    except KeyError:
        raise RuntimeError(f"{SECRET_NAME} did it") from None


class Gate:
    """Lets an operation wait until a test says so."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def wait(self, act: Act, request: Nothing) -> Told:
        """Wait."""
        self.reached.set()
        assert self.open.wait(30)
        raise Invalid("The gate was opened.")


GATE = Gate()
ROSTER = Action.READ_ROSTER
EXTRA = (
    Operation("test.ask", "GET", "/things/{number}", tell, Asked, Told, ROSTER),
    Operation("test.tell", "POST", "/things/{number}", tell, Asked, Told, ROSTER),
    Operation("test.page", "GET", "/page", show, Nothing, Page, ROSTER),
    Operation("test.fail", "GET", "/fail", fail, Nothing, Told, ROSTER),
    Operation("test.wait", "GET", "/wait", GATE.wait, Nothing, Told, ROSTER),
)


def extend(server: Server) -> Server:
    """Let the server serve the operations made for tests, too."""
    server.extension.service.addresses = Addresses((*OPERATIONS, *EXTRA))
    return server


@contextlib.contextmanager
def own_folders(folder: object) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONFIG", "DATA", "RUNTIME"):
            patch.setenv(f"JUPYTER_{name}_DIR", f"{folder}/jupyter-{name.lower()}")
        patch.delenv("JUPYTER_SOCIAL_DATABASE", raising=False)
        yield


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
