"""Operations made for tests of the server: a page, one that fails, one that waits, one that takes
every kind of field."""

from __future__ import annotations

import threading

from jupyter_social.core.errors import Invalid
from jupyter_social.core.operations import Act, Operation
from jupyter_social.core.permissions import Action
from jupyter_social.core.views import Page, View

SECRET_NAME = "Ada " + "Lovelace"


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

    def shut(self) -> None:
        """Let the next one wait, too."""
        self.reached.clear()
        self.open.clear()

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
