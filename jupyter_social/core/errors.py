"""What can be refused, and how a refusal is told.

Every refusal is a `Problem`: a stable code for programs and a sentence that tells a person in a
hurry what to do. The server answers it as RFC 9457 problem details, the command line prints its
sentence, and nothing else of the stack reaches the user.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

NOTHING_HERE = "There is nothing of that name here that you can open."
"""What everybody is told of what does not exist or is not theirs: one sentence for both."""


class Problem(Exception):
    """A refusal with a stable code; subclasses name the kind, `detail` says what to do next.

    `members` are what a program needs to go on, such as the text that stands (RFC 9457, 3.2).
    """

    code: ClassVar[str] = "problem"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "This did not work"
    retry_after: int | None = None
    """After how many seconds it is worth asking again, where it is."""

    def __init__(self, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members: Mapping[str, object] = members

    def details(self) -> dict[str, object]:
        """The problem as an `application/problem+json` object (RFC 9457, section 3.1)."""
        return {
            "type": f"urn:jupyter-social:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }


class Invalid(Problem):
    """What was sent cannot be used as it is."""

    code = "invalid"
    status = 422
    title = "Something in the input needs to change"


class NotFound(Problem):
    """There is no such thing, or it is not this person's to see: both are told alike."""

    code = "not-found"
    status = 404
    title = "Not found"


class Conflict(Problem):
    """The request is fine but does not fit what has happened meanwhile."""

    code = "conflict"
    status = 409
    title = "This does not fit the present state"


class NotNow(Conflict):
    """The phase or a deadline does not allow it: too early, or too late."""

    code = "not-now"
    title = "This is not the time for it"


class Unavailable(Problem):
    """Nothing is wrong with the request; the service cannot take it now. Try again later."""

    code = "unavailable"
    status = 503
    title = "Not possible right now"
    retry_after = 1


class Malformed(Problem):
    """What was sent is not even read: no JSON, or an address that makes no sense."""

    code = "malformed"
    status = 400
    title = "This request cannot be read"


class Forbidden(Problem):
    """Nobody is signed in, or the server itself refuses them."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class MethodNotAllowed(Problem):
    """The address is right, what is to be done with it is not."""

    code = "method-not-allowed"
    status = 405
    title = "This cannot be done here"


class TooLarge(Problem):
    """More was sent than is read."""

    code = "too-large"
    status = 413
    title = "Too much at once"


class UnsupportedMedia(Problem):
    """What was sent has a form that is not read."""

    code = "unsupported-media"
    status = 415
    title = "This form is not read here"


class TooMany(Problem):
    """One person asks faster than the service lets anybody."""

    code = "too-many"
    status = 429
    title = "Too fast"

    def __init__(self, detail: str, *, retry_after: int = 1, **members: object) -> None:
        super().__init__(detail, **members)
        self.retry_after = retry_after


class Failed(Problem):
    """The program itself failed; why stands in the log, not in the answer."""

    code = "failed"
    status = 500
    title = "Something went wrong here"


def problem_told(details: Mapping[str, object]) -> Problem:
    """Return the problem that another process told as problem details.

    It has the class of its code where this process knows it, else that of its status, so that
    `except Invalid` means the same on both sides of a wire.
    """
    code = str(details.get("type", "")).rpartition(":")[2]
    known: list[type[Problem]] = [*_kinds(Problem), Problem]
    kind = next((found for found in known if found.code == code), None) or next(
        (found for found in known if found.status == details.get("status")), Problem
    )
    told = kind.__new__(kind)
    # Not through the kind's own beginning, which may want more than the sentence.
    members = {name: value for name, value in details.items() if name not in _STANDARD_MEMBERS}
    Problem.__init__(told, str(details.get("detail") or "The server did not say why."), **members)
    return told


_STANDARD_MEMBERS = frozenset({"type", "title", "status", "detail", "instance"})


def _kinds(kind: type[Problem]) -> Iterator[type[Problem]]:
    for below in kind.__subclasses__():
        yield below
        yield from _kinds(below)
